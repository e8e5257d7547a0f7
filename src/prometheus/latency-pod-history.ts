import type { LatencyHistory } from '../state/latency.js';
import { clockTime } from '../text/moment.js';
import type { PodTrend } from './pod-metrics-trend.js';

/** What this visit has seen of a service that only its pods tell of. */
export function podHistory(service: string, trend: PodTrend, rangeMs: number, now: number): LatencyHistory {
  const points = 240;
  const [p50, p95, p99, mean, requestsPerSecond] = (['p50', 'p95', 'p99', 'mean', 'requests'] as const).map((name) => trend.line(name, rangeMs, points, now));
  const empty = { startAt: now, stepMs: 15_000, values: [] };
  const isMean = p95?.values.every((value) => value === null) === true;
  const nothing = { ...(p95 ?? empty), values: (p95 ?? empty).values.map(() => null) };
  const began = trend.startedAt();
  return {
    service,
    rangeMs,
    p50: p50 ?? empty,
    p95: (isMean ? mean : p95) ?? empty,
    p99: p99 ?? empty,
    requestsPerSecond: requestsPerSecond ?? empty,
    gpuPercent: nothing,
    throttled: nothing,
    rollouts: [],
    burn: null,
    notes: [
      `read from the pods' own /metrics${began === null ? '' : ` since ${clockTime(began)}`}: what was before is not known, nor are GPUs and rollouts`,
      ...(isMean ? ['it tells no quantiles: the line is the mean'] : []),
    ],
  };
}
