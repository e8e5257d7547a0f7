import type { OperationRef } from '../../../src/state/operations.js';
import type { CheckReport, Finding } from '../../../src/state/report.js';

/** One row of the checklist. */
export interface FindingRow {
  readonly finding: Finding;
  /** Whether it only follows from the cause above it. */
  readonly follows: boolean;
}

/** Causes first, each with what follows from it; then what could not be seen, what else is bad, what passed and what does not apply. */
export function findingRows(report: CheckReport): readonly FindingRow[] {
  const told = new Set(report.causes.flatMap(({ finding, follows }) => [finding, ...follows]));
  const rest = (status: Finding['status']) =>
    report.findings.filter((finding) => finding.status === status && !told.has(finding)).map((finding) => ({ finding, follows: false }));
  return [
    ...report.causes.flatMap(({ finding, follows }) => [{ finding, follows: false }, ...follows.map((one) => ({ finding: one, follows: true }))]),
    ...rest('fail'),
    ...rest('warn'),
    ...rest('unknown'),
    ...rest('pass'),
    ...rest('skipped'),
  ];
}

/** What names a finding: its check and its object. */
export function findingId({ id, object }: Finding): string {
  return `${id} ${object}`;
}

/** What can be mended from here, causes in their order, each wish once. */
export function fixesOf({ causes }: CheckReport): readonly OperationRef[] {
  const wishes = causes.flatMap(({ finding }) => (finding.fix?.operation === undefined ? [] : [finding.fix.operation]));
  return [...new Map(wishes.map((wish) => [JSON.stringify(wish), wish])).values()];
}

/** The object without its kind; '' for the cluster. */
export function nameOf({ object }: Finding): string {
  return object === 'cluster' ? '' : object.slice(object.indexOf('/') + 1);
}
