import type { Sort } from '../src/text/sort.js';

/** Where a person stands in a list. */
export interface ListState {
  readonly filter: string;
  /** null: the list's own order. */
  readonly sort: Sort | null;
  /** Identity of the selected row; null before anything was chosen, which means the first. */
  readonly selected: string | null;
  /** Where the selected row stood when it was chosen: the place to stay at when it goes away. */
  readonly index: number;
  /** First row in the window. */
  readonly offset: number;
  readonly marks: ReadonlySet<string>;
}

export const freshList: ListState = { filter: '', sort: null, selected: null, index: 0, offset: 0, marks: new Set() };

/** The selected row's place among the rows as they are now; 0 where there are none. */
export function selectedIndex(list: ListState, ids: readonly string[]): number {
  const found = list.selected === null ? -1 : ids.indexOf(list.selected);
  return found >= 0 ? found : clamp(list.index, 0, Math.max(0, ids.length - 1));
}

/** The first row to show so that the selected one is among the `page` rows of the window, moving the window no further than needed. */
export function windowStart(offset: number, selected: number, page: number, total: number): number {
  const nearest = clamp(offset, selected - page + 1, selected);
  return clamp(nearest, 0, Math.max(0, total - page));
}

/** The list with the row at `index` selected and in view. */
export function select(list: ListState, ids: readonly string[], index: number, page: number): ListState {
  const to = clamp(index, 0, Math.max(0, ids.length - 1));
  const offset = windowStart(windowStart(list.offset, selectedIndex(list, ids), page, ids.length), to, page, ids.length);
  return { ...list, selected: ids[to] ?? null, index: to, offset };
}

/** Sorted by a column: its better direction first, then the other, then the list's own order again. */
export function sortBy(list: ListState, column: string, descendingFirst: boolean): ListState {
  const current = list.sort?.column === column ? list.sort : null;
  if (current === null) return { ...list, sort: { column, descending: descendingFirst } };
  return { ...list, sort: current.descending === descendingFirst ? { column, descending: !descendingFirst } : null };
}

export function toggleMark(list: ListState, id: string): ListState {
  const marks = new Set(list.marks);
  if (!marks.delete(id)) marks.add(id);
  return { ...list, marks };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
