import { fitLine, type Line, line, lineWidth } from '../../src/text/line.js';
import { pad, wrap } from '../../src/text/width.js';

/** A titled part of a details page. */
export interface Section {
  readonly title: string;
  /** At the right end of the title's rule: a count, an age. */
  readonly right?: Line;
  /** Made for the width it will have. */
  readonly lines: (width: number) => readonly Line[];
}

const gutter = 3;

/** Sections one below the other, or in two columns side by side. */
export function sectionLines(left: readonly Section[], right: readonly Section[], width: number): readonly Line[] {
  if (right.length === 0) return column(left, width);
  const leftWidth = Math.floor((width - gutter) / 2);
  const rightWidth = width - gutter - leftWidth;
  const first = column(left, leftWidth);
  const second = column(right, rightWidth);
  const rows = Math.max(first.length, second.length);
  return Array.from({ length: rows }, (_, index) => line(fitLine(first[index] ?? [], leftWidth), ' '.repeat(gutter), fitLine(second[index] ?? [], rightWidth)));
}

/** Names and values, the names in one column: `kernel    6.8.0-94-generic`; long values go on below themselves. */
export function facts(pairs: readonly (readonly [string, string | Line])[], width: number): readonly Line[] {
  const widest = Math.min(22, Math.max(0, ...pairs.map(([name]) => name.length)));
  return pairs.flatMap(([name, value]) => {
    const label = line(['dim', pad(name, widest)], '  ');
    if (typeof value !== 'string') return [line(label, value)];
    const wrapped = wrap(value, Math.max(10, width - widest - 2));
    return (wrapped.length === 0 ? [''] : wrapped).map((text, index) => line(index === 0 ? label : ' '.repeat(widest + 2), text));
  });
}

/** A table for a section: a dim row of titles, columns as wide as they need, the last one taking the rest. `right` names columns that stand at the right. */
export function table(titles: readonly string[], rows: readonly (readonly Line[])[], width: number, right: ReadonlySet<string> = new Set()): readonly Line[] {
  const widths = titles.map((title, index) =>
    Math.min(
      index === titles.length - 1 ? width : Math.max(34, Math.floor(width / 3)),
      Math.max(title.length, ...rows.map((row) => lineWidth(row[index] ?? []))),
    ),
  );
  const all = [titles.map((title) => line(['dim', title])), ...rows];
  return all.map((cells) => {
    const row = cells.flatMap((cell, index) => {
      const own = widths[index] ?? 0;
      const fill = ' '.repeat(Math.max(0, own - lineWidth(cell)));
      const isLast = index === cells.length - 1;
      const placed = right.has(titles[index] ?? '') && fill !== '' ? line(fill, cell) : isLast && fill !== '' ? cell : fitLine(cell, own);
      return index === 0 ? placed : line('  ', placed);
    });
    return lineWidth(row) > width ? fitLine(row, width) : row;
  });
}

function column(sections: readonly Section[], width: number): readonly Line[] {
  return sections.flatMap(({ title, right = [], lines }, index) => {
    const rule = '─'.repeat(Math.max(1, width - title.length - 1 - (lineWidth(right) === 0 ? 0 : lineWidth(right) + 1)));
    const heading = line(['title', title], ['dim', ` ${rule}`], lineWidth(right) === 0 ? [] : line(' ', right));
    return [...(index === 0 ? [] : [[]]), heading, ...lines(width)];
  });
}
