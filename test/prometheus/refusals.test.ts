import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeServingCertificate } from '../../src/demo/api/certificate.js';
import { createPrometheusClient } from '../../src/prometheus/client.js';
import { startPrometheusFeed } from '../../src/prometheus/feed.js';
import { MonitoringError } from '../../src/prometheus/monitoring-error.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { urlAccess } from '../../src/prometheus/url-access.js';
import { type Slice, whyMissing } from '../../src/state/freshness.js';
import { createStore } from '../../src/state/store.js';
import { aSnapshot } from '../builders/snapshot.js';
import { scriptedApi } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { prometheusAnswers, sendJson } from './web-server.js';

const ending: (() => PromiseLike<void> | void)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

const services = { prometheus: 'prometheus-operated:9090', alertmanager: 'alertmanager-operated:9093', grafana: 'grafana:3000' } as const;
type Name = keyof typeof services;
const refused: Readonly<Record<Name, readonly string[]>> = {
  prometheus: ['/', '/-/ready', '/api/v1/status/buildinfo', '/api/v1/query', '/api/v1/targets', '/api/v1/rules'],
  alertmanager: ['/', '/-/ready', '/api/v2/status'],
  grafana: ['/', '/api/health'],
};

/** A cluster with all three, of which one refuses what it is asked in the given way; resolves to the sentence about it, once the two others are live. */
async function refusing(name: Name, status: number, body: string): Promise<string> {
  const api = await scriptedApi();
  const at = (service: Name) => `/api/v1/namespaces/monitoring/services/${services[service]}/proxy`;
  const items = Object.values(services).map((service) => {
    const [serviceName = '', port = ''] = service.split(':');
    return { metadata: { name: serviceName, namespace: 'monitoring', labels: { app: serviceName } }, spec: { ports: [{ port: Number(port) }] } };
  });
  api.on('/api/v1/services', (_, response) => sendJson(response, { kind: 'List', metadata: {}, items }));
  for (const path of ['/-/ready', '/api/v1/status/buildinfo', '/api/v1/targets'])
    api.on(`${at('prometheus')}${path}`, (_, response) => prometheusAnswers(path, response));
  api.on(`${at('alertmanager')}/-/ready`, (_, response) => response.end('OK'));
  api.on(`${at('alertmanager')}/api/v2/status`, (_, response) =>
    sendJson(response, { cluster: { status: 'ready', peers: [{}] }, versionInfo: { version: '0.32.0' } }),
  );
  api.on(`${at('grafana')}/api/health`, (_, response) => sendJson(response, { database: 'ok', version: '12.3.0' }));
  for (const path of refused[name]) {
    api.on(`${at(name)}${path}`, (_, response) =>
      response.writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/plain' }).end(body),
    );
  }
  const client = clientFor(api.url);
  const store = createStore({ flushMs: 5, settleMs: 1 });
  store.writeConnection(aSnapshot().connection);
  store.flush();
  const feed = startPrometheusFeed({ client, store, prometheusUrl: null, everyMs: 40 });
  ending.push(
    () => api[Symbol.asyncDispose](),
    () => client.close(),
    () => store.close(),
    () => feed.close(),
  );
  // One that is not ready has told that much of itself.
  const slice = (): Slice<object> => store.snapshot()[name === 'prometheus' ? 'targets' : name];
  const others = (['prometheus', 'alertmanager', 'grafana'] as const).filter((other) => other !== name);
  await until(() => others.every((other) => store.snapshot()[other].freshness.status === 'live'));
  await until(() => slice().freshness.status !== 'live' && whyMissing(slice()) !== null && !/^looking/.test(whyMissing(slice()) ?? ''));
  expect(slice().value).toBeNull();
  return whyMissing(slice()) ?? '';
}

const forbidden = JSON.stringify({
  kind: 'Status',
  status: 'Failure',
  message: 'services "x" is forbidden: User "viewer" cannot get resource "services/proxy"',
  code: 403,
});
const noEndpoints = JSON.stringify({
  kind: 'Status',
  status: 'Failure',
  message: 'no endpoints available for service "x"',
  reason: 'ServiceUnavailable',
  code: 503,
});

describe('of Prometheus, Alertmanager and Grafana each', () => {
  const names: readonly Name[] = ['prometheus', 'alertmanager', 'grafana'];
  const cases: readonly (readonly [number, string, RegExp])[] = [
    [401, 'Unauthorized', /wants a login \(401\)/],
    [403, 'Forbidden', /refuses us \(403\)/],
    [404, '404 page not found', /\(404\)/],
    [503, 'Service Unavailable', /503|starting|not ready/],
    [403, forbidden, /services\/proxy/],
    [503, noEndpoints, /has no ready pods/],
  ];
  it.each(names.flatMap((name) => cases.map(([status, body, sentence]) => [name, status, body.slice(0, 40), body, sentence] as const)))(
    '%s that answers %i (%s) is told in a sentence, and the others stay live',
    async (name, status, _, body, sentence) => {
      expect(await refusing(name, status, body)).toMatch(sentence);
    },
  );
});

it('a Prometheus with a certificate of its own making and a token is asked once both are given', async () => {
  const tls = makeServingCertificate();
  const server = createServer({ key: tls.keyPem, cert: tls.certPem }, (request, response) =>
    sendJson(response, { status: 'success', data: { version: request.headers.authorization ?? 'nobody' } }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const trouble = await createPrometheusClient(urlRoad(`https://ops:secret@127.0.0.1:${port}`))
    .version()
    .catch((error: unknown) => error);
  expect(trouble).toBeInstanceOf(MonitoringError);
  expect(String(trouble)).toContain(`the certificate of 127.0.0.1:${port} is signed by an authority that is not known here`);
  expect(String(trouble)).not.toContain('secret');

  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-ca-'));
  ending.push(() => rmSync(folder, { recursive: true }));
  const ca = join(folder, 'ca.pem');
  const asked = () =>
    createPrometheusClient(urlRoad(`https://127.0.0.1:${port}`, urlAccess({ GPUK8S_TUI_PROMETHEUS_TOKEN: 'abc', GPUK8S_TUI_PROMETHEUS_CA: ca }))).version();
  await expect(asked()).rejects.toThrow(`cannot read ${ca}, the authorities for 127.0.0.1:${port}: ENOENT`);
  writeFileSync(ca, tls.caPem);
  expect(await asked()).toMatchObject({ version: 'Bearer abc' });
});
