import { plot } from 'asciichart';
import { type Line, line, type Segment, type Tone } from '../../src/text/line.js';
import { pad } from '../../src/text/width.js';

/** One line in a chart, a value for each column. */
export interface Curve {
  readonly name: string;
  readonly tone: Tone;
  readonly values: readonly (number | null)[];
}

export interface LineChartFrame {
  readonly width: number;
  readonly height: number;
  /** The value of the top row; the bottom is 0. */
  readonly high: number;
  /** A level across the chart that must not be passed. */
  readonly limit?: { readonly value: number; readonly name: string } | null;
  /** A column that is marked from top to bottom. */
  readonly cursor?: number | null;
}

/**
 * Curves drawn over each other, the later ones above, in exactly `width` × `height` cells; a missing value is a gap in its curve. Each is drawn piece by piece with asciichart,
 * which knows no gaps and no colours but its own.
 */
export function lineChart(curves: readonly Curve[], { width, height, high, limit = null, cursor = null }: LineChartFrame): readonly Line[] {
  const rows: Segment[][] = Array.from({ length: height }, () => Array.from({ length: width }, () => empty));
  const put = (row: number, column: number, segment: Segment) => {
    const cells = rows[row];
    if (cells !== undefined && column >= 0 && column < width) cells[column] = segment;
  };
  if (limit !== null && limit.value <= high) {
    const row = rowOf(limit.value, high, height);
    for (let column = 0; column < width; column += 2) put(row, column, { text: '-', tone: 'bad' });
  }
  if (cursor !== null) for (let row = 0; row < height; row += 1) put(row, cursor, { text: '│', tone: 'dim' });
  for (const { values, tone } of curves) {
    for (const { start, piece } of pieces(values.slice(0, width))) {
      for (const [row, text] of drawn(piece, height, high).entries()) {
        // Its first column is an axis, and not of the curve.
        for (const [index, character] of [...text].entries()) if (index > 0 && character !== ' ') put(row, start + index, { text: character, tone });
      }
      put(rowOf(piece[0] ?? 0, high, height), start, { text: '─', tone });
    }
  }
  return rows.map(joined);
}

/** The values beside the rows of a chart, `width` wide with the axis at the right: a few of them, at round values. */
export function valueLabels(height: number, high: number, width: number, shown: (value: number) => string): readonly Line[] {
  const parts = height >= 9 ? 4 : height >= 5 ? 2 : 1;
  const ticks = new Map(Array.from({ length: parts + 1 }, (_, index) => [rowOf((high * index) / parts, high, height), (high * index) / parts]));
  return Array.from({ length: height }, (_, row) => {
    const value = ticks.get(row);
    return value === undefined ? line(['dim', `${' '.repeat(width - 1)}│`]) : line(['dim', `${pad(shown(value), width - 2, 'left')} ┤`]);
  });
}

/** The curves' names at the right of the rows where they end; those that end together give way to each other. */
export function curveNames(curves: readonly Curve[], { width, height, high, limit = null }: LineChartFrame): readonly Line[] {
  const names = new Map<number, Line>();
  const place = (value: number, name: Line) => {
    const wanted = rowOf(value, high, height);
    const free = nearest(height, wanted).find((row) => !names.has(row));
    if (free !== undefined) names.set(free, name);
  };
  const ends = curves.flatMap(({ name, tone, values }) => {
    const value = values.slice(0, width).findLast((one) => one !== null);
    return value === undefined || value === null ? [] : [{ name, tone, value }];
  });
  for (const { name, tone, value } of ends.sort((a, b) => b.value - a.value)) place(value, line([tone, name]));
  if (limit !== null && limit.value <= high) place(limit.value, line(['bad', limit.name]));
  return Array.from({ length: height }, (_, row) => names.get(row) ?? []);
}

/** The smallest round value that nothing passes, for the top of an axis whose quarters are round as well. */
export function roundHigh(values: readonly (number | null)[]): number {
  const most = values.reduce<number>((high, value) => Math.max(high, value ?? 0), 0);
  if (most <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  return (rounds.find((factor) => factor * unit >= most * 0.9999) ?? 10) * unit;
}

const rounds = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10];
const empty: Segment = { text: ' ', tone: 'plain' };

function rowOf(value: number, high: number, height: number): number {
  // As asciichart rounds.
  return Math.max(0, Math.min(height - 1, height - 1 - Math.round((value * (height - 1)) / high)));
}

function nearest(height: number, wanted: number): readonly number[] {
  return Array.from({ length: height }, (_, row) => row).sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
}

/** The parts of a curve between its gaps. */
function pieces(values: readonly (number | null)[]): readonly { readonly start: number; readonly piece: readonly number[] }[] {
  const found: { start: number; piece: number[] }[] = [];
  for (const [index, value] of values.entries()) {
    if (value === null || !Number.isFinite(value)) continue;
    const last = found.at(-1);
    if (last !== undefined && last.start + last.piece.length === index) last.piece.push(value);
    else found.push({ start: index, piece: [value] });
  }
  return found;
}

function drawn(piece: readonly number[], height: number, high: number): readonly string[] {
  if (height < 2) return ['─'.repeat(piece.length)];
  const held = piece.map((value) => Math.min(high, Math.max(0, value)));
  return plot(held, { min: 0, max: high, height: height - 1, offset: 1, format: () => ' ' }).split('\n');
}

/** Neighbours of one tone as one segment. */
function joined(cells: readonly Segment[]): Line {
  const row: Segment[] = [];
  for (const cell of cells) {
    const last = row.at(-1);
    if (last?.tone === cell.tone) row[row.length - 1] = { tone: cell.tone, text: last.text + cell.text };
    else row.push(cell);
  }
  return row;
}
