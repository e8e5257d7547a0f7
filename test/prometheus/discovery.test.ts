import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/kube/client.js';
import { findGrafana, findPrometheus } from '../../src/prometheus/discovery.js';
import { prefixesInFlags, prefixIn } from '../../src/prometheus/route-prefix.js';
import { seeServices } from '../../src/prometheus/services.js';
import { json, type ScriptedApi, scriptedApi, status } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { prometheusAnswers, sendJson } from './web-server.js';

interface ServiceSketch {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly Readonly<Record<string, unknown>>[];
}

function services(...sketches: readonly ServiceSketch[]): object[] {
  return sketches.map(({ name, namespace = 'monitoring', labels, selector, ports = [{ name: 'http', port: 9090 }] }) => ({
    metadata: { name, namespace, labels },
    spec: { selector, ports },
  }));
}

/** Answers behind the service proxy of `service` (`monitoring/prometheus:9090`) as a Prometheus below a prefix. */
function behind(api: ScriptedApi, service: string, prefix = ''): void {
  const [namespace, port] = service.split('/');
  const root = `/api/v1/namespaces/${namespace}/services/${port}/proxy`;
  for (const path of [
    '/',
    '/-/ready',
    '/api/v1/status/buildinfo',
    '/api/v1/targets',
    `${prefix}/-/ready`,
    `${prefix}/api/v1/status/buildinfo`,
    `${prefix}/api/v1/targets`,
  ]) {
    api.on(`${root}${path}`, (_, response) => {
      // The API server puts its own path before a redirect's.
      if (path === '/' && prefix !== '') response.writeHead(302, { location: `${root}${prefix}/query` }).end();
      else prometheusAnswers(path, response, { prefix });
    });
  }
}

async function found(client: KubeClient): Promise<string> {
  const result = await findPrometheus(client, await seeServices(client));
  if (result.status === 'found') return `${result.foundBy} at ${result.value.road.url.replace(client.server, '')}`;
  if (result.status === 'denied') return 'denied';
  return result.status === 'silent' ? `${result.foundBy} silent: ${result.why}` : result.why;
}

describe('Prometheus is found', () => {
  it("by the operator's own service, before a dozen companions of like names", async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    const companions = [
      'kps-alertmanager',
      'kps-prometheus-node-exporter',
      'prometheus-pushgateway',
      'kps-operator',
      'prometheus-adapter',
      'kps-kube-state-metrics',
      'thanos-sidecar',
    ];
    api.collection(
      '/api/v1/services',
      services(
        ...companions.map((name) => ({ name, labels: { app: 'prometheus' } })),
        { name: 'prometheus-k8s' },
        { name: 'prometheus-operated', ports: [{ name: 'web', port: 9090 }] },
      ),
    );
    behind(api, 'monitoring/prometheus-operated:9090');
    expect(await found(client)).toBe('service monitoring/prometheus-operated at /api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy');
  });

  it.each([
    [
      {
        name: 'kps-kube-prometheus-stack-prometheus',
        labels: { app: 'kube-prometheus-stack-prometheus' },
        ports: [
          { name: 'reloader-web', port: 8080 },
          { name: 'http-web', port: 9090 },
        ],
      },
      'kps-kube-prometheus-stack-prometheus:9090',
    ],
    [{ name: 'prometheus-server', labels: { 'app.kubernetes.io/name': 'prometheus' }, ports: [{ name: 'http', port: 80 }] }, 'prometheus-server:80'],
    [
      {
        name: 'metrics',
        labels: { 'app.kubernetes.io/name': 'prometheus' },
        ports: [
          { name: 'grpc', port: 10901 },
          { name: 'https', port: 9443 },
        ],
      },
      'https:metrics:9443',
    ],
    [{ name: 'prometheus', ports: [{ port: 9090 }] }, 'prometheus:9090'],
    [{ name: 'vmsingle-lab', ports: [{ name: 'http', port: 8428 }] }, 'vmsingle-lab:8428'],
    [
      {
        name: 'thanos-query',
        ports: [
          { name: 'grpc', port: 10901 },
          { name: 'http', port: 9090 },
        ],
      },
      'thanos-query:9090',
    ],
  ])('as %o', async (service, path) => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: 'kubernetes', namespace: 'default' }, service));
    behind(api, `monitoring/${path}`);
    expect(await found(client)).toBe(`service monitoring/${service.name} at /api/v1/namespaces/monitoring/services/${path}/proxy`);
  });

  it('at the second candidate when the first is silent', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: 'prometheus-operated' }, { name: 'prometheus-server' }));
    api.on('*', (_, response) => status(response, 503, 'no endpoints available for service "prometheus-operated"'));
    behind(api, 'monitoring/prometheus-server:9090');
    expect(await found(client)).toContain('service monitoring/prometheus-server at ');
  });

  it('below the path that it redirects to', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: 'prometheus' }));
    behind(api, 'monitoring/prometheus:9090', '/prometheus');
    expect(await found(client)).toBe('service monitoring/prometheus at /api/v1/namespaces/monitoring/services/prometheus:9090/proxy/prometheus');
  });

  it("below the path in its pods' flags when it redirects nowhere", async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: 'prometheus', selector: { app: 'prometheus' } }));
    behind(api, 'monitoring/prometheus:9090', '/metrics/lab');
    api.on('/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/', (_, response) => response.writeHead(404).end());
    api.on('/api/v1/namespaces/monitoring/pods', ({ query }, response) => {
      const args = ['--config.file=/etc/prometheus.yml', '--web.external-url=https://lab.example/metrics/lab/'];
      json(response, { items: query.get('labelSelector') === 'app=prometheus' ? [{ spec: { containers: [{ args }] } }] : [] });
    });
    expect(await found(client)).toContain('/proxy/metrics/lab');
  });

  it('in the usual namespaces where services may not be listed in all', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.on('/api/v1/services', (_, response) => status(response, 403, 'services is forbidden'));
    api.on('*', (_, response) => status(response, 403, 'services is forbidden'));
    api.collection('/api/v1/namespaces/observability/services', services({ name: 'prometheus', namespace: 'observability' }));
    behind(api, 'observability/prometheus:9090');
    expect(await found(client)).toContain('service observability/prometheus at ');
  });
});

describe('no Prometheus', () => {
  it('says where it was looked for', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: 'kubernetes', namespace: 'default' }, { name: 'alertmanager-operated' }));
    expect(await found(client)).toBe('no Prometheus found: looked for services named or labelled prometheus in all namespaces (2 services)');
  });

  it('says that services may be listed nowhere', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.on('*', (_, response) => status(response, 403, 'forbidden'));
    expect(await found(client)).toBe('no Prometheus found: not allowed to list services in monitoring, prometheus, observability, kube-system, default');
  });

  it('says which one is there but silent, and why', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: 'prometheus' }));
    api.on('*', (_, response) => status(response, 503, 'no endpoints available for service "prometheus"'));
    expect(await found(client)).toBe('service monitoring/prometheus silent: service monitoring/prometheus has no ready pods');
  });

  it('is not fooled by a service whose name would change the path', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection('/api/v1/services', services({ name: '../../../secrets/prometheus' }));
    expect(await found(client)).toContain('no Prometheus found');
  });
});

describe('Grafana', () => {
  it('is found by its label, behind a path of its own', async () => {
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    api.collection(
      '/api/v1/services',
      services({ name: 'grafana-operator' }, { name: 'kps-grafana', labels: { 'app.kubernetes.io/name': 'grafana' }, ports: [{ name: 'http-web', port: 80 }] }),
    );
    const root = '/api/v1/namespaces/monitoring/services/kps-grafana:80/proxy';
    api.on(`${root}/`, (_, response) => response.writeHead(302, { location: `${root}/grafana/login` }).end());
    api.on(`${root}/api/health`, (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<html>'));
    api.on(`${root}/grafana/api/health`, (_, response) => sendJson(response, { commit: 'abc', database: 'ok', version: '12.1.0' }));
    const result = await findGrafana(client, await seeServices(client));
    expect(result.status === 'found' && result.value.url).toBe(`${api.url}${root}/grafana`);
  });
});

describe('a path prefix', () => {
  it.each([
    ['/prometheus/graph', '/prometheus'],
    ['/prometheus', '/prometheus'],
    ['/a/b/query', '/a/b'],
    ['/graph', null],
    ['./query', null],
    ['https://elsewhere.example/prometheus/graph', null],
    ['/api/v1/namespaces/m/services/p:9090/proxy/prometheus/graph', '/prometheus'],
    ['/k8s/clusters/c-1/api/v1/namespaces/m/services/p:9090/proxy/prometheus/graph', '/prometheus'],
    ['http://[', null],
  ])('in a redirect to %s is %s', (location, prefix) =>
    expect(prefixIn(location, 'https://10.0.0.10:6443/api/v1/namespaces/m/services/p:9090/proxy')).toBe(prefix),
  );

  it('comes from --web.route-prefix before --web.external-url', () => {
    expect(prefixesInFlags(['--web.external-url=https://lab/x', '--web.route-prefix=/'])).toEqual(['']);
    expect(prefixesInFlags(['--web.route-prefix', 'p/'])).toEqual(['/p']);
    expect(prefixesInFlags(['--web.external-url=https://lab.example/x/'])).toEqual(['/x']);
    expect(prefixesInFlags(['--storage.tsdb.path=/data'])).toEqual([]);
  });
});
