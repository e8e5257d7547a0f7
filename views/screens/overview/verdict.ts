import { whyMissing } from '../../../src/state/freshness.js';
import type { Cause, CheckReport, Finding } from '../../../src/state/report.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { atMost, type PanelContent, signs } from './panel-content.js';

/** The answer: did everything come back, and if not, what is the cause, what follows from it and what mends it. */
export function verdictPanel(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const report = snapshot.report.value;
  if (report === null) return { frame: { title: 'Looking' }, lines: [line(['dim', whyMissing(snapshot.report) ?? ''])] };
  const title = verdictTitle(report);
  if (report.verdict === 'good') return { frame: { title, tone: 'good' }, lines: passedLines(report, width, room) };
  return { frame: { title, tone: report.verdict === 'failed' ? 'bad' : 'warn' }, lines: causeLines(report, width, room) };
}

/** The verdict in a few words. */
export function verdictTitle(report: CheckReport): string {
  switch (report.verdict) {
    case 'good':
      return 'Everything came back';
    case 'degraded':
      return `Back, with ${count(report.causes.length)} warning${report.causes.length === 1 ? '' : 's'}`;
    case 'failed':
      return `Not back yet: ${trouble(report)}`;
    case 'unknown':
      return 'Cannot tell yet';
  }
}

/** What could not be looked at is said beside what was: it does not count as passed. */
function passedLines({ counts, findings }: CheckReport, width: number, room: number): readonly Line[] {
  const skipped = counts.skipped > 0 ? `, ${count(counts.skipped)} do not apply here` : '';
  const unseen = findings.filter(({ status }) => status === 'unknown');
  const [first] = unseen;
  const others = unseen.length > 1 ? ` (and ${count(unseen.length - 1)} more: enter)` : '';
  return [
    line(signs.pass, ` ${count(counts.pass)} checks passed${skipped}.`),
    ...(first === undefined
      ? []
      : wrap(`Not looked at: ${first.message}${others}`, width - 2).map((text, index) => line(index === 0 ? signs.unknown : ' ', ' ', ['dim', text]))),
  ].slice(0, room);
}

function trouble({ causes }: CheckReport): string {
  const consequences = causes.reduce((sum, { follows }) => sum + follows.length, 0);
  const roots = `${count(causes.length)} cause${causes.length === 1 ? '' : 's'}`;
  return consequences === 0 ? roots : `${roots}, ${count(consequences)} consequence${consequences === 1 ? '' : 's'}`;
}

function causeLines(report: CheckReport, width: number, room: number): readonly Line[] {
  const blind: readonly Cause[] = report.findings.filter(({ status }) => status === 'unknown').map((finding) => ({ finding, follows: [] }));
  const causes = report.causes.length > 0 ? report.causes : sameMessageOnce(blind);
  // One cause is told in full; of many, each gets its first lines before any gets more.
  const each = causes.length === 1 ? room : Math.max(2, Math.floor(room / causes.length));
  return atMost(
    causes.flatMap((cause) => causeBlock(cause, width).slice(0, each)),
    room,
    'enter shows all',
  );
}

function causeBlock({ finding, follows }: Cause, width: number): readonly Line[] {
  const said = wrap(finding.message, width - 2).map((text, index) => line(...(index === 0 ? [signs[finding.status], ' '] : ['  ']), text));
  return [...said.slice(0, 3), ...fixLines(finding, width), ...followLines(follows, width)];
}

function fixLines({ fix }: Finding, width: number): readonly Line[] {
  if (fix === null) return [];
  const [first = '', ...rest] = wrap(`Fix: ${fix.summary}`, width - 2);
  const command = fix.command === null ? [] : [line('  ', ['accent', fix.command])];
  return [line('  ', first), ...rest.slice(0, 1).map((text) => line('  ', text)), ...command];
}

function followLines(follows: readonly Finding[], width: number): readonly Line[] {
  if (follows.length === 0) return [];
  return wrap(`follows: ${follows.map(({ message }) => message).join(' · ')}`, width - 2)
    .slice(0, 2)
    .map((text) => line('  ', ['dim', text]));
}

function sameMessageOnce(causes: readonly Cause[]): readonly Cause[] {
  return [...new Map(causes.map((cause) => [cause.finding.message, cause])).values()];
}
