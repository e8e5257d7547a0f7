import type { LatencyService } from '../state/latency.js';
import type { Series } from '../state/series.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { Workload } from '../state/workloads.js';
import { duration } from '../text/age.js';
import type { Measured } from './latency-discovery.js';
import type { Reading } from './latency-readings.js';
import { rateWindowMs } from './latency-stacks.js';

/** The most seconds that p95 may take, by `namespace/name` or name. */
export type LatencySlos = Readonly<Record<string, number>>;

export interface RowFacts {
  readonly service: Pick<Measured, 'id' | 'namespace' | 'name' | 'measure' | 'flaw'>;
  readonly stack: string;
  readonly source: LatencyService['source'];
  readonly reading: Reading | null;
  readonly trend: Series;
  /** ms since the epoch of the newest sample, and this moment, both by the clock of the source. */
  readonly sampledAt: number | null;
  readonly now: number;
  /** How far that clock is ahead of ours. */
  readonly skewMs: number;
  /** A sample older than this says nothing of now. */
  readonly staleMs: number;
}

/** One row: what a service says now, or why it says nothing. */
export function latencyRow(facts: RowFacts, snapshot: ClusterSnapshot, slos: LatencySlos): LatencyService {
  const { service, stack, source, trend, sampledAt, now, skewMs, staleMs } = facts;
  const { id, namespace, name, measure, flaw } = service;
  const workload = workloadOf(snapshot, namespace, name);
  const isFresh = sampledAt !== null && now - sampledAt <= staleMs;
  const reading = isFresh ? facts.reading : null;
  const quantile = (value: number | null | undefined) => (flaw?.unusable === true ? null : (value ?? null));
  const known = measure === 'mean' ? reading?.mean : quantile(reading?.p95);
  return {
    id,
    namespace,
    name: id.slice(namespace === '' ? 0 : namespace.length + 1),
    stack,
    source,
    p50: quantile(reading?.p50),
    p95: quantile(reading?.p95),
    p99: quantile(reading?.p99),
    mean: reading?.mean ?? null,
    requestsPerSecond: reading?.requests ?? null,
    errorsPerSecond: reading?.errors ?? null,
    queue: reading?.queue ?? null,
    replicas: workload === null ? null : { ready: workload.ready, wanted: workload.desired },
    trend,
    measure,
    sampledAt: sampledAt === null ? null : Math.round(sampledAt - skewMs),
    why: known === null || known === undefined ? whyNothing(facts, isFresh, workload) : null,
    sloSeconds: slos[id] ?? slos[`${namespace}/${name}`] ?? slos[name] ?? null,
  };
}

/** The Deployment, StatefulSet or DaemonSet of that name; for a service that only says its app, the one with that app. */
export function workloadOf({ deployments, statefulSets, daemonSets }: ClusterSnapshot, namespace: string, name: string): Workload | null {
  const kinds = [deployments.value, statefulSets.value, daemonSets.value];
  const named = kinds.flatMap((workloads) => workloads?.get(`${namespace}/${name}`) ?? [])[0];
  if (named !== undefined) return named;
  const alike = kinds.flatMap((workloads) =>
    [...(workloads?.values() ?? [])].filter((one) => (namespace === '' || one.namespace === namespace) && (one.app === name || one.name === name)),
  );
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

function whyNothing({ service, reading, trend, sampledAt, now }: RowFacts, isFresh: boolean, workload: Workload | null): string {
  if (workload !== null && workload.desired === 0) return 'scaled to 0 replicas';
  if (workload !== null && workload.ready === 0) return '0 replicas ready';
  if (!isFresh) return sampledAt === null ? 'not read for more than half an hour' : `not read for ${duration(now - sampledAt)}`;
  if (service.flaw?.unusable === true) return service.flaw.text;
  if (reading !== null && (reading.requests ?? 0) > 0) return 'not told yet: rates take two scrapes';
  const silent = trend.values.length - 1 - trend.values.findLastIndex((value) => value !== null);
  const isKnown = silent < trend.values.length;
  return `no requests for ${isKnown ? duration(silent * trend.stepMs + rateWindowMs) : 'half an hour'}`;
}
