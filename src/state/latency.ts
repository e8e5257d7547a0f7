import type { Series } from './series.js';

/** The inference services that measure themselves, as they answer now. */
export interface Latency {
  readonly services: readonly LatencyService[];
  /** How it is read: through Prometheus, from the pods' own /metrics, or some of both. */
  readonly sources: readonly string[];
  /** What was looked for and not found, or cannot be read, in sentences. */
  readonly notes: readonly string[];
}

export interface LatencyService {
  /** `namespace/name`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** `inference` (the plain histograms), `vllm`, `tgi`, `triton`, `kserve`, `torchserve`, `fastapi`, or the configured name. */
  readonly stack: string;
  readonly source: 'prometheus' | 'pod-metrics';
  /** Seconds; null: no requests in the window, or not known. `mean` where only sums and counts are there. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly mean: number | null;
  readonly requestsPerSecond: number | null;
  readonly errorsPerSecond: number | null;
  readonly queue: number | null;
  /** Ready and wanted replicas; null where no workload was found for it. */
  readonly replicas: { readonly ready: number; readonly wanted: number } | null;
  /** The last half hour of p95 (or of the mean), extended every few seconds. */
  readonly trend: Series;
  /** Which of the two `trend` and the rows show. */
  readonly measure: 'quantiles' | 'mean';
  /** ms since the epoch of the newest sample, by our clock. */
  readonly sampledAt: number | null;
  /** Why there are no numbers now: "0 replicas ready", "no requests for 4 min". */
  readonly why: string | null;
  /** The most seconds that p95 may take; null where none is configured. */
  readonly sloSeconds: number | null;
}

/** One service over a longer time, everything on one time axis. */
export interface LatencyHistory {
  readonly service: string;
  readonly rangeMs: number;
  /** Seconds. */
  readonly p50: Series;
  readonly p95: Series;
  readonly p99: Series;
  readonly requestsPerSecond: Series;
  /** Percent, mean over the GPUs of the service's nodes; all null where nothing tells. */
  readonly gpuPercent: Series;
  /** 1 where a GPU of its nodes was throttled, 0 where not, null where nothing tells. */
  readonly throttled: Series;
  readonly rollouts: readonly { readonly at: number; readonly text: string }[];
  /** Part of requests slower than the SLO allows, over what the SLO's budget (5 %) allows: 1 burns it exactly; null without SLO. */
  readonly burn: number | null;
  readonly notes: readonly string[];
}
