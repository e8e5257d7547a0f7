import { applyFilter, parseFilter } from '../../src/text/filter.js';
import { sortRows } from '../../src/text/sort.js';
import type { ListState } from '../list-state.js';
import type { Column } from './list-layout.js';

/** The rows a list shows, in order, and why its filter cannot be applied if so. */
export interface ShownRows<Row> {
  readonly rows: readonly Row[];
  readonly ids: readonly string[];
  readonly why: string | null;
}

/** Filters and sorts. `textOf` gives the row's searchable text, which is made once per row and kept. */
export function shownRows<Row extends object>(
  rows: readonly Row[],
  list: ListState,
  columns: readonly Column<Row>[],
  idOf: (row: Row) => string,
  textOf: (row: Row) => string,
  now: number,
): ShownRows<Row> {
  const filtered = applyFilter(parseFilter(list.filter), rows, (row) => searchable(row, textOf));
  const by = columns.find(({ id }) => id === list.sort?.column)?.sortValue;
  const sorted = by === undefined || list.sort === null ? filtered.rows : sortRows(filtered.rows, (row) => by(row, now), list.sort.descending);
  return { rows: sorted, ids: sorted.map(idOf), why: filtered.why };
}

const texts = new WeakMap<object, string>();

function searchable<Row extends object>(row: Row, textOf: (row: Row) => string): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = textOf(row).toLowerCase();
  texts.set(row, text);
  return text;
}
