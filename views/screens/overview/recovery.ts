import { whyMissing } from '../../../src/state/freshness.js';
import type { Stage } from '../../../src/state/report.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { fitLine, type Line, line, lineWidth, type Segment } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { atMost, type PanelContent, signs, toneOf } from './panel-content.js';
import { returningFlow, returningNodes, returningPanel } from './returning.js';

/**
 * The way back of the nodes that were rebooted lately. Where none was, the road back of the cluster, one step a row: `✓ pod network   calico-node 3 of 3`;
 * where they do not all fit, the steps that are done share a few. `now` is ms since the epoch.
 */
export function recoveryPanel(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const returning = returningNodes(snapshot, now);
  return returning.length > 0 ? returningPanel(returning, now, width, room) : stagesPanel(snapshot, width, room);
}

/** The same for small screens, as many steps in a row as fit. */
export function recoveryFlow(snapshot: ClusterSnapshot, now: number, width: number, room: number): PanelContent {
  const returning = returningNodes(snapshot, now);
  return returning.length > 0 ? returningFlow(returning, now, width, room) : stagesFlow(snapshot, width, room);
}

function stagesPanel(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const report = snapshot.report.value;
  if (report === null) return { frame: { title: 'Recovery' }, lines: [line(['dim', whyMissing(snapshot.report) ?? ''])] };
  const { stages } = report;
  const names = Math.max(...stages.map(({ name }) => name.length)) + 2;
  const row = (stage: Stage) => fitLine(line(signOf(stage), ` ${stage.name.padEnd(names)}`, factOf(stage)), width);
  const fits = stages.length <= room;
  const lines = fits ? stages.map(row) : [...doneLines(stages, width), ...stages.filter(isOpen).map(row)];
  return { frame: { title: 'Recovery', right: progress(stages) }, lines: atMost(lines, room, 'enter shows all') };
}

/** The steps that are done in one row, then the others, as many in a row as fit. */
function stagesFlow(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const report = snapshot.report.value;
  if (report === null) return stagesPanel(snapshot, width, room);
  const rows: Line[] = [...doneLine(report.stages, width)];
  let current: Line = [];
  const open = report.stages.filter(isOpen);
  const waiting = open.filter(({ waitsFor }) => waitsFor !== null).map(({ name }) => name);
  const pieces = [
    ...open.filter(({ waitsFor }) => waitsFor === null).map((stage) => line(signs[stage.status], ` ${stage.name} `, factOf(stage))),
    ...(waiting.length === 0 ? [] : [line(['dim', `· ${waiting.join(', ')} wait`])]),
  ];
  for (const piece of pieces.map((own) => fitted(own, width))) {
    const joined = current.length === 0 ? piece : line(current, '   ', piece);
    if (lineWidth(joined) > width && current.length > 0) {
      rows.push(current);
      current = piece;
    } else {
      current = joined;
    }
  }
  if (current.length > 0) rows.push(current);
  return { frame: { title: 'Recovery', right: progress(report.stages) }, lines: atMost(rows, room, 'enter shows all') };
}

function isOpen({ status }: Stage): boolean {
  return status !== 'pass' && status !== 'skipped';
}

/** The steps that are done, in as many rows as their names take. */
function doneLines(stages: readonly Stage[], width: number): readonly Line[] {
  const done = stages.filter(({ status }) => status === 'pass').map(({ name }) => name);
  return wrap(done.join(' · '), width - 2).map((text, index) => line(index === 0 ? ['good', '✓ '] : '  ', text));
}

function doneLine(stages: readonly Stage[], width: number): readonly Line[] {
  const done = stages.filter(({ status }) => status === 'pass').map(({ name }) => name);
  return done.length === 0 ? [] : [fitLine(line(['good', '✓ '], done.join(' · ')), width)];
}

function fitted(row: Line, width: number): Line {
  return lineWidth(row) > width ? fitLine(row, width) : row;
}

/** What only waits for an earlier step is not in trouble of its own. */
function signOf(stage: Stage): Segment {
  return stage.waitsFor === null ? signs[stage.status] : { text: '·', tone: 'dim' };
}

function factOf(stage: Stage): Line {
  if (stage.waitsFor !== null) return line(['dim', `waits for ${stage.waitsFor}`]);
  return line([stage.status === 'pass' ? 'plain' : toneOf[stage.status], stage.fact]);
}

function progress(stages: readonly Stage[]): Line {
  const wanted = stages.filter(({ status }) => status !== 'skipped');
  const done = wanted.filter(({ status }) => status === 'pass').length;
  return line([done === wanted.length ? 'good' : 'warn', `${done} of ${wanted.length} steps`]);
}
