import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
  const grafana = async (path: string, user?: string): Promise<{ status: number; body: unknown }> => {
    const headers = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
    const response = await fetch(asking.grafanaUrl + path, { headers, redirect: 'manual' });
    return { status: response.status, body: await response.json().catch(() => null) };
  };

  test('tells everybody that it is well', async () => {
    expect(await grafana('/api/health')).toMatchObject({ status: 200, body: { database: 'ok', version: '12.3.0' } });
  });

  test('shows its dashboards and data source to the admin only', async () => {
    expect((await grafana('/api/search')).status).toBe(401);
    expect((await grafana('/api/search', 'admin:wrong')).status).toBe(401);
    expect((await grafana('/api/search', 'admin:admin')).body).toHaveLength(5);
    expect((await grafana('/api/datasources', 'admin:admin')).body).toMatchObject([{ type: 'prometheus' }]);
    expect(await grafana('/api/dashboards/uid/inference', 'admin:admin')).toMatchObject({ status: 200, body: { dashboard: { title: 'Inference' } } });
    expect((await grafana('/api/dashboards/uid/none', 'admin:admin')).status).toBe(404);
  });
});
