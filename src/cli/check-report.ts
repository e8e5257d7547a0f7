import { matches } from '../checks/glob.js';
import { reportOf } from '../checks/report.js';
import type { CheckReport } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/** The report of the snapshot, narrowed to the checks that match; an empty one, with the verdict unknown, while there is none. */
export function reportIn(snapshot: ClusterSnapshot, only: string | null): CheckReport {
  return narrowed(snapshot.report.value ?? { ...reportOf([], []), verdict: 'unknown' }, only);
}

/** Why critical checks could not look; null where none has begun to. */
export function unseen(report: CheckReport): string | null {
  const reasons = report.findings.filter(({ status, severity }) => status === 'unknown' && severity === 'critical').map(({ message }) => message);
  return reasons.length === 0 ? null : [...new Set(reasons)].join('; ');
}

/** The verdict with the one thing to say about it. */
export function headlineOf(report: CheckReport): string {
  const [cause] = report.causes;
  if (cause !== undefined) return `${report.verdict}: ${cause.finding.message}`;
  return report.verdict === 'unknown'
    ? `unknown: ${unseen(report) ?? 'still looking'}`
    : `${report.verdict}: ${report.findings.find(({ status }) => status === 'unknown')?.message ?? 'looking'}`;
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
