/** The frame and the row of titles. */
const around = 3;
/** What a list that the keys are not in gets at most. */
const mostRows = 6;

/** How many lines each of some lists gets of `height`, by their rows: the one that has the keys what the others leave. On a low screen it gets everything, and they nothing. */
export function panelHeights(rows: readonly number[], focused: number, height: number, isTall: boolean): readonly number[] {
  if (!isTall) return rows.map((_, index) => (index === focused ? height : 0));
  const others = rows.map((count, index) => (index === focused ? 0 : around + Math.max(1, Math.min(count, mostRows))));
  const left = height - others.reduce((sum, own) => sum + own, 0);
  return others.map((own, index) => (index === focused ? left : own));
}
