import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAt, textAt } from '../../../src/demo/fields.js';
import { type Asking, ask } from './asking.js';
import { aWorld, startedAt } from './world.js';

let asking: Asking;
const now = startedAt / 1000;

beforeAll(async () => {
  asking = await ask(aWorld());
});
afterAll(() => asking.close());

describe("Prometheus' API", () => {
  test('takes queries as a form, too', async () => {
    const response = await fetch(`${asking.prometheusUrl}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: 'count(up)', time: String(now) }),
    });
    expect(await response.json()).toEqual({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [now, '21'] }] } });
  });

  test.each([
    ['/api/v1/query?query=rate(up', 400, 'bad_data', 'invalid parameter "query": 1:8: parse error: unexpected end of input'],
    ['/api/v1/query?query=', 400, 'bad_data', 'invalid parameter "query": 1:1: parse error: no expression found in input'],
    [
      '/api/v1/query?query=rate(up)',
      400,
      'bad_data',
      'invalid parameter "query": 1:1: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ['/api/v1/query?query=up&time=noon', 400, 'bad_data', 'invalid parameter "time": cannot parse "noon" to a valid timestamp'],
    ['/api/v1/query_range?query=up&start=2&end=1&step=1', 400, 'bad_data', 'invalid parameter "end": end timestamp must not be before start time'],
    [
      '/api/v1/query_range?query=up&start=1&end=2&step=0',
      400,
      'bad_data',
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    ],
    ['/api/v1/query_range?query=up&start=1&end=2', 400, 'bad_data', 'invalid parameter "step": cannot parse "" to a valid duration'],
    [
      '/api/v1/query_range?query=up&start=0&end=11001&step=1',
      400,
      'bad_data',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    ],
    ['/api/v1/series', 400, 'bad_data', 'no match[] parameter provided'],
    ['/api/v1/query?query=up%20/%20on(job)%20up', 422, 'execution', expect.stringMatching(/^found duplicate series for the match group \{job="\w/)],
  ])('refuses %s in the real words', async (path, status, errorType, error) => {
    expect(await asking.get(path)).toEqual({ status, body: { status: 'error', errorType, error } });
  });

  test('knows a day and no future', async () => {
    const points = (await asking.chart('count(up)', 3 * 86_400, 3600)).get('') ?? [];
    expect(points.length).toBe(24);
    const { body } = await asking.get(`/api/v1/query?query=up&time=${now + 3600}`);
    expect(body).toEqual({ status: 'success', data: { resultType: 'vector', result: [] } });
  });

  test('lists labels, values, series and metadata', async () => {
    expect((await asking.get('/api/v1/label/job/values')).body).toMatchObject({
      data: [
        'apiserver',
        'coredns',
        'dcgm-exporter',
        'grafana',
        'inference',
        'kube-state-metrics',
        'kubelet',
        'kubelet-cadvisor',
        'node-exporter',
        'prometheus',
      ],
    });
    expect((await asking.get('/api/v1/labels?match[]=up')).body).toMatchObject({ data: ['__name__', 'app', 'instance', 'job', 'namespace', 'node', 'pod'] });
    expect((await asking.get('/api/v1/series?match[]=up{job="prometheus"}')).body).toEqual({
      status: 'success',
      data: [{ __name__: 'up', instance: 'localhost:9090', job: 'prometheus' }],
    });
    expect((await asking.get('/api/v1/metadata?metric=node_load1')).body).toEqual({
      status: 'success',
      data: { node_load1: [{ type: 'gauge', help: '1m load average.', unit: '' }] },
    });
  });

  test('tells its version, leads to its pages and knows no others', async () => {
    expect((await asking.get('/api/v1/status/buildinfo')).body).toMatchObject({ data: { version: '3.14.0' } });
    expect((await fetch(asking.prometheusUrl, { redirect: 'manual' })).headers.get('location')).toBe('/query');
    expect(await asking.get('/api/v1/nothing')).toEqual({ status: 404, body: '404 page not found\n' });
    expect(await asking.get('/-/ready')).toEqual({ status: 200, body: 'Prometheus Server is Ready.\n' });
  });

  test('gives the rules with their states', async () => {
    const { body } = await asking.get('/api/v1/rules?type=alert');
    expect(body).toMatchObject({
      data: {
        groups: [
          {
            name: 'gpuk8s',
            interval: 15,
            rules: expect.arrayContaining([expect.objectContaining({ name: 'GpuMissing', state: 'inactive', duration: 300, type: 'alerting' })]),
          },
        ],
      },
    });
  });
});

describe('Grafana', () => {
  const grafana = async (path: string, { user, cookie, body, method }: { user?: string; cookie?: string; body?: unknown; method?: string } = {}) => {
    const response = await fetch(asking.grafanaUrl + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'manual',
    });
    const said: unknown = await response.json().catch(() => null);
    return { status: response.status, body: said, cookies: response.headers.getSetCookie() };
  };

  test('tells everybody that it is well', async () => {
    expect(await grafana('/api/health')).toMatchObject({ status: 200, body: { database: 'ok', version: '12.3.0' } });
  });

  test('shows its dashboards to visitors, and whom they ask, but no settings', async () => {
    expect((await grafana('/api/search?type=dash-db')).body).toHaveLength(5);
    expect((await grafana('/api/frontend/settings')).body).toMatchObject({ datasources: { Prometheus: { type: 'prometheus', uid: 'prometheus' } } });
    expect(await grafana('/api/datasources')).toMatchObject({ status: 403, body: { title: 'Access denied' } });
    expect((await grafana('/api/dashboards/db', { body: { dashboard: { title: 'x' } } })).status).toBe(403);
    expect((await grafana('/api/search', { user: 'admin:wrong' })).status).toBe(401);
    expect((await grafana('/api/datasources', { user: 'admin:admin' })).body).toMatchObject([{ type: 'prometheus' }]);
    expect((await grafana('/api/dashboards/uid/none')).status).toBe(404);
  });

  test('lets admin in by its form, stores what is given to it, and forgets the login afterwards', async () => {
    expect((await grafana('/login', { body: { user: 'admin', password: 'wrong' } })).status).toBe(401);
    const { cookies } = await grafana('/login', { body: { user: 'admin', password: 'admin' } });
    const cookie = cookies.map((each) => each.split(';')[0]).join('; ');
    const dashboard = { uid: 'ours', title: 'Ours', tags: ['gpuk8s'], panels: [{ id: 1 }] };
    expect(await grafana('/api/dashboards/db', { cookie, body: { dashboard } })).toMatchObject({ status: 200, body: { uid: 'ours', version: 1 } });
    expect((await grafana('/api/dashboards/db', { cookie, body: { dashboard } })).status).toBe(412);
    expect((await grafana('/api/dashboards/db', { cookie, body: { dashboard, overwrite: true } })).body).toMatchObject({ version: 2 });
    expect((await grafana('/api/dashboards/db', { cookie, body: { dashboard: { ...dashboard, uid: 'alertmanager-overview' } } })).body).toEqual({
      message: 'Cannot save provisioned dashboard',
    });
    expect((await grafana('/api/search?tag=gpuk8s')).body).toMatchObject([{ uid: 'ours', title: 'Ours' }]);
    expect((await grafana('/api/dashboards/uid/ours')).body).toMatchObject({ meta: { version: 2, provisioned: false }, dashboard: { panels: [{ id: 1 }] } });
    expect((await grafana('/api/dashboards/uid/ours', { cookie, method: 'DELETE' })).status).toBe(200);
    expect((await grafana('/api/dashboards/uid/ours')).status).toBe(404);
    expect((await grafana('/logout', { cookie })).status).toBe(302);
    expect((await grafana('/api/datasources', { cookie })).status).toBe(403);
  });
});

describe('Alertmanager', () => {
  const alertmanager = async (path: string): Promise<unknown> => (await fetch(asking.alertmanagerUrl + path)).json();

  test('is ready and tells its version', async () => {
    expect(await (await fetch(`${asking.alertmanagerUrl}/-/ready`)).text()).toBe('OK');
    expect(await alertmanager('/api/v2/status')).toMatchObject({ cluster: { status: 'ready' }, versionInfo: { version: '0.32.0' } });
    expect((await asking.get('/api/v1/alertmanagers')).body).toMatchObject({ data: { activeAlertmanagers: [{}] } });
  });

  test('has the alerts that fire in Prometheus, and no others', async () => {
    const world = aWorld();
    const own = await ask(world);
    world.faults.targetsDown.set('node-exporter/gpu-1:9100', 'connection refused');
    await own.get('/api/v1/targets');
    world.pass(200);
    const states = async () =>
      listAt((await own.get('/api/v1/alerts')).body, 'data', 'alerts').map((alert) => [textAt(alert, 'labels', 'alertname'), textAt(alert, 'state')]);
    const sent = async (query = ''): Promise<readonly unknown[]> =>
      listAt({ all: await (await fetch(`${own.alertmanagerUrl}/api/v2/alerts${query}`)).json() }, 'all');
    world.pass(400);
    expect(await states()).toContainEqual(['TargetDown', 'firing']);
    const firing = (await states()).filter(([, state]) => state === 'firing').map(([name]) => name);
    expect((await sent()).map((alert) => textAt(alert, 'labels', 'alertname'))).toEqual(firing);
    expect(await sent('?filter=alertname%3D%22TargetDown%22')).toMatchObject([
      { fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/), status: { state: 'active' }, labels: { instance: 'gpu-1:9100' } },
    ]);
    expect(await sent('?filter=alertname%3D%22Nothing%22')).toEqual([]);
    world.faults.alertmanagerDown = true;
    await expect(sent()).rejects.toThrow();
    await own.close();
  });
});
