import type { Expectations } from '../config/expectations.js';
import { type Freshness, live, loading, type Slice } from '../state/freshness.js';
import type { Cause, CheckReport, CheckStatus, Finding, Stage, Verdict } from '../state/report.js';
import type { ClusterSnapshot, Slices } from '../state/snapshot.js';
import type { Derivation } from '../state/store.js';
import { causesOf } from './causes.js';
import type { Check, CheckInput, LinkedFinding } from './check.js';
import { diagnosed } from './diagnosed.js';
import { matches } from './glob.js';
import { graded, severityChoice } from './graded.js';
import { checks } from './registry.js';
import { stagesOf } from './stages.js';

/** Runs the whole checklist on one snapshot. `now` is ms since the epoch. */
export function makeReport(snapshot: ClusterSnapshot, expectations: Expectations, now: number): CheckReport {
  const input = { snapshot, expectations, now };
  const found = diagnosed(
    checks.flatMap((check) => findingsOf(check, input)),
    snapshot,
  );
  const findings = expectations.ignore === undefined ? found : found.map((finding) => (isIgnored(finding, expectations) ? ignored(finding) : finding));
  return reportOf(findings, connectionFirst(causesOf(findings, checks), findings, snapshot), stagesOf(findings, snapshot));
}

function findingsOf(check: Check, input: CheckInput): readonly LinkedFinding[] {
  const choice = severityChoice(check.id, input.expectations);
  if (choice === 'off') return [switchedOff(check)];
  const findings = check.run(input);
  return choice === null ? findings : findings.map((finding) => graded(finding, check, choice));
}

function switchedOff({ id, severity }: Check): LinkedFinding {
  return { id, object: 'cluster', status: 'skipped', severity, message: 'switched off in the settings', fix: null, explains: [], explainedBy: [] };
}

/** Verdict and counts of some findings; what `check --only` shows of a report. */
export function reportOf(findings: readonly Finding[], causes: readonly Cause[], stages: readonly Stage[] = []): CheckReport {
  const counts: Record<CheckStatus, number> = { pass: 0, warn: 0, fail: 0, unknown: 0, skipped: 0 };
  for (const finding of findings) counts[finding.status] += 1;
  return { verdict: verdictOf(findings), counts, findings, causes, stages };
}

/** The report as a slice of the store. It waits until there is enough to judge, or nothing to hope for. */
export function reportDerivation(expectations: Expectations | (() => Expectations)): Derivation<'report'> {
  return {
    slice: 'report',
    // Machines may take long to answer, or never do: what they say joins when it is there.
    from: ['connection', ...reportSources, ...laterSources, 'events', 'hosts', 'machineGpus', 'diagnoses', 'recovery', 'visit', 'operations'],
    everyMs: 1000,
    compute(snapshot) {
      const waiting = waitsFor(snapshot);
      if (waiting !== null)
        return snapshot.report.freshness.status === 'loading' && snapshot.report.freshness.why === waiting ? snapshot.report : loading(snapshot.at, waiting);
      const report = makeReport(snapshot, typeof expectations === 'function' ? expectations() : expectations, snapshot.at);
      return isSame(snapshot.report, report) ? snapshot.report : live(report, snapshot.at);
    },
  };
}

/** Every slice that the checks look at and that the first report waits for. */
export const reportSources = [
  'readyz',
  'nodes',
  'pods',
  'deadPods',
  'deployments',
  'daemonSets',
  'statefulSets',
  'persistentVolumeClaims',
  'storageClasses',
  'runtimeClasses',
  'leases',
  'gpus',
  'prometheus',
  'targets',
  'grafana',
] as const satisfies readonly (keyof Slices)[];

/** Of the API server too, but read last: no verdict waits for it. */
export const laterSources = ['apiServices', 'webhooks', 'certificateRequests', 'nodeStats'] as const satisfies readonly (keyof Slices)[];

/** What the report still waits for, in words; null when it can be made. A cluster that cannot be reached is judged at once: unknown. */
function waitsFor(snapshot: ClusterSnapshot): string | null {
  const { connection } = snapshot;
  if (connection.status === 'connecting') return `connecting to ${connection.server}`;
  if (connection.status !== 'connected') return null;
  const patient = snapshot.at - connection.since < patience;
  const open = reportSources.filter((name) => isComing(snapshot[name].freshness, patient && !monitoringSources.has(name)));
  if (open.length === 0) return null;
  const needed = open.filter((name) => name === 'nodes' || name === 'pods');
  return needed.length > 0 || patient ? `${reportSources.length - open.length} of ${reportSources.length} sources seen` : null;
}

/** Loading with nothing in its way; where the API server has only just let us in, what failed before is being asked for again. */
function isComing(freshness: Freshness, isAskedAgain: boolean): boolean {
  return freshness.status === 'loading' && (freshness.why === null || isAskedAgain);
}

/** What these fail with is their answer. */
const monitoringSources: ReadonlySet<keyof Slices> = new Set(['prometheus', 'targets', 'grafana']);

/** Nodes and pods are waited for as long as it takes; the rest only so long (ms since the connection), then they count as unknown. */
const patience = 4000;

function verdictOf(findings: readonly Finding[]): Verdict {
  const some = (is: (finding: Finding) => boolean) => findings.some(is);
  if (some((finding) => finding.status === 'fail' && finding.severity === 'critical')) return 'failed';
  if (some((finding) => finding.status === 'unknown' && finding.severity === 'critical')) return 'unknown';
  return some((finding) => finding.status !== 'pass' && finding.status !== 'skipped' && finding.severity !== 'info') ? 'degraded' : 'good';
}

/** Without the API server little can be known: that, or what a machine says is the reason for it, is the first thing to say. */
function connectionFirst(causes: readonly Cause[], findings: readonly LinkedFinding[], { connection }: ClusterSnapshot): readonly Cause[] {
  const [api] = findings;
  if (connection.status === 'connected' || api === undefined) return causes;
  const reason = causes.find(({ follows }) => follows.includes(api));
  return [reason ?? { finding: api, follows: [] }, ...causes.filter((cause) => cause !== reason)];
}

function isIgnored(finding: Finding, expectations: Expectations): boolean {
  if (expectations.ignore === undefined || finding.status === 'pass' || finding.status === 'skipped') return false;
  return expectations.ignore.some((pattern) => matches(pattern, pattern.includes(':') ? `${finding.id}:${finding.object}` : finding.id));
}

function ignored(finding: LinkedFinding): LinkedFinding {
  return { ...finding, status: 'skipped', message: `ignored as the settings say: ${finding.message}`, fix: null, explains: [], explainedBy: [] };
}

/** Whether nothing changed: then the slice stays the same too, so that nothing is drawn anew for it each second. */
function isSame({ value: before, freshness }: Slice<CheckReport>, next: CheckReport): boolean {
  if (before === null || freshness.status !== 'live') return false;
  if (before.findings.length !== next.findings.length || before.verdict !== next.verdict) return false;
  const sameFindings = next.findings.every((finding, index) => {
    const old = before.findings[index];
    return (
      old !== undefined &&
      old.status === finding.status &&
      old.message === finding.message &&
      old.object === finding.object &&
      old.severity === finding.severity &&
      old.fix?.summary === finding.fix?.summary &&
      old.evidence?.length === finding.evidence?.length
    );
  });
  return sameFindings && next.stages.every(({ fact, status }, index) => before.stages[index]?.fact === fact && before.stages[index]?.status === status);
}
