import type { Noise } from './noise.js';

/** A value that holds from one moment (seconds) until the next step; ascending, the first from -Infinity. */
export type Steps<T> = readonly { readonly from: number; readonly value: T }[];

/** A span of time in seconds; `to` is Infinity while it lasts. */
export interface Span {
  readonly from: number;
  to: number;
}

/** The value that holds at a moment. */
export function stepAt<T>(steps: Steps<T>, time: number): T | undefined {
  return steps[stepIndex(steps, time)]?.value;
}

/** Steps with each value turned into another. */
export function mapSteps<T, U>(steps: Steps<T>, change: (value: T) => U): Steps<U> {
  return steps.map(({ from, value }) => ({ from, value: change(value) }));
}

/** How much of something was there at each moment, from the spans in which each part of it was. */
export function totalOf(parts: Iterable<{ readonly spans: readonly Span[]; readonly weight: number }>): Steps<number> {
  const changes: { at: number; by: number }[] = [];
  for (const { spans, weight } of parts) {
    for (const { from, to } of spans) {
      changes.push({ at: from, by: weight });
      if (to !== Number.POSITIVE_INFINITY) changes.push({ at: to, by: -weight });
    }
  }
  changes.sort((a, b) => a.at - b.at);
  const steps = [{ from: Number.NEGATIVE_INFINITY, value: 0 }];
  let total = 0;
  for (const { at, by } of changes) {
    total += by;
    const last = steps.at(-1);
    // What changes within a second of the last change belongs to it.
    if (last !== undefined && at - last.from < 1) last.value = total;
    else steps.push({ from: at, value: total });
  }
  return steps;
}

/** A counter that grows by `rate` (per second) times the noise: its value at any moment, 0 until `from`. */
export function flow(rate: Steps<number>, noise: Noise, from: number): (time: number) => number {
  const start = Math.max(0, stepIndex(rate, from));
  const parts: { from: number; rate: number; integral: number; sum: number }[] = [];
  let sum = 0;
  for (const step of rate.slice(start)) {
    const begin = Math.max(from, step.from);
    const integral = noise.integral(begin);
    const before = parts.at(-1);
    if (before !== undefined) sum += before.rate * (integral - before.integral);
    parts.push({ from: begin, rate: step.value, integral, sum });
  }
  return (time) => {
    if (time <= from) return 0;
    let part = parts[0];
    for (let index = parts.length - 1; index > 0; index--) {
      const candidate = parts[index];
      if (candidate !== undefined && candidate.from <= time) {
        part = candidate;
        break;
      }
    }
    return part === undefined ? 0 : part.sum + part.rate * (noise.integral(time) - part.integral);
  };
}

/** A rate that never changes. */
export function steady(value: number): Steps<number> {
  return [{ from: Number.NEGATIVE_INFINITY, value }];
}

/** Whether a moment lies in one of the spans. */
export function within(spans: readonly Span[], time: number): boolean {
  return spans.some(({ from, to }) => from <= time && time < to);
}

function stepIndex<T>(steps: Steps<T>, time: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.from ?? Number.POSITIVE_INFINITY) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
