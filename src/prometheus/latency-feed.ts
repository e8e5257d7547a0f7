import type { KubeClient } from '../kube/client.js';
import { absent, live, loading, lost } from '../state/freshness.js';
import type { LatencyHistory } from '../state/latency.js';
import type { Store } from '../state/store.js';
import type { PrometheusClient } from './client.js';
import { type LatencyFromPrometheus, type LatencyLook, latencyFromPrometheus } from './latency-prometheus.js';
import type { LatencySlos } from './latency-rows.js';
import { latencyStacks, type OwnLatencySource } from './latency-stacks.js';
import { MonitoringError } from './monitoring-error.js';
import { poll } from './poll.js';

export interface LatencySettings {
  readonly latency: readonly OwnLatencySource[];
  readonly slo: LatencySlos;
}

export interface LatencyFeedOptions {
  readonly store: Store;
  readonly client: KubeClient;
  /** As PrometheusFeed has it: waits while it is looked for, rejects with MonitoringError where there is none. */
  readonly prometheus: (signal?: AbortSignal) => Promise<PrometheusClient>;
  readonly settings: LatencySettings;
}

export interface LatencyFeed {
  /** The screen that is looked at: latency is read every few seconds while it shows there, else twice a minute. */
  setAttention(screen: string): void;
  /** Looks for services anew, and reads them, at once. */
  refresh(): void;
  /** One service over the last `rangeMs` (15 minutes to a day). Rejects with an Error whose message is a sentence. */
  history(service: string, rangeMs: number, signal: AbortSignal): Promise<LatencyHistory>;
  close(): void;
}

/** Keeps the slice latency. Nothing that it meets ends it. */
export function startLatencyFeed({ store, prometheus, settings }: LatencyFeedOptions): LatencyFeed {
  const stacks = latencyStacks(settings.latency);
  const closing = new AbortController();
  let isLookedAt = false;
  let round = new AbortController();
  let source: LatencyFromPrometheus | null = null;

  /** Null where there is no Prometheus to ask. */
  async function throughPrometheus(signal: AbortSignal): Promise<LatencyLook | null> {
    const { freshness } = store.snapshot().prometheus;
    if (freshness.status === 'absent' || freshness.status === 'denied') return null;
    const client = await prometheus(signal);
    if (source?.client !== client) source = latencyFromPrometheus(client, stacks, settings.slo);
    return source.read(store.snapshot(), signal);
  }

  async function look(): Promise<number> {
    round = new AbortController();
    const signal = AbortSignal.any([round.signal, closing.signal]);
    try {
      const seen = await throughPrometheus(signal);
      if (closing.signal.aborted) return soon;
      if (seen === null) store.write('latency', absent('no Prometheus to ask'));
      else store.write('latency', live({ services: seen.services, sources: ['Prometheus, rates over 5 minutes'], notes: seen.notes }, Date.now()));
    } catch (error) {
      if (closing.signal.aborted || (error instanceof MonitoringError && error.kind === 'aborted')) return later;
      store.write('latency', lost(store.snapshot().latency, Date.now(), error instanceof Error ? error.message : String(error)));
    }
    return isLookedAt ? soon : later;
  }

  store.write('latency', loading(Date.now()));
  const looking = poll(look);
  return {
    setAttention(screen) {
      const was = isLookedAt;
      isLookedAt = screen === 'latency' || screen === 'overview';
      if (isLookedAt && !was) looking.now();
      if (!isLookedAt && was) round.abort();
    },
    refresh() {
      source?.refresh();
      looking.now();
    },
    history: () => Promise.reject(new Error('the history of latency cannot be told yet')),
    close() {
      closing.abort();
      looking.stop();
    },
  };
}

const soon = 5_000;
const later = 30_000;
