import { createPrometheusClient, type PrometheusClient } from '../../src/prometheus/client.js';
import { type LatencyFeed, type LatencySettings, startLatencyFeed } from '../../src/prometheus/latency-feed.js';
import { MonitoringError } from '../../src/prometheus/monitoring-error.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { absent, live } from '../../src/state/freshness.js';
import type { LatencyService } from '../../src/state/latency.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { createStore, type Store } from '../../src/state/store.js';
import { aPod, aSnapshot, aWorkload, collection } from '../builders/snapshot.js';
import { aTarget } from '../checks/lab.js';
import { json, type ScriptedApi, scriptedApi } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import type { InferenceService } from './inference-services.js';

/** The feed of latency on a store of its own, with a Prometheus or without one, and pods behind a pod proxy. */
export interface LatencyLab extends AsyncDisposable {
  readonly api: ScriptedApi;
  readonly store: Store;
  readonly feed: LatencyFeed;
  seen(look: (snapshot: ClusterSnapshot) => boolean, ms?: number): Promise<ClusterSnapshot>;
  row(id: string): LatencyService | null;
}

export interface LatencyLabOptions {
  /** Null: there is none. */
  readonly prometheusUrl: string | null;
  readonly settings?: LatencySettings;
  /** Pods of Deployments in the namespace ai, by Deployment. */
  readonly pods?: Readonly<Record<string, readonly InferenceService[]>>;
  /** How often Prometheus scrapes the job, seconds. */
  readonly interval?: number;
}

export async function latencyLab({ prometheusUrl, settings = { latency: [], slo: {} }, pods = {}, interval = 1 }: LatencyLabOptions): Promise<LatencyLab> {
  const api = await scriptedApi();
  const kube = clientFor(api.url);
  const store = createStore({ flushMs: 5, settleMs: 1 });
  const names = Object.entries(pods).flatMap(([workload, services]) =>
    services.map((service, index) => ({ workload, service, name: podName(workload, index) })),
  );
  // A lab with a Prometheus has no pod proxy: there each number is Prometheus' own.
  for (const { name, service } of prometheusUrl === null ? names : []) {
    api.on(`/api/v1/namespaces/ai/pods/${name}`, (_, response) =>
      json(response, {
        metadata: { name, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8000' } },
        spec: { containers: [{ image: 'own/server' }] },
      }),
    );
    api.on(`/api/v1/namespaces/ai/pods/${name}:8000/proxy/metrics`, (_, response) =>
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(service.metrics()),
    );
  }
  store.writeConnection(aSnapshot().connection);
  store.write(
    'deployments',
    collection(...Object.entries(pods).map(([name, all]) => aWorkload({ namespace: 'ai', name, desired: all.length, ready: all.length }))),
  );
  store.write(
    'pods',
    collection(...names.map(({ workload, name }) => aPod({ namespace: 'ai', name, uid: name, owner: { kind: 'ReplicaSet', name: `${workload}-6c9d7b5f4` } }))),
  );
  if (prometheusUrl === null) store.write('prometheus', absent('no Prometheus found'));
  store.write('targets', live([aTarget({ job: 'inference', scrapeIntervalSeconds: interval })], Date.now()));
  store.flush();
  const client = prometheusUrl === null ? null : createPrometheusClient(urlRoad(prometheusUrl));
  const feed = startLatencyFeed({ store, client: kube, prometheus: () => there(client), settings });
  feed.setAttention('latency');
  return {
    api,
    store,
    feed,
    seen: (look, ms = 30_000) => until(() => (look(store.snapshot()) ? store.snapshot() : null), ms),
    row: (id) => store.snapshot().latency.value?.services.find((service) => service.id === id) ?? null,
    async [Symbol.asyncDispose]() {
      feed.close();
      store.close();
      kube[Symbol.dispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** As a Deployment names its pods. */
export function podName(workload: string, index: number): string {
  return `${workload}-6c9d7b5f4-${['qq7rz', 'bx2wk', 'tt4mn'][index] ?? 'zzzzz'}`;
}

async function there(client: PrometheusClient | null): Promise<PrometheusClient> {
  if (client === null) throw new MonitoringError('not-found', 'no Prometheus found');
  return client;
}
