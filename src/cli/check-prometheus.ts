import type { CheckReport, CheckStatus, Finding, Verdict } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/** The report in Prometheus' text format, as node exporter's textfile collector reads it: gauges, numbers as their HELP lines say. */
export function checkPrometheus({ at, connection }: ClusterSnapshot, report: CheckReport): string {
  const context = connection.status === 'unconfigured' || connection.status === 'unusable' ? '' : connection.context;
  return [
    ...family(
      'gpuk8s_check_status',
      'What a check found of an object: 0 pass, 1 warn, 2 fail, 3 unknown. Checks that do not apply are left out.',
      worstOfEach(report.findings).map(({ id, object, severity, status }) => [{ context, check: id, object, severity }, values[status] ?? 3]),
    ),
    ...family(
      'gpuk8s_check_findings',
      'How many findings there are by their status.',
      Object.entries(report.counts).map(([status, amount]) => [{ context, status }, amount]),
    ),
    ...family('gpuk8s_check_verdict', 'Whether everything came back: 0 good, 1 degraded, 2 failed, 3 unknown.', [[{ context }, verdicts[report.verdict]]]),
    ...family('gpuk8s_check_last_run_timestamp_seconds', 'When the checklist was run last.', [[{ context }, Math.round(at / 1000)]]),
  ].join('');
}

const verdicts: Readonly<Record<Verdict, number>> = { good: 0, degraded: 1, failed: 2, unknown: 3 };
const values: Readonly<Partial<Record<CheckStatus, number>>> = { pass: 0, warn: 1, fail: 2, unknown: 3 };
const worstLast: readonly CheckStatus[] = ['pass', 'warn', 'unknown', 'fail'];

/** A series may be written once; of several findings about one object the worst counts. */
function worstOfEach(findings: readonly Finding[]): readonly Finding[] {
  const worst = new Map<string, Finding>();
  for (const finding of findings) {
    if (finding.status === 'skipped') continue;
    const key = JSON.stringify([finding.id, finding.object, finding.severity]);
    const known = worst.get(key);
    if (known === undefined || worstLast.indexOf(finding.status) > worstLast.indexOf(known.status)) worst.set(key, finding);
  }
  return [...worst.values()];
}

function family(name: string, help: string, samples: readonly (readonly [Readonly<Record<string, string>>, number])[]): readonly string[] {
  if (samples.length === 0) return [];
  return [
    `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`,
    ...samples.map(([labels, value]) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
      return `${name}{${pairs.join(',')}} ${value}\n`;
    }),
  ];
}

function escaped(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
