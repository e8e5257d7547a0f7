import { fitLine, type Line, line, lineWidth } from '../../src/text/line.js';
import type { Sort, SortValue } from '../../src/text/sort.js';
import { cut } from '../../src/text/width.js';

/** A column of a list. Cells are as wide as their text up to `most`; a `grow` column takes what the others leave. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row, now: number) => Line;
  readonly align?: 'right';
  readonly least?: number;
  readonly most?: number;
  readonly grow?: boolean;
  /** Columns of the terminal from which on it is there at all. */
  readonly from?: number;
  /** The letter in the title that, typed with shift, sorts by it. */
  readonly sortKey?: string;
  readonly sortValue?: (row: Row, now: number) => SortValue;
  /** The interesting end first: most restarts, fewest free GPUs. */
  readonly descendingFirst?: boolean;
}

export interface PlacedColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

const gap = 2;
/** The row's status sign or mark, and a blank. */
const lead = 2;

/** Which columns there is room for, and how wide each is, measured on the rows given (those in the window, or all of a short list). */
export function placeColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  now: number,
  width: number,
  terminal: number,
  sorted: string | null = null,
): readonly PlacedColumn<Row>[] {
  const wanted = columns
    .filter(({ from = 0 }) => from <= terminal)
    .map((column) => {
      const title = lineWidth(line(column.title)) + (column.id === sorted ? 1 : 0);
      const widest = rows.reduce((most, row) => Math.max(most, lineWidth(column.cell(row, now))), title);
      return { column, width: Math.min(column.most ?? 60, Math.max(column.least ?? 0, widest)) };
    });
  const room = width - lead;
  let placed = wanted;
  // Too wide: first the widest flexible columns give way, then the last columns go.
  while (placed.length > 1 && total(placed) > room) {
    const over = total(placed) - room;
    const shrinkable = placed
      .filter(({ column, width: own }) => (column.grow === true || column.least !== undefined) && own > (column.least ?? 8))
      .reduce<PlacedColumn<Row> | undefined>((widest, one) => (widest === undefined || one.width > widest.width ? one : widest), undefined);
    if (shrinkable !== undefined) {
      const narrower = Math.max(shrinkable.column.least ?? 8, shrinkable.width - over);
      placed = placed.map((one) => (one === shrinkable ? { ...one, width: narrower } : one));
    } else {
      placed = placed.slice(0, -1);
    }
  }
  const spare = room - total(placed);
  return placed.map((one) => (one.column.grow === true && spare > 0 ? { ...one, width: one.width + spare } : one));
}

/** The titles, the sorting letter of each marked, and an arrow where the list is sorted. */
export function headerRow<Row>(placed: readonly PlacedColumn<Row>[], sort: Sort | null): Line {
  const titles = placed.map(({ column, width }) => {
    const arrow = sort?.column === column.id ? (sort.descending ? '▼' : '▲') : '';
    const text = cut(column.title, width);
    const key = column.sortKey === undefined || text === '…' ? -1 : text.indexOf(column.sortKey);
    const title = key < 0 ? line(['dim', text]) : line(['dim', text.slice(0, key)], ['accent', text.charAt(key)], ['dim', text.slice(key + 1)]);
    return cell(line(title, ['accent', arrow]), width, column.align);
  });
  return line(' '.repeat(lead), joined(titles));
}

/** One row; `sign` is its status glyph. */
export function listRow<Row>(placed: readonly PlacedColumn<Row>[], row: Row, sign: Line, now: number): Line {
  const cells = placed.map(({ column, width }) => cell(column.cell(row, now), width, column.align));
  return line(fitLine(sign, 1), ' ', joined(cells));
}

function cell(content: Line, width: number, align: 'right' | undefined): Line {
  const own = lineWidth(content);
  return align === 'right' && own < width ? line(' '.repeat(width - own), content) : fitLine(content, width);
}

function joined(cells: readonly Line[]): Line {
  return cells.flatMap((one, index) => (index === 0 ? one : line(' '.repeat(gap), one)));
}

function total(placed: readonly { readonly width: number }[]): number {
  return placed.reduce((sum, { width }) => sum + width, 0) + gap * Math.max(0, placed.length - 1);
}
