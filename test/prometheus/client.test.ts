import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createPrometheusClient } from '../../src/prometheus/client.js';
import { MonitoringError } from '../../src/prometheus/monitoring-error.js';
import { serviceRoad, urlRoad } from '../../src/prometheus/road.js';
import { scriptedApi, status } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { aRawTarget, prometheusAnswers, sendJson, webServer } from './web-server.js';

const proxy = '/api/v1/namespaces/monitoring/services/prometheus:9090/proxy';
const port = { namespace: 'monitoring', name: 'prometheus', port: 9090, scheme: 'http' as const };

async function trouble(answer: Promise<unknown>): Promise<string> {
  const error = await answer.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MonitoringError)) throw new Error(`not refused: ${String(error)}`);
  return error.message;
}

describe('Prometheus at a URL', () => {
  it('tells version, readiness and targets', async () => {
    await using server = await webServer((path, response) => prometheusAnswers(path, response));
    const prometheus = createPrometheusClient(urlRoad(server.url));
    expect(await prometheus.version()).toMatchObject({ version: '3.14.0' });
    expect(await prometheus.ready()).toBe(true);
    expect(await prometheus.targets()).toHaveLength(1);
    expect(server.asked.at(-1)).toBe('/api/v1/targets?state=active');
  });

  it('is asked below its path, whichever of its pages the URL names', async () => {
    await using server = await webServer((path, response) => prometheusAnswers(path, response, { prefix: '/prometheus' }));
    for (const page of ['', '/', '/graph', '/query', '/api/v1/']) {
      expect(await createPrometheusClient(urlRoad(`${server.url}/prometheus${page}`)).targets()).toHaveLength(1);
    }
  });

  it('gets user and password from the URL, and nobody else does', async () => {
    await using server = await webServer((_, response, request) => {
      const isAllowed = request.headers.authorization === `Basic ${Buffer.from('ops:s3cr@t').toString('base64')}`;
      sendJson(response, isAllowed ? { status: 'success', data: { activeTargets: [] } } : {}, isAllowed ? 200 : 500);
    });
    const road = urlRoad(server.url.replace('http://', 'http://ops:s3cr%40t@'));
    expect(await createPrometheusClient(road).targets()).toEqual([]);
    expect(JSON.stringify([road.url, road.name])).not.toContain('s3cr');
    const wrong = urlRoad(server.url.replace('http://', 'http://ops:wr0ng@'));
    expect(await trouble(createPrometheusClient(wrong).targets())).not.toContain('wr0ng');
  });

  it('is given a bearer token', async () => {
    await using server = await webServer((_, response, request) => sendJson(response, { status: 'success', data: { version: request.headers.authorization } }));
    expect(await createPrometheusClient(urlRoad(server.url, { bearerToken: 'abc', ca: null })).version()).toMatchObject({ version: 'Bearer abc' });
  });

  it('is not ready while it reads its log back', async () => {
    await using server = await webServer((_, response) => response.writeHead(503, { 'content-type': 'text/plain' }).end('Service Unavailable'));
    const prometheus = createPrometheusClient(urlRoad(server.url));
    expect(await prometheus.ready()).toBe(false);
    expect(await trouble(prometheus.targets())).toBe(
      `${server.url} is not ready (503: Service Unavailable): Prometheus is still starting, or has no room to work`,
    );
  });

  it('is known by its sums where it has no build information, as Thanos and Mimir', async () => {
    await using server = await webServer((path, response) => {
      if (path === '/api/v1/query') sendJson(response, { status: 'success', data: { resultType: 'scalar', result: [1, '1'] } });
      else response.writeHead(404).end('not found');
    });
    const prometheus = createPrometheusClient(urlRoad(server.url));
    expect(await prometheus.version()).toMatchObject({ version: null });
    expect(await prometheus.ready()).toBe(true);
  });

  it('says a sentence for each thing that can be there instead', async () => {
    const cases: readonly (readonly [Parameters<typeof webServer>[0], RegExp])[] = [
      [
        (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'),
        /answers with a web page instead of the Prometheus API \(a login page, or another program\)$/,
      ],
      [(_, response) => response.writeHead(302, { location: 'https://sso.lab/login' }).end(), /sends us elsewhere \(302 to https:\/\/sso\.lab\/login\)/],
      [(_, response) => response.writeHead(404).end('404 page not found'), /has no Prometheus API at this path \(404\)/],
      [(_, response) => response.writeHead(401).end(), /wants a login \(401\)/],
      [(_, response) => sendJson(response, { status: 'error', errorType: 'internal', error: 'tsdb is \u001b[31mbroken' }, 500), /answers 500: tsdb is broken$/],
      [(_, response) => sendJson(response, { hello: 'world' }), /answers, but without a list of targets$/],
      [(_, response) => response.socket?.destroy(), /closed the connection before it had answered$/],
    ];
    for (const [answer, sentence] of cases) {
      await using server = await webServer(answer);
      expect(await trouble(createPrometheusClient(urlRoad(server.url)).targets())).toMatch(sentence);
    }
  });

  it('says that nothing listens there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const closed = address === null || typeof address === 'string' ? 0 : address.port;
    await new Promise((resolve) => server.close(resolve));
    expect(await trouble(createPrometheusClient(urlRoad(`http://127.0.0.1:${closed}`)).targets())).toBe(`connection refused at 127.0.0.1:${closed}`);
  });

  it('reads thousands of targets', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => aRawTarget({ labels: { job: 'pods', instance: `10.244.0.1:${index}` } }));
    await using server = await webServer((path, response) => prometheusAnswers(path, response, { targets: many }));
    expect(await createPrometheusClient(urlRoad(server.url)).targets()).toHaveLength(5000);
  });
});

describe('Prometheus behind the API server', () => {
  it('is reached through the service proxy with the credentials of the kubeconfig', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url, { user: { token: 'kube-token' } });
    api.on(`${proxy}/api/v1/targets`, (_, response) => prometheusAnswers('/api/v1/targets', response));
    expect(await createPrometheusClient(serviceRoad(client, port)).targets()).toHaveLength(1);
    expect(api.calls.at(-1)?.headers.authorization).toBe('Bearer kube-token');
  });

  it.each([
    [503, 'no endpoints available for service "prometheus"', 'service monitoring/prometheus has no ready pods'],
    [
      503,
      'error trying to reach service: dial tcp 10.244.1.5:9090: connect: connection refused',
      'Prometheus cannot be reached behind service monitoring/prometheus: dial tcp 10.244.1.5:9090: connect: connection refused',
    ],
    [
      403,
      'services "prometheus" is forbidden: User "viewer" cannot get resource "services/proxy"',
      'not allowed to get services/proxy of service monitoring/prometheus',
    ],
    [404, 'services "prometheus" not found', 'service monitoring/prometheus is gone'],
  ])('says what the API server says: %i %s', async (code, message, sentence) => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.on('*', (_, response) => status(response, code, message));
    expect(await trouble(createPrometheusClient(serviceRoad(client, port)).targets())).toBe(sentence);
    expect(await trouble(createPrometheusClient(serviceRoad(client, port)).version())).toBe(sentence);
  });
});
