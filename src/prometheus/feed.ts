import type { KubeClient } from '../kube/client.js';
import { KubeError } from '../kube/kube-error.js';
import { absent, denied, live, lost } from '../state/freshness.js';
import type { Slices } from '../state/snapshot.js';
import type { Store } from '../state/store.js';
import { createPrometheusClient, type PrometheusClient } from './client.js';
import { type Found, findGrafana, findPrometheus, reach } from './discovery.js';
import { grafanaHealth } from './grafana-client.js';
import { MonitoringError } from './monitoring-error.js';
import { poll } from './poll.js';
import { type Road, urlRoad } from './road.js';
import { type SeenServices, seeServices } from './services.js';

export interface PrometheusFeedOptions {
  readonly client: KubeClient;
  readonly store: Store;
  /** Where Prometheus is, with user and password if it wants them; null to find it in the cluster. */
  readonly prometheusUrl: string | null;
  readonly prometheusToken?: string | null;
  /** Between two looks at the targets, in ms; Grafana is asked half as often. Default 15 s. */
  readonly everyMs?: number;
}

export interface PrometheusFeed {
  /** Asks again at once; looks for what was not found before. */
  refresh(): void;
  close(): void;
}

/** Keeps the slices prometheus, targets and grafana: finds both, then polls them. Nothing that it meets ends it. */
export function startPrometheusFeed(options: PrometheusFeedOptions): PrometheusFeed {
  const { client, store, prometheusUrl, prometheusToken = null, everyMs = 15_000 } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const services = sharedServices(client);
  const slices = sliceWriter(store, signal);
  const find =
    prometheusUrl === null
      ? async () => findPrometheus(client, await services.see(), signal)
      : async () => prometheusAt(urlRoad(prometheusUrl, prometheusToken), signal);
  const polls = [
    poll(prometheusRounds(find, slices, everyMs, signal)),
    poll(grafanaRounds(async () => findGrafana(client, await services.see(), signal), slices, everyMs * 2, signal)),
  ];

  function refresh(): void {
    services.forget();
    for (const { now } of polls) now();
  }

  const isConnected = () => store.snapshot().connection.status === 'connected';
  let wasConnected = isConnected();
  const stopListening = store.subscribe(() => {
    const connected = isConnected();
    if (connected && !wasConnected) refresh();
    wasConnected = connected;
  });
  return {
    refresh,
    close() {
      stopListening();
      ending.abort();
      for (const { stop } of polls) stop();
    },
  };
}

/** One round: find it if need be, ask for the targets; for version and readiness only each fourth time. */
function prometheusRounds(find: () => Promise<Found<PrometheusClient>>, slices: SliceWriter, everyMs: number, signal: AbortSignal): () => Promise<number> {
  let current: { readonly foundBy: string; readonly value: PrometheusClient } | null = null;
  let rounds = 0;
  let failures = 0;
  return async () => {
    try {
      if (current === null) {
        const found = await find();
        if (found.status === 'none') return slices.absent(['prometheus', 'targets'], found.why, everyMs);
        if (found.status === 'denied') return slices.denied(['prometheus', 'targets'], everyMs);
        if (found.status === 'silent') throw new MonitoringError('unreachable', found.why);
        current = found;
      }
      if (rounds % 4 === 0) slices.write('prometheus', live(await introduction(current.value, current.foundBy, signal), Date.now()));
      slices.write('targets', live(await current.value.targets(signal), Date.now()));
      rounds += 1;
      failures = 0;
      return everyMs;
    } catch (error) {
      rounds = 0;
      failures += 1;
      // A Service may have been renamed, or a path prefix set: after a second failure everything is looked for anew.
      if (failures >= 2) current = null;
      // One that is starting has said so in the slice of its own.
      slices.fade(error instanceof MonitoringError && error.kind === 'starting' ? ['targets'] : ['prometheus', 'targets'], words(error));
      return Math.min(everyMs, soon);
    }
  };
}

function grafanaRounds(find: () => Promise<Found<Road>>, slices: SliceWriter, everyMs: number, signal: AbortSignal): () => Promise<number> {
  let current: { readonly foundBy: string; readonly value: Road } | null = null;
  return async () => {
    try {
      if (current === null) {
        const found = await find();
        if (found.status === 'none') return slices.absent(['grafana'], found.why, everyMs);
        if (found.status === 'denied') return slices.denied(['grafana'], everyMs);
        if (found.status === 'silent') throw new MonitoringError('unreachable', found.why);
        current = found;
      }
      slices.write('grafana', live({ ...(await grafanaHealth(current.value, signal)), foundBy: current.foundBy }, Date.now()));
      return everyMs;
    } catch (error) {
      current = null;
      slices.fade(['grafana'], words(error));
      return Math.min(everyMs, soon);
    }
  };
}

async function prometheusAt(road: Road, signal: AbortSignal): Promise<Found<PrometheusClient>> {
  const works = (candidate: Road) => createPrometheusClient(candidate).version(signal);
  return { status: 'found', foundBy: '--prometheus', value: createPrometheusClient(await reach(road, works, async () => [], signal)) };
}

async function introduction(prometheus: PrometheusClient, foundBy: string, signal: AbortSignal) {
  const ready = await prometheus.ready(signal);
  // While it reads its log back it answers nothing but that.
  const about = ready ? await prometheus.version(signal) : { version: null, roundTripMs: 0 };
  return { url: prometheus.road.url, foundBy, ready, ...about };
}

type MonitoringSlice = 'prometheus' | 'targets' | 'grafana';
type SliceWriter = ReturnType<typeof sliceWriter>;

function sliceWriter(store: Store, signal: AbortSignal) {
  function write<Name extends MonitoringSlice>(name: Name, slice: Slices[Name]): void {
    if (!signal.aborted) store.write(name, slice);
  }
  return {
    write,
    /** Nothing there: what is not installed need not be looked for often. Returns the ms until the next look. */
    absent(names: readonly MonitoringSlice[], why: string, everyMs: number): number {
      for (const name of names) write(name, absent(why));
      return everyMs * 4;
    },
    /** The right to use the service proxy may be given later. */
    denied(names: readonly MonitoringSlice[], everyMs: number): number {
      for (const name of names) write(name, denied('get', 'services/proxy'));
      return everyMs * 4;
    },
    fade(names: readonly MonitoringSlice[], why: string): void {
      const { prometheus, targets, grafana } = store.snapshot();
      if (names.includes('prometheus')) write('prometheus', lost(prometheus, Date.now(), why));
      if (names.includes('targets')) write('targets', lost(targets, Date.now(), why));
      if (names.includes('grafana')) write('grafana', lost(grafana, Date.now(), why));
    },
  };
}

function words(error: unknown): string {
  if (error instanceof MonitoringError || error instanceof KubeError) return error.message;
  return error instanceof Error ? error.name : 'unknown trouble';
}

/** Prometheus and Grafana look through the same list of Services, fetched once for both. */
function sharedServices(client: KubeClient): { see(): Promise<SeenServices>; forget(): void } {
  let seen: { readonly at: number; readonly services: Promise<SeenServices> } | null = null;
  return {
    see() {
      if (seen === null || Date.now() - seen.at > 5_000) {
        const services = seeServices(client);
        services.catch(() => {
          seen = null;
        });
        seen = { at: Date.now(), services };
      }
      return seen.services;
    },
    forget() {
      seen = null;
    },
  };
}

/** ms after trouble: a cluster that is coming back is asked again soon. */
const soon = 5_000;
