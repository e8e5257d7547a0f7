import { matches } from '../checks/glob.js';
import { checks } from '../checks/registry.js';
import { laterSources, reportSources } from '../checks/report.js';
import type { Session } from '../session.js';
import { whyMissing } from '../state/freshness.js';
import type { CheckReport } from '../state/report.js';
import type { ClusterSnapshot, Slices } from '../state/snapshot.js';
import { type FixOptions, type FixOutcome, runFixes } from './check-fix.js';
import { checkJson } from './check-json.js';
import { checkJunit } from './check-junit.js';
import { checkPrometheus } from './check-prometheus.js';
import { reportIn, unseen } from './check-report.js';
import { checkText } from './check-text.js';
import { untilGood } from './check-wait.js';
import { machinesLooked, reportSettled } from './machines-looked.js';
import { notReached } from './not-reached.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { settle } from './settle.js';
import { writeWholeFile } from './whole-file.js';

export interface CheckCommand {
  readonly output: 'text' | 'json' | 'junit' | 'prometheus';
  /** Glob over the ids of the checks; null for all. */
  readonly only: string | null;
  /** Keep looking until the verdict is good, for at most so long; null to look once. */
  readonly waitMs: number | null;
  /** What counts as failed: critical findings, or warnings too. */
  readonly failOn: 'critical' | 'warning';
  /** Whether the session looks at the machines, so that they are worth waiting for. */
  readonly machines?: boolean;
  /** Which fixes to run after the first look. */
  readonly fix?: Omit<FixOptions, 'only'> | null;
  /** Where the report goes instead of stdout. */
  readonly outputFile?: string | null;
}

/** `check`: prints what the checklist found. Resolves to 0 good (or degraded, unless warnings count) · 1 failed · 2 could not look. */
export async function runCheck(session: Session, options: CheckCommand, out: Output): Promise<number> {
  const { only, waitMs, failOn, machines = false, fix = null, outputFile = null } = options;
  const refused = refusal(session, options);
  if (refused !== null) {
    out.stderr(`gpuk8s-tui: ${refused}\n`);
    return 2;
  }
  await settle(session, sources, firstLookMs);
  const looked = machines ? machinesLooked(session) : Promise.resolve();
  if (waitMs === null || fix !== null) await looked;
  const fixes = fix === null ? null : await runFixes(session, { ...fix, only }, out);
  if (waitMs !== null) await untilGood(session, { waitMs, only, looked }, out);
  // What could not be done may have been done by somebody else just now.
  else if (fixes?.some(({ result }) => result === 'done' || (fix?.yes === true && result !== 'left')) === true) await reportSettled(session, 5_000, 60_000);
  const snapshot = session.snapshot();
  const report = reportIn(snapshot, only);
  const text = rendered(options, snapshot, report, fixes, outputFile === null && out.isTty);
  if (outputFile === null) out.stdout(text);
  else await writeWholeFile(outputFile, text);
  const trouble = notReached(snapshot.connection);
  if (trouble !== null) out.stderr(`gpuk8s-tui: ${trouble}\n`);
  else if (report.verdict === 'unknown')
    out.stderr(`gpuk8s-tui: could not see enough to say: ${unseen(report) ?? whyMissing(snapshot.report) ?? 'still looking'}\n`);
  return exitCode(report, failOn);
}

/** Everything that the checks look at, and the report itself. */
const sources: readonly (keyof Slices)[] = [...reportSources, ...laterSources, 'report'];

const firstLookMs = 20_000;

function refusal({ readOnly }: Session, { only, fix = null }: CheckCommand): string | null {
  if (only !== null && !checks.some((check) => matches(only, check.id)))
    return `no check is called ${only}; there are ${checks.map((check) => check.id).join(', ')}`;
  return fix?.yes === true && readOnly ? 'this session is read-only: --fix with --yes would change something; leave --yes out to see the plans' : null;
}

function rendered(
  { output, failOn }: CheckCommand,
  snapshot: ClusterSnapshot,
  report: CheckReport,
  fixes: readonly FixOutcome[] | null,
  colours: boolean,
): string {
  switch (output) {
    case 'text':
      return paint(checkText(snapshot, report), colours);
    case 'json':
      return `${JSON.stringify(checkJson(snapshot, report, fixes), null, 2)}\n`;
    case 'junit':
      return checkJunit(snapshot, report, failOn);
    case 'prometheus':
      return checkPrometheus(snapshot, report);
  }
}

function exitCode({ verdict }: CheckReport, failOn: CheckCommand['failOn']): number {
  if (verdict === 'unknown') return 2;
  return verdict === 'failed' || (verdict === 'degraded' && failOn === 'warning') ? 1 : 0;
}
