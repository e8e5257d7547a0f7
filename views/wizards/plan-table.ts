import type { PlanTable } from '../../src/state/operations.js';
import { type Line, line } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';
import { type Column, headerRow, listRow, placeColumns } from '../widgets/list-layout.js';

type Row = PlanTable['rows'][number];

/** A plan's items by groups: a tick before what it changes, a dot before what it leaves; below it how many of how many. */
export function planTableLines({ heads, right, rows, sum }: PlanTable, width: number): readonly Line[] {
  const columns = heads.map((title, index): Column<Row> => {
    const cell = ({ changes, cells }: Row) => line([changes ? 'plain' : 'dim', cells[index] ?? '']);
    return right.includes(title) ? { id: title, title, cell, align: 'right' } : { id: title, title, cell, least: Math.min(9, title.length + 3) };
  });
  const placed = placeColumns(columns, rows.slice(0, mostMeasured), 0, width, width);
  const shown = rows.map((row) => listRow(placed, row, row.changes ? line(['accent', '✓']) : line(['dim', '·']), 0));
  return [headerRow(placed, null), ...shown, [], ...wrap(sum, width).map((text) => line(['strong', text]))];
}

const mostMeasured = 200;
