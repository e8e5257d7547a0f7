import { type Line, line, lineWidth } from '../../src/text/line.js';

/** Parts one after the other, as many in a row as fit into `width`. */
export function flowing(parts: readonly Line[], width: number, gap = '   '): readonly Line[] {
  const rows: Line[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    const joined = last === undefined ? part : line(last, gap, part);
    if (last !== undefined && lineWidth(joined) <= width) rows[rows.length - 1] = joined;
    else rows.push(part);
  }
  return rows;
}
