import type { Series } from '../state/series.js';
import { keyOf } from './latency-discovery.js';
import { type PodOwners, withService } from './latency-labels.js';
import { type Measure, measureExpr } from './latency-queries.js';
import type { LatencyStack } from './latency-stacks.js';
import type { Queries } from './queries.js';
import type { LabelledSeries } from './query-answers.js';

/** The last half hour of all services of one stack: back-filled with one question per measure, then extended. */
export interface Trend {
  /** Asks for what is missing up to `now` (Prometheus' clock). Rejects with MonitoringError, with what was known kept. */
  extend(now: number, signal: AbortSignal): Promise<void>;
  /** p95, or the mean, of one service; null wherever its newest sample then was older than `staleMs`: rates go on for minutes over a hole. */
  of(key: string, measure: 'quantiles' | 'mean', staleMs: number): Series;
  /** When it was last read, ms since the epoch by Prometheus' clock; null: not within the half hour. */
  sampledAt(key: string): number | null;
}

export const trendMs = 30 * 60_000;
export const trendStepMs = 10_000;

export function createTrend(queries: Queries, stack: LatencyStack, owners: PodOwners, native: boolean): Trend {
  const named = withService(owners);
  // Only of a stack that counts time and requests apart some services show the mean.
  const asked: readonly Measure[] = ['p95', ...(stack.mean === null ? [] : (['mean'] as const)), 'sampledAt'];
  let lines: ReadonlyMap<string, readonly (number | null)[]> = new Map();
  let startAt = 0;
  let endAt: number | null = null;

  const indexOf = (at: number) => Math.round((at - startAt) / trendStepMs);
  return {
    async extend(now, signal) {
      const last = Math.floor(now / trendStepMs) * trendStepMs;
      const first = last - trendMs;
      // The newest moments are asked for once more: a scrape may have come after they were.
      const from = endAt === null || endAt < first || endAt > last ? first : endAt - 2 * trendStepMs;
      const range = { startAt: from, endAt: last, stepMs: trendStepMs };
      const answers = await Promise.all(
        asked.map(async (measure) => {
          const expr = measureExpr(stack, measure, { named, native });
          return { measure, series: expr === null ? [] : (await queries.queryRange(expr, range, { signal })).value };
        }),
      );
      const old = { lines, startAt };
      const known = from === first ? 0 : Math.round((from - first) / trendStepMs);
      startAt = first;
      endAt = last;
      lines = merged(old, first, known, answers, stack);
    },
    of(key, measure, staleMs) {
      const values = lines.get(`${measure === 'mean' ? 'mean' : 'p95'} ${key}`);
      const sampled = lines.get(`sampledAt ${key}`);
      const moments = endAt === null ? 0 : indexOf(endAt) + 1;
      const isFresh = (index: number) => {
        const at = sampled?.[index] ?? null;
        return at !== null && startAt + index * trendStepMs - at * 1000 <= staleMs;
      };
      return { startAt, stepMs: trendStepMs, values: Array.from({ length: moments }, (_, index) => (isFresh(index) ? (values?.[index] ?? null) : null)) };
    },
    sampledAt(key) {
      const newest = lines.get(`sampledAt ${key}`)?.findLast((at) => at !== null) ?? null;
      return newest === null ? null : newest * 1000;
    },
  };
}

/** The old values up to the place `known` of the new half hour, the answers from there on. */
function merged(
  old: { readonly lines: ReadonlyMap<string, readonly (number | null)[]>; readonly startAt: number },
  startAt: number,
  known: number,
  answers: readonly { readonly measure: Measure; readonly series: readonly LabelledSeries[] }[],
  stack: LatencyStack,
): ReadonlyMap<string, readonly (number | null)[]> {
  const moments = Math.round(trendMs / trendStepMs) + 1;
  const moved = Math.round((startAt - old.startAt) / trendStepMs);
  const fresh = new Map<string, readonly (number | null)[]>(
    answers.flatMap(({ measure, series }) => series.map((one) => [`${measure} ${keyOf(one.labels, stack)}`, one.series.values] as const)),
  );
  const lines = new Map<string, readonly (number | null)[]>();
  for (const key of new Set([...(known === 0 ? [] : old.lines.keys()), ...fresh.keys()])) {
    const before = old.lines.get(key) ?? [];
    const after = fresh.get(key) ?? [];
    const values = Array.from({ length: moments }, (_, index) => (index < known ? (before[index + moved] ?? null) : (after[index - known] ?? null)));
    if (values.some((value) => value !== null)) lines.set(key, values);
  }
  return lines;
}
