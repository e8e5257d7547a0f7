import type { Sample } from '../text/exposition.js';
import { type CounterSample, counterRate } from './histogram-rate.js';
import { rateWindowMs } from './latency-stacks.js';

/** One series of one pod, as it was read lately. */
export interface PodSeries {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Its growth per second over the 5 minutes before `at`; null with fewer than two samples. */
  rate(at: number): number | null;
  /** Its newest value at `at`, no older than `staleMs`; null where it is older or no number. */
  value(at: number, staleMs: number): number | null;
}

/** What was read of one pod within the last minutes. */
export interface PodSamples {
  /** Puts a page in, read at `at` (ms since the epoch). */
  add(at: number, samples: readonly Sample[]): void;
  series(): Iterable<PodSeries>;
  /** The newest reading at or before `at`; null without one. */
  readAt(at: number): number | null;
  /** How many readings there are. */
  readings(): number;
}

export function createPodSamples(keptMs = rateWindowMs + 60_000): PodSamples {
  const all = new Map<string, { readonly name: string; readonly labels: ReadonlyMap<string, string>; samples: CounterSample[] }>();
  let reads: number[] = [];
  return {
    add(at, samples) {
      reads = [...reads.filter((read) => read > at - keptMs), at];
      for (const { name, labels, value } of samples) {
        const number = Number(value === '+Inf' ? Number.POSITIVE_INFINITY : value);
        if (!Number.isFinite(number)) continue;
        const key = JSON.stringify([name, ...[...labels].sort(([a], [b]) => (a < b ? -1 : 1)).flat()]);
        const known = all.get(key) ?? { name, labels, samples: [] };
        known.samples.push({ at, value: number });
        all.set(key, known);
      }
      for (const [key, known] of all) {
        if ((known.samples[0]?.at ?? at) <= at - keptMs) known.samples = known.samples.filter((sample) => sample.at > at - keptMs);
        if (known.samples.length === 0) all.delete(key);
      }
    },
    *series() {
      for (const { name, labels, samples } of all.values()) {
        yield {
          name,
          labels,
          rate: (at) => counterRate(samples, at, rateWindowMs),
          value(at, staleMs) {
            const newest = samples.findLast((sample) => sample.at <= at);
            return newest === undefined || at - newest.at > staleMs ? null : newest.value;
          },
        };
      }
    },
    readAt: (at) => reads.findLast((read) => read <= at) ?? null,
    readings: () => reads.length,
  };
}
