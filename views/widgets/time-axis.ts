import type { Series } from '../../src/state/series.js';
import { type Line, line, type Segment } from '../../src/text/line.js';
import { clockTime } from '../../src/text/moment.js';

/** The time that a chart's columns stand for, the oldest at the left; ms since the epoch. */
export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/**
 * One value for each column: of the samples that fall into it the largest, so that no peak is lost, or their mean. Where samples are further apart than columns each holds
 * until the next. A column that no sample falls into is null.
 */
export function columnsOf({ startAt, stepMs, values }: Series, axis: TimeAxis, join: 'max' | 'mean'): readonly (number | null)[] {
  const width = widthMs(axis);
  // A sample tells of the time up to it.
  const indexAt = (at: number) => (at - startAt) / stepMs;
  return Array.from({ length: axis.columns }, (_, column) => {
    const begin = axis.from + column * width;
    const first = Math.max(0, Math.floor(indexAt(begin) + 1e-6) + 1);
    const last = Math.min(values.length - 1, Math.ceil(indexAt(begin + width) - 1e-6));
    const known: number[] = [];
    for (let index = first; index <= last; index += 1) {
      const value = values[index];
      if (value !== null && value !== undefined) known.push(value);
    }
    if (known.length === 0) return null;
    return join === 'max' ? Math.max(...known) : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}

/** The column in which a moment falls; null outside the chart. */
export function columnAt(axis: TimeAxis, at: number): number | null {
  if (at < axis.from || at > axis.to) return null;
  return Math.min(axis.columns - 1, Math.max(0, Math.ceil((at - axis.from) / widthMs(axis)) - 1));
}

/** The moment at the end of a column. */
export function timeAt(axis: TimeAxis, column: number): number {
  return axis.from + (column + 1) * widthMs(axis);
}

/** The axis as a rule with the times of day in it: `─── 13:10 ────── 13:20 ───`; over more than a day with the day as well. */
export function axisLine(axis: TimeAxis): Line {
  const cells: Segment[] = Array.from({ length: axis.columns }, () => ({ text: '─', tone: 'dim' }));
  const step = tickSteps.find((ms) => ms / widthMs(axis) >= leastGap) ?? day;
  const offset = new Date(axis.to).getTimezoneOffset() * minute;
  for (let at = Math.ceil((axis.from - offset) / step) * step + offset; at <= axis.to; at += step) {
    const text = ` ${clockTime(at).slice(0, 5)} `;
    const start = Math.round((at - axis.from) / widthMs(axis)) - Math.ceil(text.length / 2);
    if (start < 0 || start + text.length > axis.columns) continue;
    for (const [index, character] of [...text].entries()) cells[start + index] = { text: character, tone: 'dim' };
  }
  return line(cells);
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const leastGap = 13;
const tickSteps = [1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute).concat([1, 2, 3, 4, 6, 12].map((hours) => hours * hour));

function widthMs({ from, to, columns }: TimeAxis): number {
  return (to - from) / Math.max(1, columns);
}
