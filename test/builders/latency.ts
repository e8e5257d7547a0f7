import { live, type Slice } from '../../src/state/freshness.js';
import type { Latency, LatencyHistory, LatencyService } from '../../src/state/latency.js';
import type { Series } from '../../src/state/series.js';
import { now } from './snapshot.js';

/** A service that answers in some tens of milliseconds, read through Prometheus. */
export function aService(name = 'resnet50-inference', overrides: Partial<LatencyService> = {}): LatencyService {
  return {
    id: `ai/${name}`,
    namespace: 'ai',
    name,
    stack: 'inference',
    source: 'prometheus',
    p50: 0.021,
    p95: 0.038,
    p99: 0.071,
    mean: 0.024,
    requestsPerSecond: 212,
    errorsPerSecond: 0,
    queue: 2,
    replicas: { ready: 3, wanted: 3 },
    trend: aSeries(120, (index) => 0.02 + 0.018 * Math.abs(Math.sin(index / 9))),
    measure: 'quantiles',
    sampledAt: now - 4_000,
    why: null,
    sloSeconds: null,
    ...overrides,
  };
}

/** Three of them: one well, one that breaks its objective, one without replicas. */
export function threeServices(): Slice<Latency> {
  return latencyOf(
    aService('resnet50-inference', { sloSeconds: 0.1 }),
    aService('distilbert-inference', {
      p50: 0.009,
      p95: 0.062,
      p99: 0.18,
      requestsPerSecond: 640,
      errorsPerSecond: 1.4,
      sloSeconds: 0.05,
      trend: aSeries(120, (index) => (index > 70 && index < 80 ? null : 0.012 + (index > 90 ? 0.05 : 0))),
    }),
    aService('whisper-inference', {
      p50: null,
      p95: null,
      p99: null,
      mean: null,
      requestsPerSecond: null,
      errorsPerSecond: null,
      queue: null,
      replicas: { ready: 0, wanted: 1 },
      trend: aSeries(120, (index) => (index < 60 ? 1.4 : null)),
      sampledAt: now - 900_000,
      why: '0 replicas ready',
    }),
  );
}

export function latencyOf(...services: readonly LatencyService[]): Slice<Latency> {
  return live({ services, sources: ['Prometheus'], notes: [] }, now);
}

/** `count` values that end now, 15 s apart unless told otherwise. */
export function aSeries(count: number, value: (index: number) => number | null, stepMs = 15_000): Series {
  return { startAt: now - (count - 1) * stepMs, stepMs, values: Array.from({ length: count }, (_, index) => value(index)) };
}

/** One hour with a rollout in its middle, after which it gets slower, and a few minutes without Prometheus. */
export function aHistory(rangeMs = 3_600_000, overrides: Partial<LatencyHistory> = {}): LatencyHistory {
  const points = 240;
  const stepMs = rangeMs / points;
  const gap = (index: number) => index >= 60 && index < 72;
  const series = (value: (index: number) => number | null) => aSeries(points, (index) => (gap(index) ? null : value(index)), stepMs);
  const slow = (index: number) => (index < 130 ? 1 : 2.2);
  return {
    service: 'ai/resnet50-inference',
    rangeMs,
    p50: series((index) => 0.018 * slow(index) + 0.002 * Math.sin(index / 7)),
    p95: series((index) => 0.034 * slow(index) + 0.006 * Math.sin(index / 11)),
    p99: series((index) => 0.058 * slow(index) + 0.012 * Math.sin(index / 5)),
    requestsPerSecond: series((index) => 180 + 60 * Math.sin(index / 20)),
    gpuPercent: series((index) => (index < 130 ? 45 : 88)),
    throttled: series((index) => (index > 180 && index < 200 ? 1 : 0)),
    rollouts: [{ at: now - 110 * stepMs, text: 'scaled 1 → 3' }],
    burn: 1.6,
    notes: [],
    ...overrides,
  };
}
