import type { KubeClient } from '../kube/client.js';
import { live } from '../state/freshness.js';
import type { Probe } from '../state/probes.js';
import type { Store } from '../state/store.js';
import { clean } from '../text/clean.js';
import { discoveredServices } from './discovered-services.js';
import { poll } from './poll.js';
import { apiServerRoad, type ProbeRoad, urlProbe } from './probe-roads.js';
import type { RoundTrip } from './round-trip.js';
import { urlAccess } from './url-access.js';

export interface ProbesOptions {
  readonly client: KubeClient;
  readonly store: Store;
  /** Where Prometheus is, as configured: its user and password are those of its probe. null where it is found in the cluster. */
  readonly prometheusUrl: string | null;
  /** URLs of the settings by name; `ca` is a PEM file. */
  readonly configured: Readonly<Record<string, { readonly url: string; readonly ca: string | null }>>;
  /** For proxies. */
  readonly env: NodeJS.ProcessEnv;
  /** Between two round trips while somebody looks, and while nobody does; ms. */
  readonly pace?: { readonly lookedAtMs: number; readonly elseMs: number };
  /** How long an answer is waited for; ms. */
  readonly timeoutMs?: number;
}

export interface Probes {
  /** While somebody looks at them they are sent more often, and at once when that begins. */
  setAttention(on: boolean): void;
  /** Sends all of them now, and looks for further services. */
  refresh(): void;
  close(): void;
}

/**
 * Keeps the slice probes: HTTP round trips from here to the API server, to Prometheus and Grafana as they are reached, to the configured URLs, and to the addresses that
 * inference services have outside the cluster.
 */
export function startProbes(options: ProbesOptions): Probes {
  const { client, store, pace = { lookedAtMs: 5_000, elseMs: 30_000 }, timeoutMs = 5_000 } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const fixed = fixedRoads(options);
  const found = new Map<string, ProbeRoad>();
  const told = new Map<string, Probe>();
  const services = discoveredServices(client, store, signal);
  let isLookedAt = false;

  // A road keeps its connection from one round to the next.
  const road = (name: string, url: string, open: () => ProbeRoad): ProbeRoad => {
    const key = `${name} ${url}`;
    const opened = found.get(key) ?? open();
    found.set(key, opened);
    return opened;
  };
  const roads = async (): Promise<readonly ProbeRoad[]> => {
    const outside = await services.see();
    return [
      fixed.api,
      ...monitoringAddresses(options).map(({ name, url, below }) =>
        road(name, url, () =>
          below === null ? urlProbe({ name, url, ...urlAccess(options.env), env: options.env }) : apiServerRoad(name, client, below, false),
        ),
      ),
      ...fixed.configured,
      ...outside.map(({ name, url }) => road(name, url, () => urlProbe({ name, url, ca: null, env: options.env, accepts: answers }))),
    ];
  };

  const publish = (names: readonly ProbeRoad[]) => {
    if (signal.aborted) return;
    const shown = names.flatMap(({ name, url }) => told.get(name) ?? [waitingProbe(name, url)]);
    store.write('probes', live(shown, Date.now()));
  };

  const rounds = poll(async () => {
    const all = await roads();
    await Promise.all(
      all.map(async (one) => {
        const went = await one.ask(timeoutMs, signal);
        if (signal.aborted) return;
        told.set(one.name, after(told.get(one.name), one, went));
        publish(all);
      }),
    );
    const kept = new Set(all.map(({ name }) => name));
    for (const name of [...told.keys()]) if (!kept.has(name)) told.delete(name);
    return isLookedAt ? pace.lookedAtMs : pace.elseMs;
  });

  // What the feeds find meanwhile is asked at once.
  let known = addressesOf(options);
  const stopListening = store.subscribe(() => {
    const found = addressesOf(options);
    if (found !== known) rounds.now();
    known = found;
  });

  return {
    setAttention(on) {
      const begins = on && !isLookedAt;
      isLookedAt = on;
      if (begins) rounds.now();
    },
    refresh() {
      services.forget();
      rounds.now();
    },
    close() {
      stopListening();
      ending.abort();
      rounds.stop();
      for (const road of [...fixed.configured, ...found.values()]) road.close();
    },
  };
}

const mostKept = 60;

/** For what was found and not configured there is no telling which path says "well": anything but its own failure is an answer. */
function answers(status: number): boolean {
  return status < 500;
}

function fixedRoads({ client, configured, env }: ProbesOptions): { readonly api: ProbeRoad; readonly configured: readonly ProbeRoad[] } {
  return {
    api: apiServerRoad('API server', client, '/readyz', true),
    configured: Object.entries(configured).map(([name, { url, ca }]) => urlProbe({ name: clean(name, 60), url, ca, env })),
  };
}

/** Prometheus and Grafana at the end of whatever road their feed found: below a path of the API server, or at a URL. */
function monitoringAddresses({
  client,
  store,
  prometheusUrl,
}: ProbesOptions): readonly { readonly name: string; readonly url: string; readonly below: string | null }[] {
  const { prometheus, grafana } = store.snapshot();
  const known = [
    { name: 'Prometheus', base: prometheus.value?.url, path: '/-/ready' },
    { name: 'Grafana', base: grafana.value?.url, path: '/api/health' },
  ];
  return known.flatMap(({ name, base, path }) => {
    if (base === undefined || !URL.canParse(base)) return [];
    const isProxied = base.startsWith(`${client.server}/api/v1/namespaces/`);
    const below = isProxied ? `${base.slice(client.server.length)}${path}` : null;
    return [{ name, url: isProxied ? `${base}${path}` : withLogin(`${base}${path}`, prometheusUrl), below }];
  });
}

function addressesOf(options: ProbesOptions): string {
  return monitoringAddresses(options)
    .map(({ url }) => url)
    .join(' ');
}

/** The address with user and password of the configured one, where both lead to the same host. */
function withLogin(address: string, configured: string | null): string {
  if (configured === null || !URL.canParse(configured)) return address;
  const url = new URL(address);
  const own = new URL(configured);
  if (own.origin !== url.origin) return address;
  url.username = own.username;
  url.password = own.password;
  return url.href;
}

function waitingProbe(name: string, url: string): Probe {
  return { name, url, status: 'waiting', httpStatus: null, why: null, roundTripMs: null, history: [], certificateEndsAt: null, at: null };
}

/** A failure keeps what is known of the certificate. */
function after(before: Probe | undefined, { name, url }: ProbeRoad, went: RoundTrip): Probe {
  const known = before?.url === url ? before : undefined;
  return {
    name,
    url,
    status: went.why === null ? 'ok' : 'failing',
    httpStatus: went.httpStatus,
    why: went.why,
    roundTripMs: went.roundTripMs,
    history: [...(known?.history ?? []), went.why === null ? went.roundTripMs : null].slice(-mostKept),
    certificateEndsAt: went.certificateEndsAt ?? known?.certificateEndsAt ?? null,
    at: Date.now(),
  };
}
