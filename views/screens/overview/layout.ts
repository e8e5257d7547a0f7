import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { innerHeight, innerWidth } from '../../widgets/panel-lines.js';
import { gpusPanel } from './gpus.js';
import { monitoringPanel } from './monitoring.js';
import { nodesPanel } from './nodes.js';
import type { PanelContent } from './panel-content.js';
import { recoveryFlow, recoveryPanel } from './recovery.js';
import { verdictPanel } from './verdict.js';
import { warningsPanel } from './warnings.js';
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
  const recovery: Build = (w, room) => recoveryPanel(snapshot, w, room);
  const nodes: Build = (w, room) => nodesPanel(snapshot, now, w, room);
  const gpus: Build = (w, room) => gpusPanel(snapshot, w, room);
  const monitoring: Build = (w, room) => monitoringPanel(snapshot, now, w, room);
  const workloads: Build = (w, room) => workloadsPanel(snapshot, w, room);
  const warnings: Build = (w, room) => warningsPanel(snapshot, now, w, room);

  if (width >= 180) return grid([[verdict], [recovery, nodes, gpus], [monitoring, workloads, warnings]], width, height);
  if (width >= 110) {
    const rows = [[verdict], [recovery, nodes], [gpus, monitoring], [workloads, warnings]];
    return grid(height >= 30 ? rows : rows.slice(0, 3), width, height);
  }
  const flow: Build = (w, room) => recoveryFlow(snapshot, w, room);
  const rows = [[verdict], [flow], [nodes], [monitoring], [workloads], [warnings]];
  return grid(rows.slice(0, height >= 40 ? 6 : height >= 28 ? 5 : 4), width, height);
}

/** Gives each row the lines it wants while there is room; where there is not, all give up lines in turn, the later rows first; what is left over goes to the last. */
function grid(rows: readonly (readonly Build[])[], width: number, height: number): readonly (readonly PlacedPanel[])[] {
  const wanted = rows.map((row) => Math.max(...widths(width, row.length).map((own, index) => wants(row[index], own))) + frameRows);
  const heights = shrink(wanted, height);
  const spare = height - heights.reduce((sum, own) => sum + own, 0);
  return rows.map((row, rowIndex) => {
    const own = (heights[rowIndex] ?? 0) + (rowIndex === rows.length - 1 ? spare : 0);
    return widths(width, row.length).flatMap((columnWidth, index) => {
      const build = row[index];
      return build === undefined ? [] : [{ ...build(innerWidth(columnWidth), innerHeight(own)), width: columnWidth, height: own }];
    });
  });
}

const frameRows = 2;
/** More lines than any panel asks for. */
const plenty = 200;

function wants(build: Build | undefined, width: number): number {
  return build === undefined ? 0 : Math.max(1, build(innerWidth(width), plenty).lines.length);
}

function shrink(wanted: readonly number[], height: number): readonly number[] {
  const heights = [...wanted];
  let excess = heights.reduce((sum, own) => sum + own, 0) - height;
  while (excess > 0) {
    const tallest = Math.max(...heights);
    if (tallest <= frameRows + 1) break;
    heights[heights.lastIndexOf(tallest)] = tallest - 1;
    excess -= 1;
  }
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
