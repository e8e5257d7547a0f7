import type { KubeClient } from '../kube/client.js';
import { live } from '../state/freshness.js';
import type { Store } from '../state/store.js';
import { alertmanagerStatus } from './alertmanager-client.js';
import { chosenService } from './chosen-service.js';
import { createPrometheusClient, type PrometheusClient } from './client.js';
import { dashboardNames } from './dashboard-names.js';
import { type Found, findAlertmanager, findGrafana, findPrometheus, reach } from './discovery.js';
import { grafanaHealth, grafanaInside } from './grafana-client.js';
import { MonitoringError } from './monitoring-error.js';
import { createPace } from './pace.js';
import { poll } from './poll.js';
import { prometheusRounds } from './prometheus-rounds.js';
import { type Road, urlRoad } from './road.js';
import { serviceRounds } from './service-rounds.js';
import { type SeenServices, seeServices } from './services.js';
import { createSliceWriter } from './slice-writer.js';
import { plainAccess, type UrlAccess } from './url-access.js';

export interface PrometheusFeedOptions {
  readonly client: KubeClient;
  readonly store: Store;
  /** Where Prometheus is: a URL, with user and password if it wants them, or `namespace/service[:port]`; null to find it in the cluster. */
  readonly prometheusUrl: string | null;
  /** For one at a URL. */
  readonly access?: UrlAccess;
  /** Between two looks at targets and alerts, in ms; Grafana and Alertmanager are asked half as often. Default 15 s. */
  readonly everyMs?: number;
}

export interface PrometheusFeed {
  /** Asks again at once; looks for what was not found before. */
  refresh(): void;
  /** While somebody looks at monitoring it is asked every few seconds, and at once when that begins. */
  setAttention(on: boolean): void;
  /** The Prometheus that was found, for further questions. Waits while it is looked for; rejects with MonitoringError where there is none, or it does not answer. */
  prometheus(signal?: AbortSignal): Promise<PrometheusClient>;
  close(): void;
}

/** Keeps the slices prometheus, targets, alerts, grafana and alertmanager: finds them, then polls them. Nothing that it meets ends it. */
export function startPrometheusFeed(options: PrometheusFeedOptions): PrometheusFeed {
  const { client, store, everyMs = 15_000 } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const services = sharedServices(client);
  const slices = createSliceWriter(store, signal);
  let isLookedAt = false;
  let current: PrometheusClient | MonitoringError | null = null;
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
  };
  const attended = () => isLookedAt;
  const find = finder(options, services.see, signal);

  const rounds = prometheusRounds({
    find,
    slices,
    pace: createPace(everyMs, attended),
    signal,
    use: (found) => {
      current = found;
      // Who has questions need not wait until it has told all about itself.
      if (!(found instanceof MonitoringError)) wakeAll();
    },
  });
  const others = createPace(everyMs * 2, attended);
  const polls = [
    poll(async () => {
      const wait = await rounds();
      wakeAll();
      return wait;
    }),
    poll(
      serviceRounds(
        'grafana',
        async () => findGrafana(client, await services.see(), signal),
        async (road, foundBy) => {
          const health = await grafanaHealth(road, signal);
          slices.write('grafana', live({ ...health, foundBy, inside: await grafanaInside(road, dashboardNames, signal) }, Date.now()));
        },
        slices,
        others,
      ),
    ),
    poll(
      serviceRounds(
        'alertmanager',
        async () => findAlertmanager(client, await services.see(), signal),
        async (road, foundBy) => slices.write('alertmanager', live({ ...(await alertmanagerStatus(road, signal)), foundBy }, Date.now())),
        slices,
        others,
      ),
    ),
  ];

  function now(): void {
    for (const each of polls) each.now();
  }

  function refresh(): void {
    services.forget();
    now();
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
    setAttention(on) {
      const begins = on && !isLookedAt;
      isLookedAt = on;
      if (begins) now();
    },
    async prometheus(asking) {
      if (current === null || current instanceof MonitoringError) {
        polls[0]?.now();
        await firstOf(waiting, asking, signal);
      }
      if (current === null || current instanceof MonitoringError) throw current ?? new MonitoringError('unreachable', 'no Prometheus has answered yet');
      return current;
    },
    close() {
      stopListening();
      ending.abort();
      for (const { stop } of polls) stop();
      wakeAll();
    },
  };
}

function finder(
  { client, prometheusUrl, access = plainAccess }: PrometheusFeedOptions,
  see: () => Promise<SeenServices>,
  signal: AbortSignal,
): () => Promise<Found<PrometheusClient>> {
  if (prometheusUrl === null) return async () => findPrometheus(client, await see(), signal);
  const chosen = chosenService(prometheusUrl);
  if (chosen !== null) return async () => findPrometheus(client, await see(), signal, chosen);
  return () => prometheusAt(urlRoad(prometheusUrl, access), signal);
}

async function prometheusAt(road: Road, signal: AbortSignal): Promise<Found<PrometheusClient>> {
  const works = (candidate: Road) => createPrometheusClient(candidate).version(signal);
  return { status: 'found', foundBy: '--prometheus', value: createPrometheusClient(await reach(road, works, async () => [], signal)), others: [] };
}

/** Resolves at the end of the round that is under way, and at once for what nobody wants any more. */
function firstOf(waiting: Set<() => void>, asking: AbortSignal | undefined, ending: AbortSignal): Promise<void> {
  if (ending.aborted || asking?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      asking?.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    asking?.addEventListener('abort', wake, { once: true });
  });
}

/** All look through the same list of Services, fetched once for them. */
function sharedServices(client: KubeClient): { see(): Promise<SeenServices>; forget(): void } {
  let seen: { readonly at: number; readonly services: Promise<SeenServices> } | null = null;
  return {
    see() {
      if (seen === null || performance.now() - seen.at > 5_000) {
        const services = seeServices(client);
        services.catch(() => {
          seen = null;
        });
        seen = { at: performance.now(), services };
      }
      return seen.services;
    },
    forget() {
      seen = null;
    },
  };
}
