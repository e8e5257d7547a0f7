import { checks } from '../checks/registry.js';
import type { CheckReport, Finding } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/**
 * The report as JUnit XML, as CI servers read it: one suite per check, one case per object. What makes `check` fail is a failure, what could not be seen an error;
 * warnings that do not count are told in the output of a case that passed.
 */
export function checkJunit({ at, connection }: ClusterSnapshot, report: CheckReport, failOn: 'critical' | 'warning'): string {
  const context = connection.status === 'unconfigured' || connection.status === 'unusable' ? '' : connection.context;
  const findings = Map.groupBy(report.findings, ({ id }) => id);
  const suites = checks.flatMap(({ id, title }) => {
    const own = findings.get(id);
    return own === undefined ? [] : [suite(`${id}: ${title}`, own, failOn, at)];
  });
  const totals = attributes({ name: `gpuk8s-tui check${context === '' ? '' : ` ${context}`}`, ...countsOf(report.findings, failOn) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${totals}>\n${suites.join('')}</testsuites>\n`;
}

function suite(name: string, findings: readonly Finding[], failOn: 'critical' | 'warning', at: number): string {
  const head = attributes({ name, ...countsOf(findings, failOn), timestamp: new Date(at).toISOString().slice(0, 19) });
  return `  <testsuite${head}>\n${findings.map((finding) => testcase(finding, failOn)).join('')}  </testsuite>\n`;
}

function testcase(finding: Finding, failOn: 'critical' | 'warning'): string {
  const head = `    <testcase${attributes({ classname: `gpuk8s-tui.${finding.id}`, name: finding.object, time: '0' })}`;
  const { severity, message } = finding;
  switch (kindOf(finding, failOn)) {
    case 'passed':
      return finding.status === 'pass'
        ? `${head}/>\n`
        : `${head}>\n      <system-out>${escaped(`${finding.status}: ${details(finding)}`)}</system-out>\n    </testcase>\n`;
    case 'skipped':
      return `${head}>\n      <skipped${attributes({ message })}/>\n    </testcase>\n`;
    case 'failure':
      return `${head}>\n      <failure${attributes({ type: severity, message })}>${escaped(details(finding))}</failure>\n    </testcase>\n`;
    case 'error':
      return `${head}>\n      <error${attributes({ type: 'unknown', message })}>${escaped(details(finding))}</error>\n    </testcase>\n`;
  }
}

function kindOf({ status, severity }: Finding, failOn: 'critical' | 'warning'): 'passed' | 'skipped' | 'failure' | 'error' {
  if (status === 'skipped' || status === 'unknown') return status === 'skipped' ? 'skipped' : 'error';
  if (status === 'fail' && severity === 'critical') return 'failure';
  return status !== 'pass' && severity !== 'info' && failOn === 'warning' ? 'failure' : 'passed';
}

function countsOf(findings: readonly Finding[], failOn: 'critical' | 'warning') {
  const amount = (wanted: ReturnType<typeof kindOf>) => findings.filter((finding) => kindOf(finding, failOn) === wanted).length;
  return { tests: findings.length, failures: amount('failure'), errors: amount('error'), skipped: amount('skipped'), time: '0' };
}

/** What is wrong, what shows it, and what mends it. */
function details({ message, evidence = [], fix }: Finding): string {
  return [
    message,
    ...evidence.map(({ source, text }) => `${source}: ${text}`),
    ...(fix === null ? [] : [`fix: ${fix.summary}`, ...(fix.command === null ? [] : [`$ ${fix.command}`])]),
  ].join('\n');
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

/** XML 1.0 knows no way to write most control characters, lone surrogates and two more. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
