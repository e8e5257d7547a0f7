import { type CellRef, cellKey, type Work } from './work.js';

/** The cells that a wish means, and those that they need, each once and in an order in which they can be done. */
export function scopeOf(work: Work, wish: { readonly steps: readonly string[] | null; readonly columns: readonly string[] | null }): readonly CellRef[] {
  const wanted = new Set<string>();
  const open: CellRef[] = [];
  const want = (cell: CellRef) => {
    const key = cellKey(cell);
    if (wanted.has(key)) return;
    wanted.add(key);
    open.push(cell);
  };
  for (const cell of allCells(work)) {
    if (wish.steps !== null && !wish.steps.includes(cell.step)) continue;
    if (wish.columns !== null && !wish.columns.includes(cell.column)) continue;
    want(cell);
  }
  for (let cell = open.pop(); cell !== undefined; cell = open.pop()) for (const need of work.needsOf(cell.step, cell.column)) want(need);
  return allCells(work).filter((cell) => wanted.has(cellKey(cell)));
}

export function allCells(work: Work): readonly CellRef[] {
  return work.steps.flatMap(({ id }) => work.columns(id).map((column) => ({ step: id, column })));
}
