import { describe, expect, it } from 'vitest';
import { createPrometheusClient } from '../../src/prometheus/client.js';
import { createLimit } from '../../src/prometheus/limit.js';
import { MonitoringError } from '../../src/prometheus/monitoring-error.js';
import { seconds } from '../../src/prometheus/queries.js';
import { aligned, sliced } from '../../src/prometheus/range.js';
import { serviceRoad, urlRoad } from '../../src/prometheus/road.js';
import { scriptedApi, status } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { sendJson, webServer } from './web-server.js';

const vector = (...values: readonly string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value, index) => ({ metric: { index: String(index) }, value: [1_700_000_000.5, value] })) },
});

async function failure(answer: Promise<unknown>): Promise<MonitoringError> {
  const error = await answer.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MonitoringError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

describe('a query', () => {
  it('gives numbers, and gaps for NaN, infinities and native histograms', async () => {
    const native = { metric: { index: 'native' }, histogram: [1_700_000_000.5, { count: '3', sum: '1' }] };
    await using server = await webServer((_, response) => {
      const body = vector('0.25', 'NaN', '+Inf', '-Inf', '1e3');
      sendJson(response, { ...body, data: { ...body.data, result: [...body.data.result, native, 'no sample', { metric: {} }] } });
    });
    const { value } = await createPrometheusClient(urlRoad(server.url)).query('up');
    expect(value.map((sample) => sample.value)).toEqual([0.25, null, null, null, 1000, null]);
    expect(value[0]).toMatchObject({ at: 1_700_000_000_500, labels: new Map([['index', '0']]) });
  });

  it('gives a scalar as one sample without labels', async () => {
    await using server = await webServer((_, response) => sendJson(response, { status: 'success', data: { resultType: 'scalar', result: [1, '2'] } }));
    expect((await createPrometheusClient(urlRoad(server.url)).query('2')).value).toEqual([{ labels: new Map(), value: 2, at: 1000 }]);
  });

  it('hands on what Prometheus warns of', async () => {
    await using server = await webServer((_, response) =>
      sendJson(response, { ...vector(), warnings: ['half of it is \u001b[31maway'], infos: ['not a counter'] }),
    );
    expect((await createPrometheusClient(urlRoad(server.url)).query('up')).notes).toEqual(['half of it is away', 'not a counter']);
  });

  it('cleans label values with quotes, newlines and escape sequences', async () => {
    const metric = { app: 'a "b"\nc', model: '\u001b]0;x\u0007m' };
    await using server = await webServer((_, response) =>
      sendJson(response, { status: 'success', data: { resultType: 'vector', result: [{ metric, value: [1, '1'] }] } }),
    );
    const { value } = await createPrometheusClient(urlRoad(server.url)).query('up');
    expect([...(value[0]?.labels ?? [])]).toEqual([
      ['app', 'a "b" c'],
      ['model', 'm'],
    ]);
  });

  it('goes as a form when it is long, and by GET where forms are not served', async () => {
    const long = `up{job=~"${'x'.repeat(3000)}"}`;
    const methods: (string | undefined)[] = [];
    await using server = await webServer((_, response, request) => {
      methods.push(request.method);
      if (request.method === 'POST') response.writeHead(405).end();
      else sendJson(response, vector('1'));
    });
    const prometheus = createPrometheusClient(urlRoad(server.url));
    expect((await prometheus.query(long)).value).toHaveLength(1);
    await prometheus.query(long);
    expect(methods).toEqual(['POST', 'GET', 'GET']);
  });

  it('goes by GET where the user may not create services/proxy', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.on('*', ({ method }, response) => {
      if (method === 'POST') status(response, 403, 'services "prometheus" is forbidden: User "viewer" cannot create resource "services/proxy"');
      else sendJson(response, vector('1'));
    });
    const road = serviceRoad(client, { namespace: 'monitoring', name: 'prometheus', port: 9090, scheme: 'http' });
    expect((await createPrometheusClient(road).query(`up{job=~"${'x'.repeat(3000)}"}`)).value).toHaveLength(1);
  });

  it.each([
    [400, 'bad_data', 'parse error: unexpected end of input', 'bad-query', /refuses the query: parse error: unexpected end of input$/],
    [422, 'execution', 'multiple matches for labels', 'bad-query', /refuses the query: multiple matches for labels$/],
    [503, 'timeout', 'query timed out in expression evaluation', 'slow', /took too long over the query/],
  ])('that is refused with %i %s says why', async (code, errorType, error, kind, sentence) => {
    await using server = await webServer((_, response) => sendJson(response, { status: 'error', errorType, error }, code));
    const refused = await failure(createPrometheusClient(urlRoad(server.url)).query('x'));
    expect([refused.kind, sentence.test(refused.message)]).toEqual([kind, true]);
  });

  it('is dropped when nobody wants it any more', async () => {
    await using server = await webServer(() => undefined);
    const wish = new AbortController();
    const asked = failure(createPrometheusClient(urlRoad(server.url)).query('up', { signal: wish.signal }));
    await until(() => server.asked.length === 1);
    wish.abort();
    expect((await asked).kind).toBe('aborted');
  });

  it('waits while six others are under way, whoever asks', async () => {
    const open: (() => void)[] = [];
    await using server = await webServer((_, response) => open.push(() => sendJson(response, vector('1'))));
    const prometheus = createPrometheusClient(urlRoad(server.url));
    const all = Promise.all(Array.from({ length: 10 }, (_, index) => prometheus.query(`up == ${index}`)));
    await until(() => open.length === 6);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.asked).toHaveLength(6);
    open.splice(0, 6).forEach((answer) => {
      answer();
    });
    await until(() => open.length === 4);
    open.forEach((answer) => {
      answer();
    });
    expect(await all).toHaveLength(10);
  });
});

describe('what waits for its turn', () => {
  it('leaves without having run when it is no longer wanted, and the next takes its place', async () => {
    const limit = createLimit(1);
    const finishing: (() => void)[] = [];
    const first = limit(() => new Promise<void>((resolve) => void finishing.push(resolve)));
    const wish = new AbortController();
    let ran = false;
    const second = failure(
      limit(async () => {
        ran = true;
      }, wish.signal),
    );
    const third = limit(async () => 'third');
    wish.abort();
    expect((await second).kind).toBe('aborted');
    finishing[0]?.();
    await first;
    expect([await third, ran]).toEqual(['third', false]);
  });
});

describe('a range query', () => {
  it('lies on the multiples of its step', () => {
    expect(aligned({ startAt: 1_001, endAt: 9_999, stepMs: 1_000 })).toEqual({ startAt: 2_000, endAt: 9_000, stepMs: 1_000 });
    expect(aligned({ startAt: 1_001, endAt: 1_999, stepMs: 1_000 })).toBeNull();
  });

  it('is cut so that no moment is asked for twice', () => {
    const slices = sliced({ startAt: 0, endAt: 25_000 * 15_000, stepMs: 15_000 });
    const moments = slices.flatMap(({ startAt, endAt, stepMs }) =>
      Array.from({ length: (endAt - startAt) / stepMs + 1 }, (_, index) => startAt + index * stepMs),
    );
    expect(moments).toHaveLength(25_001);
    expect(new Set(moments).size).toBe(25_001);
    for (const { startAt, endAt, stepMs } of slices) expect((endAt - startAt) / stepMs + 1).toBeLessThanOrEqual(11_000);
  });

  it('comes back as one series with gaps where nothing was', async () => {
    await using server = await webServer((_, response, request) => {
      const asked = new URL(request.url ?? '', 'http://x').searchParams;
      const [start, end] = [Number(asked.get('start')), Number(asked.get('end'))];
      const values = Array.from({ length: end - start + 1 }, (_, index) => [start + index, String(start + index)]).filter(([at]) => at !== 5);
      sendJson(response, { status: 'success', data: { resultType: 'matrix', result: [{ metric: { a: '1' }, values }] }, warnings: ['same'] });
    });
    const prometheus = createPrometheusClient(urlRoad(server.url));
    const { value, notes } = await prometheus.queryRange('x', { startAt: 1_000, endAt: 20_000_000, stepMs: 1_000 });
    expect(server.asked).toHaveLength(2);
    expect(value).toHaveLength(1);
    expect(value[0]?.series.values).toHaveLength(20_000);
    expect(value[0]?.series.values.slice(0, 6)).toEqual([1, 2, 3, 4, null, 6]);
    expect(value[0]?.series.values.filter((each) => each === null)).toHaveLength(1);
    expect(notes).toEqual(['same']);
  });
});

describe('moments', () => {
  it.each([
    [0, '0'],
    [15_000, '15'],
    [100_000, '100'],
    [1_500, '1.5'],
    [1_700_000_000_123, '1700000000.123'],
  ])('%i ms are %s seconds', (ms, text) => expect(seconds(ms)).toBe(text));
});

describe('the clock of Prometheus', () => {
  const clockAt = (aheadMs: number, { dateAheadMs = aheadMs } = {}) =>
    webServer((_, response) => {
      const time = (Date.now() + aheadMs) / 1000;
      response.setHeader('date', new Date(Date.now() + dateAheadMs).toUTCString());
      sendJson(response, { status: 'success', data: { resultType: 'scalar', result: [time, String(time)] } });
    });

  it('is what "now" means, wherever ours is', async () => {
    await using server = await clockAt(90_000);
    const prometheus = createPrometheusClient(urlRoad(server.url));
    expect(Math.abs((await prometheus.now()) - (Date.now() + 90_000))).toBeLessThan(1_500);
    await prometheus.now();
    expect(server.asked).toHaveLength(1);
  });

  it('is read from its headers where it answers for half a minute ago, as VictoriaMetrics does', async () => {
    await using server = await clockAt(-30_000, { dateAheadMs: 0 });
    expect(Math.abs((await createPrometheusClient(urlRoad(server.url)).clock())?.skewMs ?? Number.NaN)).toBeLessThan(2_000);
  });
});

describe('what a relative of Prometheus leaves out', () => {
  it('is absent, not a failure', async () => {
    await using server = await webServer((_, response) => response.writeHead(404).end('not found'));
    const prometheus = createPrometheusClient(urlRoad(server.url));
    expect(await prometheus.rules()).toBeNull();
    expect(await prometheus.itself()).toEqual({ startedAt: null, retention: null, headSeries: null, troubles: [] });
  });
});
