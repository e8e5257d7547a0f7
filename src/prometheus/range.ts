import type { Series } from '../state/series.js';
import type { LabelledSeries, RawSeries } from './query-answers.js';

/** A span of time in even steps; all in ms since the epoch, by Prometheus' clock. */
export interface Range {
  readonly startAt: number;
  readonly endAt: number;
  readonly stepMs: number;
}

/** Prometheus refuses more points than this of one series in one answer. */
export const mostPoints = 11_000;

/** The range on multiples of its step: the first at or after its start, the last at or before its end. Null where no such moment lies within it. */
export function aligned({ startAt, endAt, stepMs }: Range): Range | null {
  const first = Math.ceil(startAt / stepMs) * stepMs;
  const last = Math.floor(endAt / stepMs) * stepMs;
  return last < first ? null : { startAt: first, endAt: last, stepMs };
}

/** Cuts an aligned range into parts of at most `points` moments; each moment lies in exactly one of them. */
export function sliced({ startAt, endAt, stepMs }: Range, points = mostPoints): readonly Range[] {
  const slices: Range[] = [];
  for (let from = startAt; from <= endAt; from += points * stepMs) slices.push({ startAt: from, endAt: Math.min(endAt, from + (points - 1) * stepMs), stepMs });
  return slices;
}

/** How many moments an aligned range has. */
export function momentsIn({ startAt, endAt, stepMs }: Range): number {
  return Math.round((endAt - startAt) / stepMs) + 1;
}

/** Nothing but gaps on the moments of an aligned range. */
export function emptySeries(range: Range): Series {
  return { startAt: range.startAt, stepMs: range.stepMs, values: new Array<null>(momentsIn(range)).fill(null) };
}

/** Puts the answers to the slices of an aligned range together: one series for each set of labels, null wherever no sample came. */
export function joined(range: Range, answers: Iterable<readonly RawSeries[]>): readonly LabelledSeries[] {
  const moments = momentsIn(range);
  const all = new Map<string, { readonly labels: ReadonlyMap<string, string>; readonly values: (number | null)[] }>();
  for (const answer of answers) {
    for (const { key, labels, pairs } of answer) {
      const known = all.get(key) ?? { labels, values: new Array<number | null>(moments).fill(null) };
      all.set(key, known);
      for (const { at, value } of pairs) {
        const index = Math.round((at - range.startAt) / range.stepMs);
        if (index >= 0 && index < moments) known.values[index] = value;
      }
    }
  }
  return [...all.values()].map(({ labels, values }) => ({ labels, series: { startAt: range.startAt, stepMs: range.stepMs, values } }));
}
