import { describe, expect, it } from 'vitest';
import { startPrometheusFeed } from '../../src/prometheus/feed.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { createStore, type Store } from '../../src/state/store.js';
import { aSnapshot } from '../builders/snapshot.js';
import { scriptedApi, status } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { aRawTarget, prometheusAnswers, sendJson, webServer } from './web-server.js';

const prometheus = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy';
const grafana = '/api/v1/namespaces/monitoring/services/grafana:3000/proxy';
const services = [
  { metadata: { name: 'prometheus', namespace: 'monitoring' }, spec: { ports: [{ port: 9090 }] } },
  { metadata: { name: 'grafana', namespace: 'monitoring' }, spec: { ports: [{ port: 3000 }] } },
];

interface Lab extends AsyncDisposable {
  readonly api: Awaited<ReturnType<typeof scriptedApi>>;
  readonly store: Store;
  readonly feed: ReturnType<typeof startPrometheusFeed>;
  seen(look: (snapshot: ClusterSnapshot) => boolean): Promise<ClusterSnapshot>;
}

async function lab({
  prometheusUrl = null,
  everyMs = 40,
  prepare = () => undefined,
}: {
  prometheusUrl?: string | null;
  everyMs?: number;
  prepare?: (api: Lab['api']) => void;
} = {}): Promise<Lab> {
  const api = await scriptedApi();
  prepare(api);
  const client = clientFor(api.url);
  const store = createStore({ flushMs: 5, settleMs: 1 });
  store.writeConnection(aSnapshot().connection);
  store.flush();
  const feed = startPrometheusFeed({ client, store, prometheusUrl, everyMs });
  return {
    api,
    store,
    feed,
    seen: (look) => until(() => (look(store.snapshot()) ? store.snapshot() : null)),
    async [Symbol.asyncDispose]() {
      feed.close();
      store.close();
      client.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** Both are there and well. */
function wellAndGood(api: Lab['api']): void {
  api.collection('/api/v1/services', services);
  for (const path of ['/-/ready', '/api/v1/status/buildinfo', '/api/v1/targets'])
    api.on(`${prometheus}${path}`, (_, response) => prometheusAnswers(path, response));
  api.on(`${grafana}/api/health`, (_, response) => sendJson(response, { database: 'ok', version: '12.1.0' }));
}

describe('the monitoring feed', () => {
  it('finds Prometheus and Grafana and shows what they say', async () => {
    await using seen = await lab({ prepare: wellAndGood });
    const snapshot = await seen.seen(({ targets, grafana: slice }) => targets.value !== null && slice.value !== null);
    expect(snapshot.prometheus.value).toMatchObject({
      version: '3.14.0',
      ready: true,
      foundBy: 'service monitoring/prometheus',
      url: `${seen.api.url}${prometheus}`,
    });
    expect(snapshot.targets.value).toHaveLength(1);
    expect(snapshot.grafana.value).toMatchObject({ database: 'ok', version: '12.1.0', foundBy: 'service monitoring/grafana' });
  });

  it('lists the services once for both', async () => {
    await using seen = await lab({ prepare: wellAndGood });
    await seen.seen(({ targets, grafana: slice }) => targets.value !== null && slice.value !== null);
    expect(seen.api.calls.filter(({ path }) => path === '/api/v1/services')).toHaveLength(1);
  });

  it('keeps the last targets, marked stale with the reason, while Prometheus is away, and takes it up again', async () => {
    await using seen = await lab({ prepare: wellAndGood });
    await seen.seen(({ targets }) => targets.freshness.status === 'live');
    seen.api.on(`${prometheus}/api/v1/targets`, (_, response) => status(response, 503, 'no endpoints available for service "prometheus"'));
    const away = await seen.seen(({ targets }) => targets.freshness.status === 'stale');
    expect(away.targets).toMatchObject({ freshness: { why: 'service monitoring/prometheus has no ready pods' } });
    expect(away.targets.value).toHaveLength(1);
    seen.api.on(`${prometheus}/api/v1/targets`, (_, response) => prometheusAnswers('/api/v1/targets', response, { targets: [aRawTarget(), aRawTarget()] }));
    const back = await seen.seen(({ targets }) => targets.freshness.status === 'live');
    expect(back.targets.value).toHaveLength(2);
  });

  it('says that Prometheus is there but still starting', async () => {
    await using seen = await lab({
      prepare(api) {
        wellAndGood(api);
        for (const path of ['/-/ready', '/api/v1/status/buildinfo', '/api/v1/targets'])
          api.on(`${prometheus}${path}`, (_, response) => response.writeHead(503).end('Service Unavailable'));
      },
    });
    const snapshot = await seen.seen(({ prometheus: slice }) => slice.value !== null);
    expect(snapshot.prometheus.value).toMatchObject({ ready: false, version: null });
    const { targets } = await seen.seen((later) => later.targets.freshness.status === 'loading' && later.targets.freshness.why !== null);
    expect(targets.freshness).toMatchObject({ why: expect.stringContaining('still starting') });
  });

  it('says where it looked when there is none, and finds one that is installed later', async () => {
    await using seen = await lab({ prepare: (api) => api.collection('/api/v1/services', []) });
    const without = await seen.seen(({ prometheus: slice, targets, grafana: other }) =>
      [slice, targets, other].every(({ freshness }) => freshness.status === 'absent'),
    );
    expect(without.targets.freshness).toMatchObject({
      why: 'no Prometheus found: looked for services named or labelled prometheus in all namespaces (0 services)',
    });
    wellAndGood(seen.api);
    seen.feed.refresh();
    await seen.seen(({ targets }) => targets.freshness.status === 'live');
  });

  it('is denied where the user may not use the service proxy', async () => {
    await using seen = await lab({
      prepare(api) {
        api.collection('/api/v1/services', services);
        api.on('*', (_, response) => status(response, 403, 'services "prometheus:9090" is forbidden: cannot get resource "services/proxy"'));
      },
    });
    const { targets, grafana: other } = await seen.seen(
      (snapshot) => snapshot.targets.freshness.status === 'denied' && snapshot.grafana.freshness.status === 'denied',
    );
    expect([targets.freshness, other.freshness]).toEqual(Array(2).fill({ status: 'denied', verb: 'get', resource: 'services/proxy' }));
  });

  it('asks at once when the API server is back', async () => {
    await using seen = await lab({ prepare: wellAndGood, everyMs: 60_000 });
    await seen.seen(({ targets }) => targets.freshness.status === 'live');
    const before = seen.api.calls.length;
    const { connection } = seen.store.snapshot();
    seen.store.writeConnection({ status: 'lost', context: 'lab', server: 's', since: 0, kind: 'unreachable', why: 'refused', fix: null, nextTryAt: 0 });
    seen.store.flush();
    seen.store.writeConnection(connection);
    seen.store.flush();
    await until(() => seen.api.calls.length > before);
  });

  it('goes to the URL it is given, below the path found there, and still finds Grafana in the cluster', async () => {
    await using server = await webServer((path, response) => prometheusAnswers(path, response, { prefix: '/prometheus' }));
    await using seen = await lab({ prepare: wellAndGood, prometheusUrl: server.url });
    const snapshot = await seen.seen(({ targets, grafana: slice }) => targets.value !== null && slice.value !== null);
    expect(snapshot.prometheus.value).toMatchObject({ url: `${server.url}/prometheus`, foundBy: '--prometheus' });
  });

  it('shows a Grafana whose database is away', async () => {
    await using seen = await lab({
      prepare(api) {
        wellAndGood(api);
        api.on(`${grafana}/api/health`, (_, response) => sendJson(response, { database: 'failing', version: '12.1.0' }, 503));
      },
    });
    expect((await seen.seen(({ grafana: slice }) => slice.value !== null)).grafana.value).toMatchObject({ database: 'failing' });
  });

  it('asks nothing more after it was closed', async () => {
    await using seen = await lab({ prepare: wellAndGood, everyMs: 5 });
    await seen.seen(({ targets }) => targets.freshness.status === 'live');
    seen.feed.close();
    const after = seen.store.snapshot();
    seen.feed.refresh();
    expect(seen.store.snapshot()).toBe(after);
  });
});
