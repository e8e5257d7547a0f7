import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, textAt } from '../../../src/demo/api/json.js';
import { aNode, aPod, startTestCluster, type TestCluster } from './test-cluster.js';

describe('the proxies of services, pods and nodes', () => {
  let cluster: TestCluster;
  let backend: Server;
  let port = 0;

  beforeAll(async () => {
    backend = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.url === '/graph') response.writeHead(302, { location: '/graph/new?a=1' }).end();
        else
          response.writeHead(200, { 'content-type': 'application/json' }).end(
            JSON.stringify({
              method: request.method,
              url: request.url,
              body: Buffer.concat(chunks).toString(),
              authorization: request.headers.authorization ?? null,
            }),
          );
      });
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    const address = backend.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    cluster = await startTestCluster({
      hooks: {
        dial: (ip, wanted) => (ip === '10.244.1.5' && wanted === 9090 ? { host: '127.0.0.1', port } : null),
        nodeProxy: (node, path) =>
          path === '/stats/summary' ? { status: 200, contentType: 'application/json', body: `{"node":"${node.metadata.name}"}` } : null,
      },
    });
    cluster.store.create('nodes', aNode('gpu-1'));
    cluster.store.create('pods', aPod('prometheus-0'));
    for (const name of ['prometheus', 'empty']) {
      cluster.store.create('services', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'ai' },
        spec: { ports: [{ name: 'web', port: 80, targetPort: 9090 }] },
      });
    }
    cluster.store.create('endpointslices.discovery.k8s.io', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'prometheus-x', namespace: 'ai', labels: { 'kubernetes.io/service-name': 'prometheus' } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port: 9090, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['10.244.1.9'], conditions: { ready: false } },
        { addresses: ['10.244.1.5'], conditions: { ready: true } },
      ],
    });
  });
  afterAll(async () => {
    await cluster.close();
    await new Promise((resolve) => backend.close(resolve));
  });

  const services = '/api/v1/namespaces/ai/services';

  it('reaches a service by port name, number or alone, with path, query, method and body kept and the token withheld', async () => {
    for (const name of ['prometheus', 'prometheus:web', 'prometheus:80', 'http:prometheus:web']) {
      expect((await cluster.ask(`${services}/${name}/proxy/api/v1/query?query=up%7Ba%3D%22b%22%7D`)).body).toEqual({
        method: 'GET',
        url: '/api/v1/query?query=up%7Ba%3D%22b%22%7D',
        body: '',
        authorization: null,
      });
    }
    const posted = await cluster.ask(`${services}/prometheus:web/proxy/api/v1/query`, {
      method: 'POST',
      body: 'query=up',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(posted.body).toMatchObject({ method: 'POST', body: 'query=up' });
    expect((await cluster.ask(`${services}/prometheus/proxy/`)).body).toMatchObject({ url: '/' });
  });

  it('keeps redirects below the proxy', async () => {
    const { status, headers } = await cluster.ask(`${services}/prometheus:web/proxy/graph`);
    expect([status, headers['location']]).toEqual([302, `${services}/prometheus:web/proxy/graph/new?a=1`]);
  });

  it('says what is missing: the service, its port, its endpoints, the process behind them', async () => {
    const message = async (path: string): Promise<string> => {
      const { status, body } = await cluster.ask(path);
      return `${status} ${textAt(body, 'message')}`;
    };
    expect(await message(`${services}/none/proxy/`)).toBe('404 services "none" not found');
    expect(await message(`${services}/prometheus:nope/proxy/`)).toBe('503 no service port "nope" found for service "prometheus"');
    expect(await message(`${services}/empty/proxy/`)).toBe('503 no endpoints available for service "empty"');
    expect(await message('/api/v1/namespaces/ai/pods/prometheus-0:1/proxy/')).toBe(
      '503 error trying to reach service: dial tcp 10.244.1.5:1: connect: connection refused',
    );
  });

  it('reaches pods, and kubelets through nodes', async () => {
    expect((await cluster.ask('/api/v1/namespaces/ai/pods/prometheus-0:9090/proxy/metrics')).body).toMatchObject({ url: '/metrics' });
    expect(at((await cluster.ask('/api/v1/nodes/gpu-1/proxy/stats/summary')).body, 'node')).toBe('gpu-1');
    expect((await cluster.ask('/api/v1/nodes/gpu-1/proxy/nope')).status).toBe(404);
    expect((await cluster.ask(`${services}/prometheus/proxy/`, { token: 'token-of-viewer' })).status).toBe(403);
  });
});
