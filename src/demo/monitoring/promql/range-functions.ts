import { quantileOf } from './quantile.js';
import type { Window } from './value.js';

/** The range a window was cut from, in seconds; `time` is the moment of evaluation without offset. */
export interface RangeBounds {
  readonly start: number;
  readonly end: number;
  readonly time: number;
}

/** A function of a range vector: one value per series, or null for none. */
export type RangeFunction = (window: Window, bounds: RangeBounds, parameters: readonly number[]) => number | null;

/** Those that give back a sample as it was keep the metric's name; all others drop it. */
export const keepsName: ReadonlySet<string> = new Set(['last_over_time', 'first_over_time']);

export const rangeFunctions: Readonly<Record<string, RangeFunction>> = {
  rate: (window, bounds) => extrapolated(window, bounds, true, true),
  increase: (window, bounds) => extrapolated(window, bounds, true, false),
  delta: (window, bounds) => extrapolated(window, bounds, false, false),
  irate: (window) => instantChange(window, true),
  idelta: (window) => instantChange(window, false),
  deriv: (window) => (window.end - window.first < 2 ? null : regression(window, time(window, window.first)).slope),
  predict_linear: (window, { time: now }, [ahead = 0]) => {
    if (window.end - window.first < 2) return null;
    const { slope, intercept } = regression(window, now);
    return intercept + slope * ahead;
  },
  resets: (window) => count(window, (previous, value) => value < previous),
  changes: (window) => count(window, (previous, value) => value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))),
  avg_over_time: (window) => sum(window) / (window.end - window.first),
  sum_over_time: sum,
  min_over_time: (window) => fold(window, (best, value) => (value < best || Number.isNaN(best) ? value : best)),
  max_over_time: (window) => fold(window, (best, value) => (value > best || Number.isNaN(best) ? value : best)),
  count_over_time: (window) => window.end - window.first,
  present_over_time: () => 1,
  last_over_time: (window) => value(window, window.end - 1),
  first_over_time: (window) => value(window, window.first),
  stddev_over_time: (window) => Math.sqrt(variance(window)),
  stdvar_over_time: variance,
  quantile_over_time: (window, _, [q = Number.NaN]) => quantileOf(q, list(window)),
  mad_over_time: (window) => {
    const middle = quantileOf(0.5, list(window));
    return quantileOf(
      0.5,
      list(window).map((each) => Math.abs(each - middle)),
    );
  },
};

/**
 * rate, increase and delta: the change between the first and the last sample, stretched to the whole range unless the series
 * begins or ends well inside it, and not below a counter's zero. The rules are those of Prometheus' extrapolatedRate.
 */
function extrapolated(window: Window, bounds: RangeBounds, counter: boolean, perSecond: boolean): number | null {
  const { first, end } = window;
  if (end - first < 2) return null;
  const firstValue = value(window, first);
  let change = value(window, end - 1) - firstValue;
  if (counter) {
    let previous = firstValue;
    for (let index = first + 1; index < end; index++) {
      const current = value(window, index);
      if (current < previous) change += previous;
      previous = current;
    }
  }
  const sampled = time(window, end - 1) - time(window, first);
  const average = sampled / (end - first - 1);
  const threshold = average * 1.1;
  let toStart = time(window, first) - bounds.start;
  let toEnd = bounds.end - time(window, end - 1);
  if (toStart >= threshold) toStart = average / 2;
  if (counter && change > 0 && firstValue >= 0) toStart = Math.min(toStart, sampled * (firstValue / change));
  if (toEnd >= threshold) toEnd = average / 2;
  const factor = (sampled + toStart + toEnd) / sampled;
  return (change * factor) / (perSecond ? bounds.end - bounds.start : 1);
}

function instantChange(window: Window, rate: boolean): number | null {
  if (window.end - window.first < 2) return null;
  const [before, last] = [value(window, window.end - 2), value(window, window.end - 1)];
  const change = rate && last < before ? last : last - before;
  return rate ? change / (time(window, window.end - 1) - time(window, window.end - 2)) : change;
}

function regression(window: Window, origin: number): { slope: number; intercept: number } {
  let [n, sumX, sumY, sumXY, sumXX] = [0, 0, 0, 0, 0];
  const base = value(window, window.first);
  let constant = true;
  for (let index = window.first; index < window.end; index++) {
    const x = time(window, index) - origin;
    const y = value(window, index);
    if (y !== base) constant = false;
    n++;
    sumX += x;
    sumY += y;
    sumXY += x * y;
    sumXX += x * x;
  }
  if (constant) return { slope: Number.isFinite(base) ? 0 : Number.NaN, intercept: Number.isFinite(base) ? base : Number.NaN };
  const slope = (sumXY - (sumX * sumY) / n) / (sumXX - (sumX * sumX) / n);
  return { slope, intercept: sumY / n - (slope * sumX) / n };
}

function sum(window: Window): number {
  let total = 0;
  for (let index = window.first; index < window.end; index++) total += value(window, index);
  return total;
}

function variance(window: Window): number {
  const mean = sum(window) / (window.end - window.first);
  let squares = 0;
  for (let index = window.first; index < window.end; index++) squares += (value(window, index) - mean) ** 2;
  return squares / (window.end - window.first);
}

function fold(window: Window, better: (best: number, value: number) => number): number {
  let best = value(window, window.first);
  for (let index = window.first + 1; index < window.end; index++) best = better(best, value(window, index));
  return best;
}

function count(window: Window, matches: (previous: number, value: number) => boolean): number {
  let found = 0;
  for (let index = window.first + 1; index < window.end; index++) if (matches(value(window, index - 1), value(window, index))) found++;
  return found;
}

function list(window: Window): number[] {
  const values: number[] = [];
  for (let index = window.first; index < window.end; index++) values.push(value(window, index));
  return values;
}

function value(window: Window, index: number): number {
  return window.values[index] ?? Number.NaN;
}

function time(window: Window, index: number): number {
  return window.times[index] ?? Number.NaN;
}
