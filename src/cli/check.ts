import { matches } from '../checks/glob.js';
import { checks } from '../checks/registry.js';
import { reportOf, reportSources } from '../checks/report.js';
import type { Session } from '../session.js';
import { whyMissing } from '../state/freshness.js';
import type { CheckReport } from '../state/report.js';
import type { ClusterSnapshot, Slices } from '../state/snapshot.js';
import { clockTime, duration } from '../text/age.js';
import { checkJson } from './check-json.js';
import { checkText } from './check-text.js';
import { notReached } from './not-reached.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { settle } from './settle.js';

export interface CheckCommand {
  readonly output: 'text' | 'json';
  /** Glob over the ids of the checks; null for all. */
  readonly only: string | null;
  /** Keep looking until the verdict is good, for at most so long; null to look once. */
  readonly waitMs: number | null;
  /** What counts as failed: critical findings, or warnings too. */
  readonly failOn: 'critical' | 'warning';
}

/** `check`: prints what the checklist found. Resolves to 0 good (or degraded, unless warnings count) · 1 failed · 2 could not look. */
export async function runCheck(session: Session, options: CheckCommand, out: Output): Promise<number> {
  const { only } = options;
  if (only !== null && !checks.some((check) => matches(only, check.id))) {
    out.stderr(`gpuk8s-tui: no check is called ${only}; there are ${checks.map((check) => check.id).join(', ')}\n`);
    return 2;
  }
  await settle(session, sources, firstLookMs);
  if (options.waitMs !== null) await goodOrTimeUp(session, options, options.waitMs, out);
  const snapshot = session.snapshot();
  const report = narrowed(reportIn(snapshot), only);
  const trouble = notReached(snapshot.connection);
  out.stdout(options.output === 'json' ? `${JSON.stringify(checkJson(snapshot, report), null, 2)}\n` : paint(checkText(snapshot, report), out.isTty));
  if (trouble !== null) out.stderr(`gpuk8s-tui: ${trouble}\n`);
  else if (report.verdict === 'unknown')
    out.stderr(`gpuk8s-tui: could not see enough to say: ${unseen(report) ?? whyMissing(snapshot.report) ?? 'still looking'}\n`);
  return exitCode(report, options.failOn);
}

/** Everything that the checks look at, and the report itself. */
const sources: readonly (keyof Slices)[] = [...reportSources, 'report'];

const firstLookMs = 20_000;

function exitCode({ verdict }: CheckReport, failOn: CheckCommand['failOn']): number {
  if (verdict === 'unknown') return 2;
  return verdict === 'failed' || (verdict === 'degraded' && failOn === 'warning') ? 1 : 0;
}

/** Follows the report, one line on stderr per change, until the verdict is good or the time is up. */
function goodOrTimeUp(session: Session, { only }: CheckCommand, waitMs: number, out: Output): Promise<void> {
  const started = Date.now();
  return new Promise((resolve) => {
    let told = '';
    let unsubscribe: (() => void) | null = null;
    const end = () => {
      clearTimeout(timer);
      unsubscribe?.();
      resolve();
    };
    const look = () => {
      const report = narrowed(reportIn(session.snapshot()), only);
      const isGood = report.verdict === 'good' && session.snapshot().connection.status === 'connected';
      const headline = isGood ? `good after ${duration(Date.now() - started)}` : headlineOf(report);
      // Ages in a sentence change all the time; only another story is worth a line.
      if (headline.replace(/\d+/g, '') !== told) out.stderr(`${clockTime(Date.now())} ${headline}\n`);
      told = headline.replace(/\d+/g, '');
      if (isGood) end();
      return isGood;
    };
    const timer = setTimeout(end, Math.max(0, waitMs));
    if (!look()) unsubscribe = session.subscribe(look);
  });
}

function headlineOf(report: CheckReport): string {
  const [cause] = report.causes;
  if (cause !== undefined) return `${report.verdict}: ${cause.finding.message}`;
  return report.verdict === 'unknown'
    ? `unknown: ${unseen(report) ?? 'still looking'}`
    : `${report.verdict}: ${report.findings.find(({ status }) => status === 'unknown')?.message ?? 'looking'}`;
}

/** Why critical checks could not look; null where none has begun to. */
function unseen(report: CheckReport): string | null {
  const reasons = report.findings.filter(({ status, severity }) => status === 'unknown' && severity === 'critical').map(({ message }) => message);
  return reasons.length === 0 ? null : [...new Set(reasons)].join('; ');
}

/** The report of the snapshot; an empty one, with the verdict unknown, while there is none. */
function reportIn(snapshot: ClusterSnapshot): CheckReport {
  return snapshot.report.value ?? { ...reportOf([], []), verdict: 'unknown' };
}

/** Only the findings of some checks: verdict and counts are theirs. A consequence whose cause is left out stands for itself. */
function narrowed(report: CheckReport, only: string | null): CheckReport {
  if (only === null) return report;
  const isWanted = (finding: { readonly id: string }) => matches(only, finding.id);
  const causes = report.causes.flatMap(({ finding, follows }) => {
    const kept = follows.filter(isWanted);
    if (isWanted(finding)) return [{ finding, follows: kept }];
    return kept.filter(({ status }) => status !== 'unknown').map((consequence) => ({ finding: consequence, follows: [] }));
  });
  const findings = report.findings.filter(isWanted);
  return findings.length === 0 ? { ...reportOf([], []), verdict: 'unknown' } : reportOf(findings, causes);
}
