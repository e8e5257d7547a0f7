import { pause } from '../kube/backoff.js';
import type { Session } from '../session.js';
import { whyMissing } from '../state/freshness.js';
import type { LatencyService } from '../state/latency.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import { line } from '../text/line.js';
import { clockTime } from '../text/moment.js';
import { latencyTable } from './latency-table.js';
import { notReached } from './not-reached.js';
import type { Output } from './output.js';
import { paint } from './paint.js';

export interface LatencyOptions {
  readonly output: 'text' | 'json';
  /** Prints again and again, this many ms apart; null prints once. */
  readonly watchMs?: number | null;
  /** Ends `--watch`. */
  readonly signal?: AbortSignal;
}

/** What `latency --output json` prints: one object, with `--watch` one per line. Times are ISO 8601. */
export interface LatencyJson {
  readonly schemaVersion: 1;
  /** When this was true; null where nothing could be looked at. */
  readonly at: string | null;
  /** How it was read. */
  readonly sources: readonly string[];
  /** What was looked for and not found, or is to be known about the numbers, in sentences. */
  readonly notes: readonly string[];
  readonly services: readonly LatencyServiceJson[];
}

export interface LatencyServiceJson {
  /** `namespace/name`. */
  readonly service: string;
  readonly namespace: string;
  readonly name: string;
  readonly stack: string;
  readonly source: LatencyService['source'];
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
  readonly p99Seconds: number | null;
  readonly meanSeconds: number | null;
  readonly requestsPerSecond: number | null;
  readonly errorsPerSecond: number | null;
  /** Requests that wait. */
  readonly queue: number | null;
  readonly replicas: LatencyService['replicas'];
  readonly sampledAt: string | null;
  /** Why there are no numbers; null when there are. */
  readonly why: string | null;
  readonly sloSeconds: number | null;
  /** The last half hour, oldest first; null where nothing was measured. */
  readonly trend: { readonly measure: 'p95' | 'mean'; readonly startAt: string; readonly stepSeconds: number; readonly seconds: readonly (number | null)[] };
}

/** `latency`: prints how fast the services answer. Resolves to 0, or to 2 where nothing could be looked at. */
export async function runLatency(session: Session, options: LatencyOptions, out: Output): Promise<number> {
  const { output, watchMs = null, signal = new AbortController().signal } = options;
  session.lookAt('latency');
  await looked(session, settleMs);
  for (;;) {
    const snapshot = session.snapshot();
    const trouble = troubleIn(snapshot);
    const top = watchMs === null ? '' : `${out.isTty ? '\x1b[H\x1b[2J' : ''}${paint([line(['dim', clockTime(Date.now())])], out.isTty)}`;
    if (output === 'json') out.stdout(`${JSON.stringify(latencyJson(snapshot, trouble), null, watchMs === null ? 2 : 0)}\n`);
    else if (trouble === null) out.stdout(`${top}${paint(latencyTable(snapshot), out.isTty)}`);
    if (trouble !== null) out.stderr(`gpuk8s-tui: ${trouble}\n`);
    else if (output === 'text') for (const note of snapshot.latency.value?.notes ?? []) out.stderr(`gpuk8s-tui: ${note}\n`);
    if (watchMs === null) return trouble === null ? 0 : 2;
    if (signal.aborted) return 0;
    await pause(watchMs, signal);
    if (signal.aborted) return 0;
  }
}

const settleMs = 15_000;

function troubleIn({ connection, latency, at }: ClusterSnapshot): string | null {
  const { freshness, value } = latency;
  if (value === null) return notReached(connection) ?? `cannot show latency: ${whyMissing(latency)}`;
  return freshness.status === 'stale' ? `cannot show latency: last read ${duration(at - freshness.since)} ago, ${freshness.why}` : null;
}

/** Waits until latency was read, or nothing stands out that it still could be; a Prometheus at a URL answers without the API server. */
function looked(session: Session, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    let unsubscribe: (() => void) | null = null;
    const end = () => {
      clearTimeout(timer);
      unsubscribe?.();
      resolve();
    };
    const isOver = () => {
      const { connection, latency } = session.snapshot();
      const { freshness } = latency;
      if (connection.status === 'unconfigured' || connection.status === 'unusable') return true;
      if (freshness.status !== 'loading') return true;
      return freshness.why !== null && connection.status === 'lost';
    };
    const look = () => {
      if (isOver()) end();
    };
    const timer = setTimeout(end, limitMs);
    unsubscribe = session.subscribe(look);
    look();
  });
}

function latencyJson({ latency }: ClusterSnapshot, trouble: string | null): LatencyJson {
  const { value, freshness } = latency;
  if (value === null || trouble !== null) return { schemaVersion: 1, at: null, sources: [], notes: trouble === null ? [] : [trouble], services: [] };
  return {
    schemaVersion: 1,
    at: freshness.status === 'live' ? new Date(freshness.at).toISOString() : null,
    sources: value.sources,
    notes: value.notes,
    services: value.services.map(serviceJson),
  };
}

function serviceJson(service: LatencyService): LatencyServiceJson {
  const { id, namespace, name, stack, source, p50, p95, p99, mean, requestsPerSecond, errorsPerSecond, queue, replicas, sampledAt, why, sloSeconds } = service;
  const { trend, measure } = service;
  return {
    service: id,
    namespace,
    name,
    stack,
    source,
    p50Seconds: p50,
    p95Seconds: p95,
    p99Seconds: p99,
    meanSeconds: mean,
    requestsPerSecond,
    errorsPerSecond,
    queue,
    replicas,
    sampledAt: sampledAt === null ? null : new Date(sampledAt).toISOString(),
    why,
    sloSeconds,
    trend: {
      measure: measure === 'mean' ? 'mean' : 'p95',
      startAt: new Date(trend.startAt).toISOString(),
      stepSeconds: trend.stepMs / 1000,
      seconds: trend.values,
    },
  };
}
