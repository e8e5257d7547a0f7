import type { Series } from '../state/series.js';
import { trendMs, trendStepMs } from './latency-trend.js';
import { type PodGroup, readingOf } from './pod-metrics-reading.js';

/** What was worked out for one service in this visit, at even steps. */
export interface PodTrend {
  /** Works out the moments since the last time, up to `at`. */
  extend(group: PodGroup, at: number, staleMs: number): void;
  /** The last half hour of p95, or of the mean. */
  lately(measure: 'quantiles' | 'mean'): Series;
  /** ms since the epoch; null before the first reading. */
  startedAt(): number | null;
  /** One line over the last `rangeMs`, in as few steps as `points` allows; `null` before this visit began. */
  line(name: TrendLine, rangeMs: number, points: number, now: number): Series;
}

export type TrendLine = (typeof lineNames)[number];

const lineNames = ['p50', 'p95', 'p99', 'mean', 'requests'] as const;

export function createPodTrend(): PodTrend {
  const lines: Record<TrendLine, (number | null)[]> = { p50: [], p95: [], p99: [], mean: [], requests: [] };
  let startAt: number | null = null;
  const moments = () => lines.p95.length;

  return {
    extend(group, at, staleMs) {
      const last = Math.floor(at / trendStepMs) * trendStepMs;
      startAt ??= last;
      // Samples are kept for some minutes: what lies farther back was not read.
      const next = startAt + moments() * trendStepMs;
      for (let moment = next; moment <= last; moment += trendStepMs) {
        const reading = last - moment > 600_000 ? null : readingOf(group, moment, staleMs);
        const isFresh = reading !== null && reading.sampledAt !== null && moment - reading.sampledAt * 1000 <= staleMs;
        for (const name of lineNames) lines[name].push(isFresh ? reading[name] : null);
      }
      const tooMany = moments() - mostMoments;
      if (tooMany <= 0) return;
      for (const name of lineNames) lines[name].splice(0, tooMany);
      startAt += tooMany * trendStepMs;
    },
    lately(measure) {
      const values = lines[measure === 'mean' ? 'mean' : 'p95'];
      const wanted = trendMs / trendStepMs + 1;
      const shown = values.slice(-wanted);
      const padded = [...Array.from({ length: Math.max(0, wanted - shown.length) }, () => null), ...shown];
      return { startAt: (startAt ?? 0) + (moments() - wanted) * trendStepMs, stepMs: trendStepMs, values: padded };
    },
    startedAt: () => startAt,
    line(name, rangeMs, points, now) {
      const every = Math.max(1, Math.ceil(rangeMs / trendStepMs / points));
      const stepMs = every * trendStepMs;
      const last = Math.floor(now / stepMs) * stepMs;
      const count = Math.floor(rangeMs / stepMs) + 1;
      const first = last - (count - 1) * stepMs;
      const at = (moment: number) => (startAt === null ? null : (lines[name][Math.round((moment - startAt) / trendStepMs)] ?? null));
      return { startAt: first, stepMs, values: Array.from({ length: count }, (_, index) => at(first + index * stepMs)) };
    },
  };
}

/** A day. */
const mostMoments = 24 * 360 + 1;
