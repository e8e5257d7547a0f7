import { type ReactElement, useMemo } from 'react';
import { whyMissing } from '../../../src/state/freshness.js';
import type { Cause, CheckReport, Finding } from '../../../src/state/report.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { fit, wrap } from '../../../src/text/width.js';
import type { Page } from '../../app-state.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { TextPage } from '../../widgets/TextPage.js';
import { signs } from './panel-content.js';
import { verdictTitle } from './verdict.js';

/** The whole post-reboot checklist: each cause in full with what follows from it and what mends it, then everything else that was looked at. */
export function Report({
  snapshot,
  page,
  width,
  height,
}: {
  readonly snapshot: ClusterSnapshot;
  readonly page: Page;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const report = snapshot.report.value;
  const lines = useMemo(() => (report === null ? [] : reportLines(report, innerWidth(width))), [report, width]);
  const shown = report === null ? [line(['dim', whyMissing(snapshot.report) ?? ''])] : lines;
  return <TextPage title={report === null ? 'Checks' : `Checks: ${verdictTitle(report)}`} lines={shown} page={page} width={width} height={height} />;
}

function reportLines(report: CheckReport, width: number): readonly Line[] {
  const told = new Set(report.causes.flatMap(({ finding, follows }) => [finding, ...follows]));
  const rest = (status: Finding['status']) => report.findings.filter((finding) => finding.status === status && !told.has(finding));
  return [
    ...report.causes.flatMap((cause) => [...causeLines(cause, width), []]),
    ...section('Could not be seen', rest('unknown'), width),
    ...section('Failed', rest('fail'), width),
    ...section('Warned', rest('warn'), width),
    ...section('Passed', rest('pass'), width),
    ...section('Does not apply here', rest('skipped'), width),
  ];
}

function causeLines({ finding, follows }: Cause, width: number): readonly Line[] {
  const fix = finding.fix === null ? [] : indented(`Fix: ${finding.fix.summary}`, width);
  const command =
    finding.fix?.command === null || finding.fix === null ? [] : wrap(finding.fix.command, width - 4).map((text) => line('    ', ['accent', text]));
  const consequences = follows.flatMap((one) =>
    wrap(one.message, width - 6).map((text, index) => line('    ', index === 0 ? signs[one.status] : ' ', ' ', ['dim', text])),
  );
  return [
    ...wrap(finding.message, width - 2).map((text, index) => line(index === 0 ? signs[finding.status] : ' ', ' ', ['strong', text])),
    ...fix,
    ...command,
    ...(consequences.length === 0 ? [] : [line('  follows from it:'), ...consequences]),
  ];
}

function indented(text: string, width: number): readonly Line[] {
  return wrap(text, width - 2).map((part) => line('  ', part));
}

/** One row for each finding: `✓ node-ready         gpu-1         Ready for 31d`. */
function section(title: string, findings: readonly Finding[], width: number): readonly Line[] {
  if (findings.length === 0) return [];
  const ids = Math.max(...findings.map(({ id }) => id.length));
  const objects = Math.min(30, Math.max(...findings.map((finding) => nameOf(finding).length)));
  const indent = 2 + ids + 2 + objects + 2;
  const rows = findings.flatMap((finding) => {
    const [first = '', ...more] = wrap(finding.message, Math.max(20, width - indent));
    const head = line(signs[finding.status], ` ${fit(finding.id, ids)}  `, ['dim', fit(nameOf(finding), objects)], '  ', first);
    return [head, ...more.map((text) => line(' '.repeat(indent), text))];
  });
  return [line(['title', title], ['dim', `  ${count(findings.length)}`]), ...rows, []];
}

function nameOf({ object }: Finding): string {
  return object === 'cluster' ? '' : object.slice(object.indexOf('/') + 1);
}
