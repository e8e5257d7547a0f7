import { type Line, line } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';

export const leastColumns = 80;
export const leastRows = 24;

/** All that a terminal below the least size gets to see, in the middle of what there is. */
export function tooSmallLines(columns: number, rows: number): readonly Line[] {
  const text = wrap(`needs ${leastColumns}×${leastRows}, has ${columns}×${rows}`, columns).slice(0, rows);
  const above = Math.floor((rows - text.length) / 2);
  const lines = text.map((row) => line(' '.repeat(Math.max(0, Math.floor((columns - row.length) / 2))), row));
  return [...Array.from({ length: above }, (): Line => []), ...lines];
}
