import { expect, test } from 'vitest';
import { startKubeFeeds } from '../../src/kube/feeds.js';
import { nodeStatsEveryMs } from '../../src/kube/node-stats.js';
import { resources } from '../../src/kube/resources.js';
import { createStore } from '../../src/state/store.js';
import { json, type ScriptedApi, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';
import { until } from './until.js';

test('APIs that a service serves are kept, the server’s own are not', async () => {
  await using cluster = await aCluster((api) =>
    api.collection(resources.apiServices.path, [
      { metadata: { name: 'v1.apps' }, spec: {}, status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] } },
      {
        metadata: { name: 'v1beta1.metrics.k8s.io' },
        spec: { service: { namespace: 'kube-system', name: 'metrics-server', port: 443 } },
        status: {
          conditions: [
            {
              type: 'Available',
              status: 'False',
              reason: 'MissingEndpoints',
              message: 'endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"',
              lastTransitionTime: '2026-11-02T14:00:00Z',
            },
          ],
        },
      },
    ]),
  );
  const { value } = await until(() => cluster.snapshot().apiServices.freshness.status === 'live' && cluster.snapshot().apiServices);
  expect([...(value ?? [])]).toEqual([
    [
      'v1beta1.metrics.k8s.io',
      expect.objectContaining({
        service: { namespace: 'kube-system', name: 'metrics-server' },
        available: false,
        reason: 'MissingEndpoints',
        since: Date.UTC(2026, 10, 2, 14),
      }),
    ],
  ]);
});

test('webhooks come with the endpoints of their services, each service asked for once', async () => {
  const webhook = (name: string) => ({
    name,
    failurePolicy: 'Fail',
    clientConfig: { service: { namespace: 'cert-manager', name: 'cert-manager-webhook' }, caBundle: 'LS0t' },
  });
  const slices = '/apis/discovery.k8s.io/v1/namespaces/cert-manager/endpointslices';
  await using cluster = await aCluster((api) => {
    api.on(validating, (_, response) =>
      json(response, { items: [{ metadata: { name: 'cert-manager-webhook' }, webhooks: [webhook('a.io'), webhook('b.io')] }] }),
    );
    api.on(mutating, (_, response) =>
      json(response, {
        items: [{ metadata: { name: 'outside' }, webhooks: [{ name: 'c.io', failurePolicy: 'Ignore', clientConfig: { url: 'https://hooks.lab' } }] }],
      }),
    );
    const endpoints = [
      { conditions: { ready: false }, targetRef: { kind: 'Pod', name: 'cert-manager-webhook-5d7f-x' } },
      { targetRef: { kind: 'Pod', name: 'cert-manager-webhook-5d7f-y' } },
    ];
    api.on(slices, (_, response) => json(response, { items: [{ endpoints }] }));
  });
  const { value } = await until(() => cluster.snapshot().webhooks.freshness.status === 'live' && cluster.snapshot().webhooks);
  expect(value?.get('validating/cert-manager-webhook/b.io')).toMatchObject({
    failurePolicy: 'Fail',
    endpoints: { ready: 1, total: 2, pods: ['cert-manager-webhook-5d7f-x', 'cert-manager-webhook-5d7f-y'] },
  });
  expect(value?.get('mutating/outside/c.io')).toMatchObject({ failurePolicy: 'Ignore', service: null, endpoints: null });
  expect(cluster.api.calls.filter(({ path }) => path === slices).map(({ query }) => query.get('labelSelector'))).toEqual([
    'kubernetes.io/service-name=cert-manager-webhook',
  ]);
});

test('of the certificate requests only those of kubelets that nobody has answered are kept', async () => {
  const request = (name: string, more: object = {}, spec: object = {}) => ({
    metadata: { name, creationTimestamp: '2026-11-02T14:00:00Z' },
    spec: { signerName: 'kubernetes.io/kubelet-serving', username: 'system:node:gpu-1', ...spec },
    ...more,
  });
  await using cluster = await aCluster((api) =>
    api.collection(resources.certificateRequests.path, [
      request('csr-1'),
      request('csr-2', { status: { conditions: [{ type: 'Approved' }] } }),
      request('csr-3', {}, { signerName: 'kubernetes.io/kube-apiserver-client' }),
    ]),
  );
  const { value } = await until(() => cluster.snapshot().certificateRequests.freshness.status === 'live' && cluster.snapshot().certificateRequests);
  expect([...(value?.values() ?? [])]).toEqual([{ name: 'csr-1', node: 'gpu-1', requester: 'system:node:gpu-1', createdAt: Date.UTC(2026, 10, 2, 14) }]);
});

test('each kubelet tells its disks and its eviction limits; one that does not answer leaves the others as they are', async () => {
  await using cluster = await aCluster((api) => {
    const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
    api.collection(resources.nodes.path, [
      { metadata: { name: 'gpu-1' }, status: ready },
      { metadata: { name: 'gpu-2' }, status: ready },
      { metadata: { name: 'gpu-3' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
    ]);
    const fs = { capacityBytes: 1000, availableBytes: 90, inodes: 50, inodesFree: 40 };
    api.on('/api/v1/nodes/gpu-1/proxy/stats/summary', (_, response) => json(response, { node: { fs, runtime: { imageFs: { ...fs, availableBytes: 80 } } } }));
    api.on('/api/v1/nodes/gpu-1/proxy/configz', (_, response) => json(response, { kubeletconfig: { evictionHard: { 'nodefs.available': '1Gi' } } }));
    api.on('/api/v1/nodes/gpu-2/proxy/stats/summary', (_, response) =>
      status(response, 503, 'error trying to reach service: dial tcp 10.0.0.12:10250: connect: connection refused'),
    );
  });
  const { value } = await until(() => cluster.snapshot().nodeStats.freshness.status === 'live' && cluster.snapshot().nodeStats);
  expect(value?.get('gpu-1')).toMatchObject({
    status: 'seen',
    nodeFs: { sizeBytes: 1000, availableBytes: 90, inodes: 50, inodesFree: 40 },
    imageFs: { availableBytes: 80 },
    evictionHard: new Map([['nodefs.available', '1Gi']]),
  });
  expect(value?.get('gpu-2')).toMatchObject({ status: 'unseen', why: expect.stringContaining('connection refused') });
  expect(value?.get('gpu-3')).toMatchObject({ status: 'unseen', why: 'its kubelet does not answer' });
  expect(cluster.api.calls.some(({ path }) => path.includes('gpu-3'))).toBe(false);
  expect(cluster.snapshot().connection.status).toBe('connected');
});

test('what is closed to this user or not served says so', async () => {
  await using cluster = await aCluster((api) => {
    api.collection(resources.nodes.path, [{ metadata: { name: 'gpu-1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }]);
    api.on('/api/v1/nodes/gpu-1/proxy/stats/summary', (_, response) => status(response, 403, 'nodes "gpu-1" is forbidden'));
    api.on(validating, (_, response) => status(response, 403, 'forbidden'));
  });
  const statusOf = (name: 'nodeStats' | 'webhooks' | 'apiServices') => cluster.snapshot()[name].freshness.status;
  await until(() => statusOf('nodeStats') === 'denied' && statusOf('webhooks') === 'denied' && statusOf('apiServices') === 'absent');
  expect(cluster.snapshot().nodeStats.freshness).toEqual({ status: 'denied', verb: 'get', resource: 'nodes/proxy' });
  expect(cluster.snapshot().apiServices.freshness).toEqual({ status: 'absent', why: 'the server does not serve apiservices.apiregistration.k8s.io' });
});

test('more than fifty kubelets are asked less often', () => {
  expect([3, 50, 100].map(nodeStatsEveryMs)).toEqual([60_000, 60_000, 120_000]);
});

const validating = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const mutating = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Empty but for what the test puts there. */
async function aCluster(change: (api: ScriptedApi) => void) {
  const api = await scriptedApi();
  const { apiServices, certificateRequests, ...others } = resources;
  for (const { path } of Object.values(others)) api.collection(path);
  for (const path of [validating, mutating]) api.on(path, (_, response) => json(response, { items: [] }));
  change(api);
  const client = clientFor(api.url);
  const store = createStore({ flushMs: 5 });
  const feeds = startKubeFeeds({ client, store });
  return {
    api,
    snapshot: store.snapshot,
    async [Symbol.asyncDispose]() {
      feeds.close();
      store.close();
      client.close();
      await api.stop();
    },
  };
}
