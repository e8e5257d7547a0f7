import { afterEach, describe, expect, it } from 'vitest';
import { type PrometheusFeed, startPrometheusFeed } from '../../src/prometheus/feed.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { createStore, type Store } from '../../src/state/store.js';
import { aSnapshot } from '../builders/snapshot.js';
import { type ScriptedApi, scriptedApi } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { hasPrometheus, realPrometheus } from './real-prometheus.js';
import { prometheusAnswers, sendJson } from './web-server.js';

const ending: (() => PromiseLike<void> | void)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

interface Lab {
  readonly api: ScriptedApi;
  readonly store: Store;
  readonly feed: PrometheusFeed;
  seen(look: (snapshot: ClusterSnapshot) => boolean, ms?: number): Promise<ClusterSnapshot>;
}

async function lab(
  prepare: (api: ScriptedApi) => void,
  { prometheusUrl = null, everyMs = 40 }: { prometheusUrl?: string | null; everyMs?: number } = {},
): Promise<Lab> {
  const api = await scriptedApi();
  prepare(api);
  const client = clientFor(api.url);
  const store = createStore({ flushMs: 5, settleMs: 1 });
  store.writeConnection(aSnapshot().connection);
  store.flush();
  const feed = startPrometheusFeed({ client, store, prometheusUrl, everyMs });
  ending.push(
    () => api[Symbol.asyncDispose](),
    () => client.close(),
    () => store.close(),
    () => feed.close(),
  );
  return { api, store, feed, seen: (look, ms) => until(() => (look(store.snapshot()) ? store.snapshot() : null), ms) };
}

const at = (service: string) => `/api/v1/namespaces/monitoring/services/${service}/proxy`;
const aService = (name: string, port: number, labels: Readonly<Record<string, string>> = {}) => ({
  metadata: { name, namespace: 'monitoring', labels },
  spec: { ports: [{ port }] },
});

function prometheusAt(api: ScriptedApi, service: string): void {
  for (const path of ['/-/ready', '/api/v1/status/buildinfo', '/api/v1/targets'])
    api.on(`${at(service)}${path}`, (_, response) => prometheusAnswers(path, response));
}

function rules(...groups: readonly object[]): object {
  return { status: 'success', data: { groups } };
}

const firing = (name: string, activeAt: string, state = 'firing') => ({
  labels: { alertname: name, severity: 'critical', node: 'gpu-1' },
  annotations: { summary: `${name} on gpu-1` },
  state,
  activeAt,
  value: '9.1e+01',
});

describe('the feed of alerts', () => {
  it('shows what fires first, then what is pending, the oldest first, and rules in error', async () => {
    const { seen } = await lab((api) => {
      api.collection('/api/v1/services', [aService('prometheus', 9090)]);
      prometheusAt(api, 'prometheus:9090');
      api.on(`${at('prometheus:9090')}/api/v1/rules`, (_, response) =>
        sendJson(
          response,
          rules(
            {
              name: 'gpus',
              rules: [
                {
                  type: 'alerting',
                  name: 'GpuHot',
                  health: 'ok',
                  alerts: [firing('GpuHot', '2026-11-02T13:00:00Z', 'pending'), firing('GpuHot', '2026-11-02T12:00:00Z')],
                },
              ],
            },
            {
              name: 'nodes',
              rules: [
                { type: 'alerting', name: 'NodeDown', health: 'err', lastError: 'many-to-many', alerts: [firing('NodeDown', '2026-11-02T11:00:00Z')] },
                { type: 'recording', name: 'r', health: 'ok' },
              ],
            },
          ),
        ),
      );
    });
    const { alerts } = await seen((snapshot) => snapshot.alerts.value !== null);
    expect(alerts.value?.alerts.map(({ name, state }) => `${name} ${state}`)).toEqual(['NodeDown firing', 'GpuHot firing', 'GpuHot pending']);
    expect(alerts.value?.alerts[0]).toMatchObject({ severity: 'critical', summary: 'NodeDown on gpu-1', value: 91, activeAt: Date.UTC(2026, 10, 2, 11) });
    expect(alerts.value).toMatchObject({ rules: 3, brokenRules: [{ group: 'nodes', name: 'NodeDown', error: 'many-to-many' }] });
  });

  it('says that there are no rules to be had behind Thanos, and shows the rest', async () => {
    const { seen } = await lab((api) => {
      api.collection('/api/v1/services', [aService('prometheus', 9090)]);
      prometheusAt(api, 'prometheus:9090');
      for (const path of ['/api/v1/rules', '/api/v1/targets'])
        api.on(`${at('prometheus:9090')}${path}`, (_, response) => response.writeHead(404).end('404 page not found'));
    });
    const { alerts, targets, prometheus } = await seen(
      (snapshot) => snapshot.alerts.freshness.status === 'absent' && snapshot.targets.freshness.status === 'absent',
    );
    expect([alerts.freshness, targets.freshness]).toMatchObject(
      [{ why: 'service monitoring/prometheus keeps no rules' }, { why: /keeps no list of targets/ }].map((each) => ({ why: expect.stringMatching(each.why) })),
    );
    expect(prometheus.freshness.status).toBe('live');
  });

  it('finds an Alertmanager by its label and says how many peers it has', async () => {
    const { seen } = await lab((api) => {
      api.collection('/api/v1/services', [aService('kps-alerts', 9093, { 'app.kubernetes.io/name': 'alertmanager' })]);
      api.on(`${at('kps-alerts:9093')}/api/v2/status`, (_, response) =>
        sendJson(response, { cluster: { status: 'ready', peers: [{}, {}] }, versionInfo: { version: '0.28.1' } }),
      );
      api.on(`${at('kps-alerts:9093')}/-/ready`, (_, response) => response.end('OK'));
    });
    const { alertmanager, prometheus } = await seen((snapshot) => snapshot.alertmanager.value !== null && snapshot.prometheus.freshness.status === 'absent');
    expect(alertmanager.value).toMatchObject({ version: '0.28.1', ready: true, peers: 2, foundBy: 'service monitoring/kps-alerts' });
    expect(prometheus.value).toBeNull();
  });

  it('goes to the Prometheus that was chosen, and offers the others', async () => {
    const prepare = (api: ScriptedApi) => {
      api.collection('/api/v1/services', [aService('prometheus-operated', 9090), aService('prometheus-server', 80)]);
      prometheusAt(api, 'prometheus-operated:9090');
      prometheusAt(api, 'prometheus-server:80');
    };
    const first = await lab(prepare);
    expect((await first.seen(({ prometheus }) => prometheus.value !== null)).prometheus.value).toMatchObject({
      foundBy: 'service monitoring/prometheus-operated',
      others: ['monitoring/prometheus-server:80'],
    });
    const second = await lab(prepare, { prometheusUrl: 'monitoring/prometheus-server' });
    expect((await second.seen(({ prometheus }) => prometheus.value !== null)).prometheus.value).toMatchObject({
      foundBy: 'service monitoring/prometheus-server',
      others: ['monitoring/prometheus-operated:9090'],
    });
    const third = await lab(prepare, { prometheusUrl: 'monitoring/gone:9090' });
    const { prometheus } = await third.seen((snapshot) => snapshot.prometheus.freshness.status === 'absent');
    expect(prometheus.freshness).toMatchObject({ why: expect.stringMatching(/no service monitoring\/gone .*there are monitoring\/prometheus-operated:9090/) });
  });

  it('says which data sources and dashboards Grafana has, or that it wants a password', async () => {
    const prepare = (api: ScriptedApi) => {
      api.collection('/api/v1/services', [aService('grafana', 3000)]);
      api.on(`${at('grafana:3000')}/api/health`, (_, response) => sendJson(response, { database: 'ok', version: '12.1.0' }));
      api.on(`${at('grafana:3000')}/api/datasources`, (_, response) => sendJson(response, { message: 'Unauthorized' }, 401));
    };
    const { api, seen } = await lab(prepare);
    expect((await seen(({ grafana }) => grafana.value !== null)).grafana.value?.inside).toEqual({ status: 'login-needed' });
    api.on(`${at('grafana:3000')}/api/datasources`, (_, response) =>
      sendJson(response, [
        { uid: 'p', name: 'Prom', type: 'prometheus', isDefault: true },
        { uid: 'l', name: 'Loki', type: 'loki' },
      ]),
    );
    api.on(`${at('grafana:3000')}/api/datasources/uid/p/health`, (_, response) => sendJson(response, { status: 'ERROR', message: 'dial tcp: refused' }, 400));
    api.on(`${at('grafana:3000')}/api/search`, (_, response) => sendJson(response, [{ uid: 'gpuk8s-containers', title: 'Container metrics' }]));
    const { grafana } = await seen((snapshot) => snapshot.grafana.value?.inside.status === 'seen');
    expect(grafana.value?.inside).toMatchObject({ dataSources: [{ uid: 'p', name: 'Prom', health: 'failing', said: 'dial tcp: refused' }] });
    expect(grafana.value?.inside.status === 'seen' ? grafana.value.inside.dashboards.filter(({ present }) => present).map(({ uid }) => uid) : []).toEqual([
      'gpuk8s-containers',
    ]);
  });

  it('asks at once when somebody begins to look', async () => {
    const { api, feed, seen } = await lab(
      (scripted) => {
        scripted.collection('/api/v1/services', [aService('prometheus', 9090)]);
        prometheusAt(scripted, 'prometheus:9090');
      },
      { everyMs: 60_000 },
    );
    await seen(({ targets }) => targets.freshness.status === 'live');
    const asked = () => api.calls.filter(({ path }) => path.endsWith('/api/v1/targets')).length;
    const before = asked();
    feed.setAttention(true);
    await until(() => asked() > before);
  });

  it('hands out the Prometheus that it found, and says why where there is none', async () => {
    const there = await lab((api) => {
      api.collection('/api/v1/services', [aService('prometheus', 9090)]);
      prometheusAt(api, 'prometheus:9090');
    });
    expect((await there.feed.prometheus()).road.name).toBe('service monitoring/prometheus');
    const none = await lab((api) => void api.collection('/api/v1/services', []));
    await expect(none.feed.prometheus()).rejects.toThrow(/no Prometheus found/);
  });
});

describe.skipIf(!hasPrometheus)('a real Prometheus that restarts while it is watched', () => {
  it('is stale with its last alerts, then live again; and says what it is', { timeout: 60_000 }, async () => {
    await using real = await realPrometheus({
      rules: [
        {
          groups: [
            {
              name: 'lab',
              rules: [{ alert: 'TargetDown', expr: 'up == 0', labels: { severity: 'warning' }, annotations: { summary: '{{ $labels.job }} is down' } }],
            },
          ],
        },
      ],
    });
    const { seen } = await lab((api) => void api.collection('/api/v1/services', []), { prometheusUrl: real.url, everyMs: 100 });
    const up = await seen(({ alerts, prometheus }) => alerts.value?.alerts[0]?.state === 'firing' && prometheus.value?.about?.storageBytes !== null, 30_000);
    expect(up.alerts.value?.alerts[0]).toMatchObject({ name: 'TargetDown', severity: 'warning', summary: 'dead is down' });
    expect(up.prometheus.value?.about).toMatchObject({ retention: '15d', clockSkewMs: null, troubles: [] });
    expect(up.prometheus.value?.about?.headSeries).toBeGreaterThan(100);
    expect(up.prometheus.value?.about?.startedAt).toBeGreaterThan(Date.now() - 120_000);
    await real.kill();
    const away = await seen(({ alerts, targets, prometheus }) => [alerts, targets, prometheus].every(({ freshness }) => freshness.status === 'stale'), 10_000);
    expect(away.alerts.value?.alerts).toHaveLength(1);
    expect(away.prometheus.freshness).toMatchObject({ why: `connection refused at 127.0.0.1:${real.port}` });
    await real.start();
    await seen(({ alerts, targets, prometheus }) => [alerts, targets, prometheus].every(({ freshness }) => freshness.status === 'live'), 20_000);
  });
});
