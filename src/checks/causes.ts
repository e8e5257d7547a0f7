import type { Cause } from '../state/report.js';
import type { Check, LinkedFinding } from './check.js';

/**
 * The bad findings that nothing else explains, each with those that follow from it, worst first. `findings` come in the order of the
 * registry, which decides between several reasons and breaks circles.
 */
export function causesOf(findings: readonly LinkedFinding[], checks: readonly Check[]): readonly Cause[] {
  const bad = findings.filter(isBad);
  if (bad.length === 0) return [];
  const explainers = indexByTag(bad);
  const dependencies = new Map(checks.map((check) => [check.id, new Set(check.dependsOn)]));
  const reasons = new Map<LinkedFinding, LinkedFinding>();
  for (const finding of findings) {
    if (!isBad(finding) && finding.status !== 'unknown') continue;
    const reason = reasonFor(finding, explainers, dependencies.get(finding.id));
    if (reason !== null) reasons.set(finding, reason);
  }
  const place = new Map(findings.map((finding, index) => [finding, index]));
  const follows = new Map<LinkedFinding, LinkedFinding[]>(bad.filter((finding) => rootOf(finding, reasons, place) === finding).map((root) => [root, []]));
  for (const finding of reasons.keys()) {
    const root = rootOf(finding, reasons, place);
    if (root !== finding) follows.get(root)?.push(finding);
  }
  return [...follows]
    .map(([finding, consequences]) => ({ finding, follows: consequences }))
    .sort((a, b) => weight(b.finding) - weight(a.finding) || b.follows.length - a.follows.length);
}

export function isBad(finding: { readonly status: string }): boolean {
  return finding.status === 'fail' || finding.status === 'warn';
}

function indexByTag(bad: readonly LinkedFinding[]): ReadonlyMap<string, readonly LinkedFinding[]> {
  const byTag = new Map<string, LinkedFinding[]>();
  for (const finding of bad) {
    for (const tag of finding.explains) {
      const known = byTag.get(tag);
      if (known === undefined) byTag.set(tag, [finding]);
      else known.push(finding);
    }
  }
  return byTag;
}

/** The finding that explains the first group, provided that every group is explained by something. */
function reasonFor(
  finding: LinkedFinding,
  byTag: ReadonlyMap<string, readonly LinkedFinding[]>,
  dependsOn: ReadonlySet<string> | undefined,
): LinkedFinding | null {
  let reason: LinkedFinding | null = null;
  for (const group of finding.explainedBy) {
    const found = firstOf(group, finding, byTag, dependsOn);
    if (found === null) return null;
    reason ??= found;
  }
  return reason;
}

function firstOf(
  group: readonly string[],
  finding: LinkedFinding,
  byTag: ReadonlyMap<string, readonly LinkedFinding[]>,
  dependsOn: ReadonlySet<string> | undefined,
): LinkedFinding | null {
  for (const tag of group) {
    const found = byTag.get(tag)?.find((candidate) => candidate !== finding && dependsOn?.has(candidate.id));
    if (found !== undefined) return found;
  }
  return null;
}

/** Follows reasons to the one that has none; out of a circle the first of the registry is taken. */
function rootOf(finding: LinkedFinding, reasons: ReadonlyMap<LinkedFinding, LinkedFinding>, place: ReadonlyMap<LinkedFinding, number>): LinkedFinding {
  const path: LinkedFinding[] = [];
  let current = finding;
  for (;;) {
    path.push(current);
    const next = reasons.get(current);
    if (next === undefined) return current;
    const met = path.indexOf(next);
    if (met >= 0) return path.slice(met).reduce((first, other) => ((place.get(other) ?? 0) < (place.get(first) ?? 0) ? other : first));
    current = next;
  }
}

function weight(finding: LinkedFinding): number {
  const severity = finding.severity === 'critical' ? 2 : finding.severity === 'warning' ? 1 : 0;
  return severity * 2 + (finding.status === 'fail' ? 1 : 0);
}
