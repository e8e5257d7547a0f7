import type { Expectations, SeverityChoice } from '../config/expectations.js';
import type { Severity } from '../state/report.js';
import type { Check, LinkedFinding } from './check.js';
import { matches } from './glob.js';

/** What the settings say of a check's severity; null where they say nothing. An id counts before a pattern, a longer pattern before a shorter one. */
export function severityChoice(id: string, { severity }: Expectations): SeverityChoice | null {
  if (severity === undefined) return null;
  const [best] = Object.entries(severity)
    .filter(([pattern]) => matches(pattern, id))
    .sort(([a], [b]) => Number(b === id) - Number(a === id) || b.length - a.length);
  return best?.[1] ?? null;
}

/** The finding of a check that the settings take for another severity. What the check itself found less grave than usual does not become graver by that. */
export function graded(finding: LinkedFinding, check: Check, wanted: Severity): LinkedFinding {
  const severity = finding.severity === check.severity ? wanted : lower(finding.severity, wanted);
  if (severity === finding.severity) return finding;
  const isBad = finding.status === 'fail' || finding.status === 'warn';
  return { ...finding, severity, status: isBad ? (severity === 'critical' ? 'fail' : 'warn') : finding.status };
}

function lower(a: Severity, b: Severity): Severity {
  return order.indexOf(a) < order.indexOf(b) ? a : b;
}

const order: readonly Severity[] = ['info', 'warning', 'critical'];
