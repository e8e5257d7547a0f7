import { fitLine, type Line, lineWidth } from '../text/line.js';
import type { Output } from './output.js';
import { paint } from './paint.js';

/** Lines on a terminal that are drawn over each time; what stands there at the end stays. */
export function liveBlock(out: Output, { columns, rows, colours }: NonNullable<Output['live']>): { draw(lines: readonly Line[]): void } {
  let drawn = '';
  let height = 0;
  return {
    draw(lines) {
      // A line that wraps, or a block that scrolls away, could not be drawn over.
      const fitting = lines.length < rows ? lines : lines.slice(0, Math.max(1, rows - 1));
      const text = paint(
        fitting.map((row) => (lineWidth(row) < columns ? row : fitLine(row, columns - 1))),
        colours,
      );
      if (text === drawn) return;
      out.stderr(`${height === 0 ? '' : `\x1b[${height}A\r`}\x1b[J${text}`);
      drawn = text;
      height = fitting.length;
    },
  };
}
