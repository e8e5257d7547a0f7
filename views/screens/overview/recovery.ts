import { whyMissing } from '../../../src/state/freshness.js';
import type { Stage } from '../../../src/state/report.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { fitLine, type Line, line, lineWidth } from '../../../src/text/line.js';
import { atMost, type PanelContent, signs, toneOf } from './panel-content.js';

/** The road back from a reboot, one step a row: `✓ pod network   calico-node 3 of 3`. */
export function recoveryPanel(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const report = snapshot.report.value;
  if (report === null) return { frame: { title: 'Recovery' }, lines: [line(['dim', whyMissing(snapshot.report) ?? ''])] };
  const { stages } = report;
  const names = Math.max(...stages.map(({ name }) => name.length)) + 2;
  const rows = stages.map((stage) => fitLine(line(signs[stage.status], ` ${stage.name.padEnd(names)}`, factOf(stage)), width));
  return { frame: { title: 'Recovery', right: progress(stages) }, lines: atMost(rows, room, 'enter shows all') };
}

/** The same in as few rows as it takes, for small screens: `✓ API server  ✓ nodes 3 of 3  ✗ device plugin 2 of 3`. */
export function recoveryFlow(snapshot: ClusterSnapshot, width: number, room: number): PanelContent {
  const report = snapshot.report.value;
  if (report === null) return recoveryPanel(snapshot, width, room);
  const { stages } = report;
  const rows: Line[] = [];
  let current: Line = [];
  for (const stage of stages) {
    const fact = stage.status === 'pass' || stage.status === 'skipped' ? [] : line(' ', factOf(stage));
    const piece = line(signs[stage.status], ` ${stage.name}`, fact);
    const joined = current.length === 0 ? piece : line(current, '  ', piece);
    if (lineWidth(joined) > width && current.length > 0) {
      rows.push(current);
      current = piece;
    } else {
      current = joined;
    }
  }
  if (current.length > 0) rows.push(current);
  return { frame: { title: 'Recovery', right: progress(stages) }, lines: atMost(rows, room, '') };
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
