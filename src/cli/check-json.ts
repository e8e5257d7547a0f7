import type { OperationRef } from '../state/operations.js';
import type { NodeRecovery, RecoveryStep } from '../state/recovery.js';
import type { CheckReport, CheckStatus, Evidence, Finding, Fix, Severity, Verdict } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { FixOutcome } from './check-fix.js';

/** What `check --output json` prints; a change of meaning raises schemaVersion. */
export interface CheckJson {
  readonly schemaVersion: 2;
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
    readonly fix: { readonly summary: string; readonly command: string | null; readonly operation: OperationRef | null } | null;
    readonly evidence: readonly Evidence[];
  }[];
  /** The findings that nothing else explains, worst first, each with those that follow from it. */
  readonly causes: readonly {
    readonly check: string;
    readonly object: string;
    readonly follows: readonly { readonly check: string; readonly object: string }[];
  }[];
  /** The nodes that were rebooted lately; null where nobody could say. */
  readonly recovery: readonly RecoveryJson[] | null;
  /** With --fix: what became of each. */
  readonly fixes?: readonly FixOutcome[];
}

interface RecoveryJson {
  readonly node: string;
  readonly bootId: string | null;
  /** ISO 8601. */
  readonly bootedAt: string | null;
  readonly because: 'boot-id' | 'younger-than-visit' | 'down';
  readonly seenBy: string | null;
  readonly completeAt: string | null;
  readonly steps: readonly (Pick<RecoveryStep, 'id' | 'name' | 'status' | 'fact' | 'exact' | 'waitsFor'> & {
    readonly sinceBootSeconds: number | null;
    readonly usualSeconds: number | null;
  })[];
}

export function checkJson({ connection, recovery }: ClusterSnapshot, report: CheckReport, fixes: readonly FixOutcome[] | null): CheckJson {
  const known = connection.status !== 'unconfigured' && connection.status !== 'unusable';
  const { pass, warn, fail, unknown, skipped } = report.counts;
  return {
    schemaVersion: 2,
    context: known ? connection.context : null,
    cluster: { server: known ? connection.server : null, version: connection.status === 'connected' ? connection.version : null },
    verdict: report.verdict,
    counts: { pass, warn, fail, unknown, skipped },
    checks: report.findings.map(checkOf),
    causes: report.causes.map(({ finding, follows }) => ({ ...named(finding), follows: follows.map(named) })),
    recovery: recovery.value === null ? null : recovery.value.nodes.map(recoveryOf),
    ...(fixes === null ? {} : { fixes }),
  };
}

function checkOf({ id, object, status, severity, message, fix, evidence = [] }: Finding): CheckJson['checks'][number] {
  return { id, object, status, severity, message, fix: fix === null ? null : fixOf(fix), evidence: evidence.map(({ source, text }) => ({ source, text })) };
}

function fixOf({ summary, command, operation }: Fix) {
  return { summary, command, operation: operation === undefined ? null : { id: operation.id, input: operation.input } };
}

function named({ id, object }: Finding): { readonly check: string; readonly object: string } {
  return { check: id, object };
}

function recoveryOf({ node, bootId, bootedAt, because, seenBy, completeAt, steps }: NodeRecovery): RecoveryJson {
  return {
    node,
    bootId,
    bootedAt: iso(bootedAt),
    because,
    seenBy,
    completeAt: iso(completeAt),
    steps: steps.map(({ id, name, status, fact, exact, waitsFor, sinceBootMs, usualMs }) => ({
      id,
      name,
      status,
      fact,
      sinceBootSeconds: seconds(sinceBootMs),
      exact,
      usualSeconds: seconds(usualMs),
      waitsFor,
    })),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms) / 1000;
}
