import { useRef } from 'react';
import type { ListState } from '../list-state.js';
import type { Column } from '../widgets/list-layout.js';
import { type ShownRows, shownRows } from '../widgets/list-rows.js';

/**
 * The rows a list shows, worked out anew only when the rows, the filter or the sort are others: not each second for the sake of
 * ages, which all grow alike, and not when the selection moves.
 */
export function useShownRows<Row extends object>(
  rows: readonly Row[],
  list: ListState,
  columns: readonly Column<Row>[],
  idOf: (row: Row) => string,
  textOf: (row: Row) => string,
  now: number,
): ShownRows<Row> {
  const cache = useRef<{ readonly keys: readonly unknown[]; readonly shown: ShownRows<Row> } | null>(null);
  const keys = [rows, list.filter, list.sort, columns];
  if (cache.current === null || cache.current.keys.some((key, index) => key !== keys[index])) {
    cache.current = { keys, shown: shownRows(rows, list, columns, idOf, textOf, now) };
  }
  return cache.current.shown;
}
