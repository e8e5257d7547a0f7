import type { KubeClient } from '../kube/client.js';
import { KubeError } from '../kube/kube-error.js';
import { loading, whyMissing } from '../state/freshness.js';
import type { LatencyHistory } from '../state/latency.js';
import type { Store } from '../state/store.js';
import type { PrometheusClient } from './client.js';
import { latencyHistory } from './latency-history.js';
import { podHistory } from './latency-pod-history.js';
import { type LatencyFromPrometheus, type LatencyLook, latencyFromPrometheus } from './latency-prometheus.js';
import type { LatencySlos } from './latency-rows.js';
import { latencyWriter, type Silence, together } from './latency-slice.js';
import { latencyStacks, type OwnLatencySource } from './latency-stacks.js';
import { MonitoringError } from './monitoring-error.js';
import { latencyFromPods, type PodLook } from './pod-metrics.js';
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

/** Keeps the slice latency: through Prometheus, and from the pods' own pages where it does not read them or is not there. Nothing that it meets ends it. */
export function startLatencyFeed({ store, client, prometheus, settings }: LatencyFeedOptions): LatencyFeed {
  const stacks = latencyStacks(settings.latency);
  const pods = latencyFromPods(client, stacks, settings.slo);
  const closing = new AbortController();
  const { write, fade } = latencyWriter(store, closing.signal);
  let isLookedAt = false;
  let round = new AbortController();
  let source: LatencyFromPrometheus | null = null;
  /** Since when Prometheus has not answered. */
  let silentSince: number | null = null;
  const everyMs = () => (isLookedAt ? soon : later);

  const podsPending = () => store.snapshot().pods.freshness.status === 'loading';

  async function throughPrometheus(signal: AbortSignal): Promise<LatencyLook | Silence> {
    const slice = store.snapshot().prometheus;
    const { status } = slice.freshness;
    if (status === 'absent' || status === 'denied') return { why: whyMissing(slice) ?? 'no Prometheus', isAbsent: true };
    try {
      const found = await prometheus(signal);
      if (source?.client !== found) source = latencyFromPrometheus(found, stacks, settings.slo);
      const seen = await source.read(store.snapshot(), signal);
      silentSince = null;
      return seen;
    } catch (error) {
      if (signal.aborted) throw error;
      silentSince ??= performance.now();
      const isAbsent = error instanceof MonitoringError && (error.kind === 'not-found' || error.kind === 'denied-proxy');
      return { why: error instanceof Error ? error.message : String(error), isAbsent };
    }
  }

  /** Null where the pods need not be read, or it is not known yet which there are. */
  async function fromPods(told: LatencyLook | Silence, signal: AbortSignal): Promise<PodLook | string | null> {
    if (podsPending()) return null;
    const isTold = 'services' in told;
    // One that is restarted is soon back with all it knew; only one that stays away is made up for.
    const isAway = isTold || told.isAbsent || source === null || performance.now() - (silentSince ?? 0) > patienceMs;
    if (!isAway) return null;
    try {
      return await pods.read(store.snapshot(), { covered: isTold ? told.covered : nobody, alone: !isTold, everyMs: everyMs(), signal });
    } catch (caught) {
      const error = KubeError.from(caught);
      if (signal.aborted) throw error;
      return error.kind === 'forbidden'
        ? "not allowed to get pods/proxy: the pods' own /metrics are not read"
        : `the pods' own /metrics cannot be read: ${error.message}`;
    }
  }

  async function look(): Promise<number> {
    round = new AbortController();
    const signal = AbortSignal.any([round.signal, closing.signal]);
    try {
      const told = await throughPrometheus(signal);
      const own = await fromPods(told, signal);
      const next = together(told, own);
      if (next.status === 'seen') write(next.latency);
      else fade(next, podsPending());
      return next.status === 'again' ? between : everyMs();
    } catch {
      // Nobody waits for it any more.
      return everyMs();
    }
  }

  store.write('latency', loading(Date.now()));
  const looking = poll(look);
  let knewPods = false;
  const stopListening = store.subscribe(() => {
    const knows = !podsPending();
    if (knows && !knewPods) looking.now();
    knewPods = knows;
  });
  return {
    setAttention(screen) {
      const was = isLookedAt;
      isLookedAt = screen === 'latency' || screen === 'overview';
      if (isLookedAt && !was) looking.now();
      if (!isLookedAt && was) round.abort();
    },
    refresh() {
      source?.refresh();
      pods.refresh();
      looking.now();
    },
    async history(service, rangeMs, signal) {
      const own = pods.trendOf(service);
      const row = store.snapshot().latency.value?.services.find(({ id }) => id === service);
      if (own !== null && row?.source === 'pod-metrics') return podHistory(service, own, rangeMs, Date.now());
      const measured = source?.services().find(({ id }) => id === service);
      if (source === null || measured === undefined) throw new Error(`nothing is known of the latency of ${service}`);
      const sloSeconds = row?.sloSeconds ?? null;
      return latencyHistory({
        client: source.client,
        kube: client,
        snapshot: store.snapshot(),
        service: measured,
        owners: source.owners(),
        rangeMs,
        sloSeconds,
        signal: AbortSignal.any([signal, closing.signal]),
      });
    },
    close() {
      stopListening();
      closing.abort();
      looking.stop();
    },
  };
}

const soon = 5_000;
const later = 30_000;
const between = 5_000;
/** How long a Prometheus may be away before the pods are read in its place. */
const patienceMs = 60_000;
const nobody: ReadonlySet<string> = new Set();
