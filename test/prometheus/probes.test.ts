import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeServingCertificate } from '../../src/demo/api/certificate.js';
import { type ProbesOptions, startProbes } from '../../src/prometheus/probes.js';
import { live } from '../../src/state/freshness.js';
import type { Probe } from '../../src/state/probes.js';
import { createStore } from '../../src/state/store.js';
import { aLab } from '../builders/lab.js';
import { aService } from '../builders/latency.js';
import { aSnapshot } from '../builders/snapshot.js';
import { scriptedApi } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { sendJson, type WebServer, webServer } from './web-server.js';

async function lab(options: Partial<ProbesOptions> = {}, monitoring = false) {
  const api = await scriptedApi();
  api.on('/readyz', (_, response) => response.end('ok'));
  const client = clientFor(api.url);
  const store = createStore({ flushMs: 5, settleMs: 1 });
  store.writeConnection(aSnapshot().connection);
  if (monitoring) {
    const { prometheus, grafana } = aLab();
    if (prometheus.value !== null) store.write('prometheus', live({ ...prometheus.value, url: `${api.url}${prometheus.value.url}` }, Date.now()));
    if (grafana.value !== null) store.write('grafana', live({ ...grafana.value, url: `${api.url}${grafana.value.url}` }, Date.now()));
  }
  store.flush();
  const probes = startProbes({ client, store, prometheusUrl: null, configured: {}, env: {}, pace: { lookedAtMs: 10, elseMs: 3_600_000 }, ...options });
  return {
    api,
    store,
    probes,
    /** The probe of that name, once it passes. */
    probe: (name: string, passes: (probe: Probe) => boolean = ({ at }) => at !== null) =>
      until(() => store.snapshot().probes.value?.find((one) => one.name === name && passes(one)) ?? null),
    async [Symbol.asyncDispose]() {
      probes.close();
      store.close();
      client.close();
      await api[Symbol.asyncDispose]();
    },
  };
}

function configured(server: WebServer | { readonly url: string }, path = '/'): ProbesOptions['configured'] {
  return { gateway: { url: `${server.url}${path}`, ca: null } };
}

describe('probes', () => {
  it('go to the API server, and through it to Prometheus and Grafana', async () => {
    await using it = await lab({}, true);
    const service = (name: string, port: number) => `/api/v1/namespaces/monitoring/services/${name}:${port}/proxy`;
    it.api.on(`${service('prometheus-operated', 9090)}/-/ready`, (_, response) => response.end('ready'));
    it.api.on(`${service('grafana', 80)}/api/health`, (_, response) => sendJson(response, { message: 'database is locked' }, 503));
    it.probes.refresh();
    expect(await it.probe('API server')).toMatchObject({ status: 'ok', httpStatus: 200, why: null, url: expect.stringContaining('/readyz') });
    expect(await it.probe('Prometheus', ({ status }) => status === 'ok')).toMatchObject({ httpStatus: 200, certificateEndsAt: null });
    expect(await it.probe('Grafana', ({ httpStatus }) => httpStatus === 503)).toMatchObject({
      status: 'failing',
      why: 'it answers 503 Service Unavailable: database is locked',
    });
  });

  it('keep the last sixty round trips, with a gap where no answer came', async () => {
    let answered = 0;
    await using server = await webServer((_, response) => {
      answered += 1;
      if (answered === 2) response.destroy();
      else response.end('ok');
    });
    await using it = await lab({ configured: configured(server) });
    it.probes.setAttention(true);
    const { history } = await it.probe('gateway', (one) => one.history.length >= 4);
    expect(history.slice(0, 4).map((ms) => ms === null)).toEqual([false, true, false, false]);
    const full = await it.probe('gateway', (one) => one.history.length === 60 && answered > 65);
    expect(full.history).toHaveLength(60);
  });

  it('say that nothing answers', async () => {
    const server = await webServer((_, response) => response.end());
    await server[Symbol.asyncDispose]();
    await using it = await lab({ configured: configured(server) });
    expect(await it.probe('gateway')).toMatchObject({
      status: 'failing',
      httpStatus: null,
      roundTripMs: null,
      why: expect.stringContaining('connection refused'),
    });
  });

  it('follow a redirect on the same host, and none to another', async () => {
    await using elsewhere = await webServer((_, response) => response.end());
    await using server = await webServer((path, response) => {
      if (path === '/') response.writeHead(302, { location: '/home' }).end();
      else if (path === '/away') response.writeHead(302, { location: `${elsewhere.url}/login` }).end();
      else response.end('hello');
    });
    await using it = await lab({
      configured: { home: { url: server.url, ca: null }, away: { url: `${server.url}/away`, ca: null } },
    });
    expect(await it.probe('home')).toMatchObject({ status: 'ok', httpStatus: 200 });
    expect(await it.probe('away')).toMatchObject({ status: 'ok', httpStatus: 302 });
    expect(server.asked).toContain('/home');
    expect(elsewhere.asked).toEqual([]);
  });

  it('send user and password only where the URL holds them, and show them nowhere', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await webServer((path, response, request) => {
      seen.push(request.headers.authorization);
      if (path === '/closed') response.writeHead(403).end('no entry');
      else response.end('ok');
    });
    const withLogin = `${server.url.replace('http://', 'http://ops:geheim@')}/closed?token=geheim`;
    await using it = await lab({ configured: { open: { url: server.url, ca: null }, closed: { url: withLogin, ca: null } } });
    await it.probe('open');
    const closed = await it.probe('closed');
    expect(closed).toMatchObject({ status: 'failing', httpStatus: 403, why: 'it answers 403 Forbidden: no entry', url: `${server.url}/closed` });
    expect(seen.toSorted()).toEqual([`Basic ${Buffer.from('ops:geheim').toString('base64')}`, undefined]);
    expect(JSON.stringify(it.store.snapshot().probes)).not.toContain('geheim');
  });

  it('tell a self-signed certificate and when it ends, and accept it once its authority is given', async () => {
    const tls = makeServingCertificate({ notAfter: new Date('2031-05-06T07:08:09Z') });
    const server = createServer({ key: tls.keyPem, cert: tls.certPem }, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `https://127.0.0.1:${address === null || typeof address === 'string' ? 0 : address.port}`;
    const folder = await mkdtemp(join(tmpdir(), 'gpuk8s-tui-test-'));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, tls.caPem);
    try {
      await using it = await lab({ configured: { stranger: { url, ca: null }, trusted: { url, ca }, broken: { url, ca: join(folder, 'none.pem') } } });
      const endsAt = Date.parse('2031-05-06T07:08:09Z');
      expect(await it.probe('stranger')).toMatchObject({
        status: 'failing',
        httpStatus: null,
        certificateEndsAt: endsAt,
        why: expect.stringMatching(/certificate of 127\.0\.0\.1:\d+ is (self-signed|signed by an authority that is not known)/),
      });
      expect(await it.probe('trusted')).toMatchObject({ status: 'ok', httpStatus: 200, certificateEndsAt: endsAt });
      expect(await it.probe('broken')).toMatchObject({ status: 'failing', why: expect.stringContaining('ENOENT') });
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    }
  });

  it('give up on what does not answer in time', async () => {
    await using server = await webServer(() => undefined);
    await using it = await lab({ configured: configured(server), timeoutMs: 50 });
    expect(await it.probe('gateway')).toMatchObject({ status: 'failing', why: expect.stringContaining('no answer from 127.0.0.1') });
  });

  it('go to the addresses that inference services have outside the cluster', async () => {
    await using server = await webServer((_, response) => response.writeHead(404).end());
    await using it = await lab();
    it.api.collection('/api/v1/services', [
      {
        metadata: { name: 'resnet50', namespace: 'ai' },
        spec: { type: 'LoadBalancer', selector: { app: 'resnet50-inference' }, ports: [{ port: server.port, name: 'http' }] },
        status: { loadBalancer: { ingress: [{ ip: '127.0.0.1' }] } },
      },
      { metadata: { name: 'other', namespace: 'ai' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] } },
    ]);
    it.api.collection('/apis/networking.k8s.io/v1/ingresses', []);
    it.store.write('latency', live({ services: [aService('resnet50-inference')], sources: [], notes: [] }, Date.now()));
    it.store.flush();
    it.probes.refresh();
    // Nobody said which path is well: any answer is one.
    expect(await it.probe('ai/resnet50 (load balancer)')).toMatchObject({ status: 'ok', httpStatus: 404 });
    expect(it.store.snapshot().probes.value?.map(({ name }) => name)).toEqual(['API server', 'ai/resnet50 (load balancer)']);
  });
});
