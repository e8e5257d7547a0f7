import type { Diagnosis } from '../state/diagnoses.js';
import type { Evidence } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { isBad } from './causes.js';
import type { LinkedFinding } from './check.js';
import { podIndex } from './pod-index.js';
import { podExplainedBy } from './pod-links.js';
import { clause } from './wording.js';

/**
 * Bad findings with what the parts in trouble said themselves: the line as evidence, and where the finding has no better fix than to start it again, the known cause and its fix. What is in trouble
 * and has a known cause, but that no finding tells yet, is told as `known-failures`.
 */
export function diagnosed(findings: readonly LinkedFinding[], snapshot: ClusterSnapshot): readonly LinkedFinding[] {
  const { value, freshness } = snapshot.diagnoses;
  if (freshness.status !== 'live' || value === null || value.length === 0) return findings;
  const byTag = indexByTag(value);
  const joined = findings.map((finding) => (isBad(finding) && finding.underWay !== true ? withDiagnoses(finding, byTag) : finding));
  return [...joined, ...untold(value, joined, snapshot)];
}

type ByTag = ReadonlyMap<string, readonly Diagnosis[]>;

function indexByTag(diagnoses: readonly Diagnosis[]): ByTag {
  const byTag = new Map<string, Diagnosis[]>();
  for (const diagnosis of diagnoses) {
    for (const tag of diagnosis.tags) {
      // A line of the kernel is about the whole machine: only what it explains there says which finding it belongs to.
      if (tag === diagnosis.object && isMachine(tag)) continue;
      const known = byTag.get(tag);
      if (known === undefined) byTag.set(tag, [diagnosis]);
      else known.push(diagnosis);
    }
  }
  return byTag;
}

function withDiagnoses(finding: LinkedFinding, byTag: ByTag): LinkedFinding {
  const found = [...new Set(tagsOf(finding).flatMap((tag) => byTag.get(tag) ?? []))];
  if (found.length === 0) return finding;
  const telling = found.find((diagnosis) => isTelling(diagnosis, finding));
  const told = finding.evidence ?? [];
  const inOrder = telling === undefined ? found : [telling, ...found.filter((other) => other !== telling)];
  const more = inOrder.map(evidenceOf).filter(({ text }) => !told.some((known) => known.text === text));
  const evidence = [...told, ...more].slice(0, Math.max(told.length, mostEvidence));
  if (telling === undefined) return { ...finding, message: quoting(finding, found), evidence };
  const message = saysAlready(finding, telling) ? finding.message : `${clause(finding.headline ?? finding.message)}: ${clause(telling.cause)}`;
  return { ...finding, message, fix: telling.fix, evidence };
}

/** Findings about a node have its name as their object whatever they are about: there, what they explain says it. */
function tagsOf({ object, explains }: LinkedFinding): readonly string[] {
  return isMachine(object) || object === 'cluster' ? explains : [object, ...explains];
}

function isMachine(object: string): boolean {
  return object.startsWith('node/') || object.startsWith('host/');
}

/**
 * Whether a known failure says more than the finding does. An operation that does more than start something again comes from a check that knows the cause. Over a restart goes only what the very
 * thing said that would be restarted: what is said elsewhere may follow from it.
 */
function isTelling(diagnosis: Diagnosis, finding: LinkedFinding): boolean {
  const { fix } = finding;
  if (fix === null || isOwn(diagnosis, finding)) return fix?.operation === undefined || restarts.has(fix.operation.id);
  return fix.operation === undefined && diagnosis.fix.operation !== undefined;
}

/** Where the check knows the cause by itself, the thing's own few words for it. */
function quoting(finding: LinkedFinding, found: readonly Diagnosis[]): string {
  const own = found.find((diagnosis) => isOwn(diagnosis, finding) && diagnosis.said !== undefined);
  return own === undefined || finding.fix?.operation === undefined ? finding.message : `${finding.message} (it says "${own.said}")`;
}

/** Said by what the finding is about, not by something beside it. */
function isOwn({ object }: Diagnosis, finding: LinkedFinding): boolean {
  return !isMachine(object) && (object === finding.object || finding.explains.includes(object));
}

const restarts: ReadonlySet<string> = new Set(['delete-pod', 'restart-workload', 'restart-unit']);
const mostEvidence = 3;

function saysAlready({ message }: LinkedFinding, { cause }: Diagnosis): boolean {
  return message.toLowerCase().includes(clause(cause).toLowerCase());
}

function evidenceOf({ source, line }: Diagnosis): Evidence {
  return { source, text: line };
}

/** Pods that are in trouble now and that no bad finding is about. One line per object, the gravest cause first. */
function untold(diagnoses: readonly Diagnosis[], findings: readonly LinkedFinding[], snapshot: ClusterSnapshot): readonly LinkedFinding[] {
  const index = podIndex(snapshot.pods);
  if (index === null) return [];
  const told = new Set(findings.filter(isBad).flatMap((finding) => [finding.object, ...finding.explains]));
  const troubled = new Map(index.troubled.map((pod) => [`pod/${pod.namespace}/${pod.name}`, pod]));
  const found = new Map<string, LinkedFinding>();
  for (const diagnosis of diagnoses) {
    const pod = troubled.get(diagnosis.object);
    if (pod === undefined || found.has(diagnosis.object) || diagnosis.tags.some((tag) => told.has(tag)) || pod.deletedAt !== null) continue;
    found.set(diagnosis.object, {
      id: knownFailures,
      object: diagnosis.object,
      status: 'warn',
      severity: 'warning',
      message: `Pod ${pod.namespace}/${pod.name}: ${clause(diagnosis.cause)}`,
      fix: diagnosis.fix,
      evidence: [evidenceOf(diagnosis)],
      explains: diagnosis.tags,
      explainedBy: podExplainedBy(pod),
    });
  }
  return [...found.values()].slice(0, 25);
}

/** The id of findings that only a known failure tells of. */
export const knownFailures = 'known-failures';
