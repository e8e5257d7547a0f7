import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { eventsPanel } from './events.js';
import { gpusPanel } from './gpus.js';
import { hasLatency, latencyPanel } from './latency.js';
import { latencyAndTargets } from './latency-and-targets.js';
import { monitoringPanel } from './monitoring.js';
import { nodesPanel } from './nodes.js';
import type { PanelContent } from './panel-content.js';
import { recoveryFlow, recoveryPanel } from './recovery.js';
import { verdictPanel } from './verdict.js';
import { workloadsPanel } from './workloads.js';

/** A panel in its place. */
export interface PlacedPanel extends PanelContent {
  readonly width: number;
  readonly height: number;
}

/** Makes a panel's content for an inner width and a number of lines. */
type Build = (width: number, room: number) => PanelContent;

/**
 * The Overview's panels as rows of panels that fill `width` × `height`: the answer first, then the road back, then the parts. Wider
 * screens get more columns; on low ones what matters less gets fewer lines, then none.
 */
export function overviewLayout(snapshot: ClusterSnapshot, now: number, width: number, height: number): readonly (readonly PlacedPanel[])[] {
  const verdict: Build = (w, room) => verdictPanel(snapshot, w, room);
  const recovery: Build = (w, room) => recoveryPanel(snapshot, now, w, room);
  const nodes: Build = (w, room) => nodesPanel(snapshot, now, w, room);
  const gpus: Build = (w, room) => gpusPanel(snapshot, w, room);
  const monitoring: Build = (w, room) => monitoringPanel(snapshot, now, w, room);
  const workloads: Build = (w, room) => workloadsPanel(snapshot, w, room);
  const events: Build = (w, room) => eventsPanel(snapshot, now, w, room);
  const latency: Build = (w, room) => latencyPanel(snapshot, now, w, room);
  const isMeasured = hasLatency(snapshot.latency);

  // The answer is told in a few lines; the page behind enter has all of it.
  const answer: Row = { panels: [verdict], least: 2, most: Math.max(4, Math.floor(height / 6)) };
  if (width >= 180) {
    return grid(
      [
        answer,
        { panels: [recovery, nodes, gpus], least: 6, most: 20 },
        ...(isMeasured ? [{ panels: [monitoring, latency, workloads], least: 3, most: 12 }] : []),
        ...(isMeasured && height < 46 ? [] : [{ panels: isMeasured ? [events] : [monitoring, workloads, events], least: 3, most: 20 }]),
      ],
      width,
      height,
    );
  }
  if (width >= 110) {
    const rows: readonly Row[] = [
      answer,
      { panels: [recovery, nodes], least: 4, most: 16 },
      { panels: [gpus, monitoring], least: 3, most: 8 },
      { panels: isMeasured ? [latency, workloads] : [workloads, events], least: 4, most: isMeasured ? 8 : 20 },
      ...(isMeasured && height >= 36 ? [{ panels: [events], least: 2, most: 20 }] : []),
    ];
    return grid(height >= 30 ? rows : rows.slice(0, 3), width, height);
  }
  const merged: Build = (w, room) => latencyAndTargets(snapshot, now, w, room);
  const flow: Build = (w, room) => recoveryFlow(snapshot, now, w, room);
  const rows: readonly Row[] = [
    answer,
    { panels: [flow], least: 2, most: height >= 28 ? 5 : 3 },
    { panels: [nodes], least: 4, most: 12 },
    { panels: [isMeasured ? merged : monitoring], least: 2, most: 6 },
    { panels: [workloads], least: 3, most: 12 },
    { panels: [events], least: 3, most: 12 },
  ];
  return grid(rows.slice(0, height >= 40 ? 6 : height >= 28 ? 5 : 4), width, height);
}

/** Panels side by side, and how many lines they get at least and, while later rows have less than their least, at most. */
interface Row {
  readonly panels: readonly Build[];
  readonly least: number;
  readonly most: number;
}

/** Gives each row what it wants, earlier rows first, but no later row less than its least; what is left over goes to the last row. */
function grid(rows: readonly Row[], width: number, height: number): readonly (readonly PlacedPanel[])[] {
  const wanted = rows.map(({ panels, most }) => Math.max(1, ...widths(width, panels.length).map((own, index) => wants(panels[index], own, most))));
  const heights = share(rows, wanted, height - rows.length * frameRows);
  return rows.map(({ panels }, rowIndex) => {
    const own = (heights[rowIndex] ?? 0) + frameRows;
    return widths(width, panels.length).flatMap((columnWidth, index) => {
      const build = panels[index];
      return build === undefined ? [] : [{ ...build(innerWidth(columnWidth), innerHeight(own)), width: columnWidth, height: own }];
    });
  });
}

const frameRows = 2;

function wants(build: Build | undefined, width: number, most: number): number {
  return build === undefined ? 0 : build(innerWidth(width), most).lines.length;
}

function share(rows: readonly Row[], wanted: readonly number[], lines: number): readonly number[] {
  const heights = rows.map(({ least }, index) => Math.min(least, wanted[index] ?? 0));
  let left = lines - heights.reduce((sum, own) => sum + own, 0);
  for (const [index, own] of heights.entries()) {
    const more = Math.max(0, Math.min((wanted[index] ?? 0) - own, left));
    heights[index] = own + more;
    left -= more;
  }
  const last = heights.length - 1;
  heights[last] = (heights[last] ?? 0) + left;
  return heights;
}

function widths(width: number, columns: number): readonly number[] {
  if (columns === 1) return [width];
  if (columns === 2) {
    const left = Math.floor(width * 0.44);
    return [left, width - left];
  }
  const side = Math.floor(width * 0.3);
  return [side, width - 2 * side, side];
}
