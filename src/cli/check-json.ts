import type { CheckReport, CheckStatus, Finding, Fix, Severity, Verdict } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/** What `check --output json` prints; a change of meaning raises schemaVersion. */
export interface CheckJson {
  readonly schemaVersion: 1;
  readonly context: string | null;
  readonly cluster: { readonly server: string | null; readonly version: string | null };
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<CheckStatus, number>>;
  readonly checks: readonly {
    readonly id: string;
    readonly object: string;
    readonly status: CheckStatus;
    readonly severity: Severity;
    readonly message: string;
    readonly fix: Fix | null;
  }[];
}

export function checkJson({ connection }: ClusterSnapshot, report: CheckReport): CheckJson {
  const known = connection.status !== 'unconfigured' && connection.status !== 'unusable';
  const { pass, warn, fail, unknown, skipped } = report.counts;
  return {
    schemaVersion: 1,
    context: known ? connection.context : null,
    cluster: { server: known ? connection.server : null, version: connection.status === 'connected' ? connection.version : null },
    verdict: report.verdict,
    counts: { pass, warn, fail, unknown, skipped },
    checks: report.findings.map(checkOf),
  };
}

function checkOf({ id, object, status, severity, message, fix }: Finding): CheckJson['checks'][number] {
  return { id, object, status, severity, message, fix: fix === null ? null : { summary: fix.summary, command: fix.command } };
}
