import { expect, test } from 'vitest';
import { startKubeFeeds } from '../../src/kube/feeds.js';
import { gpuDerivation } from '../../src/kube/gpu-accounting.js';
import { newestEvents } from '../../src/kube/newest-events.js';
import { resources } from '../../src/kube/resources.js';
import { createStore } from '../../src/state/store.js';
import { json, type ScriptedApi, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';
import { until } from './until.js';

test('all slices of a small cluster are live, the important ones first', async () => {
  await using cluster = await smallCluster();
  await until(() => cluster.statuses().every(([, seen]) => seen === 'live'));
  const { nodes, pods, gpus, connection, events, leases, readyz } = cluster.snapshot();
  expect([...(nodes.value?.keys() ?? [])]).toEqual(['gpu-1']);
  expect([...(pods.value?.keys() ?? [])]).toEqual(['ai/whisper']);
  expect(gpus.value?.total).toEqual({ capacity: 8, allocatable: 8, requested: 2, free: 6 });
  expect([...(leases.value?.keys() ?? [])]).toEqual(['gpu-1']);
  expect(events.value?.size).toBe(1);
  expect(readyz.value?.ready).toBe(true);
  expect(connection).toMatchObject({ status: 'connected', version: 'v1.36.2' });
  const firstOf = (path: string) => cluster.api.calls.findIndex((call) => call.path === path);
  expect(firstOf(resources.nodes.path)).toBeLessThan(firstOf(resources.storageClasses.path));
  expect(firstOf(resources.storageClasses.path)).toBeLessThan(firstOf(resources.events.path));
});

test('a user who may not see nodes sees everything else, and the GPUs say why they are missing', async () => {
  await using cluster = await smallCluster((api) => api.on(resources.nodes.path, (_, response) => status(response, 403, 'nodes is forbidden')));
  await until(() => cluster.snapshot().events.freshness.status === 'live' && cluster.snapshot().nodes.freshness.status === 'denied');
  expect(cluster.snapshot().gpus.freshness).toEqual({ status: 'denied', verb: 'list', resource: 'nodes' });
  expect(cluster.snapshot().pods.freshness.status).toBe('live');
  expect(cluster.snapshot().connection.status).toBe('connected');
});

test('when the server goes away everything stays on the screen as stale, and comes back by itself', async () => {
  await using cluster = await smallCluster();
  await until(() => cluster.statuses().every(([, seen]) => seen === 'live'));
  await cluster.api.stop();
  await until(() => cluster.statuses().every(([, seen]) => seen === 'stale'));
  expect(cluster.snapshot().nodes.value?.size).toBe(1);
  expect(cluster.snapshot().connection.status).toBe('lost');
  await cluster.api.start();
  await until(() => cluster.statuses().every(([, seen]) => seen === 'live') && cluster.snapshot().connection.status === 'connected');
});

test('a refresh lists everything anew', async () => {
  await using cluster = await smallCluster();
  await until(() => cluster.statuses().every(([, seen]) => seen === 'live'));
  const lists = () => cluster.api.calls.filter(({ path, query }) => path === resources.nodes.path && !query.has('watch')).length;
  expect(lists()).toBe(1);
  cluster.refresh();
  await until(() => lists() === 2);
});

test('after it is closed nothing is asked any more', async () => {
  const cluster = await smallCluster();
  await until(() => cluster.statuses().every(([, seen]) => seen === 'live'));
  cluster.close();
  const { length } = cluster.api.calls;
  cluster.refresh();
  await cluster[Symbol.asyncDispose]();
  expect(cluster.api.calls.length).toBe(length);
});

test('of very many events the newest stay', () => {
  const events = new Map(Array.from({ length: 6000 }, (_, index) => [`e${index}`, event(index)]));
  newestEvents(events);
  expect(events.size).toBe(5000);
  expect(events.has('e999')).toBe(false);
  expect(events.has('e1000')).toBe(true);
});

async function smallCluster(change: (api: ScriptedApi) => void = () => undefined) {
  const api = await scriptedApi();
  const gpus = { 'nvidia.com/gpu': '8' };
  api.collection(resources.nodes.path, [{ metadata: { name: 'gpu-1' }, status: { capacity: gpus, allocatable: gpus } }]);
  const spec = { nodeName: 'gpu-1', containers: [{ name: 'c', resources: { limits: { 'nvidia.com/gpu': '2' } } }] };
  const pods = api.collection(resources.pods.path, [{ metadata: { name: 'whisper', namespace: 'ai' }, spec, status: { phase: 'Running' } }]);
  api.on(resources.pods.path, (call, response) => {
    if (call.headers.accept?.includes('as=Table')) json(response, { kind: 'Table', metadata: { resourceVersion: '1' }, columnDefinitions: [], rows: [] });
    else pods.answer(call, response);
  });
  api.collection(resources.leases.path, [{ metadata: { name: 'gpu-1', namespace: 'kube-node-lease' } }]);
  api.collection(resources.events.path, [{ metadata: { name: 'e', namespace: 'ai' } }]);
  const filled: readonly string[] = [resources.nodes.path, resources.pods.path, resources.leases.path, resources.events.path];
  for (const { path } of Object.values(resources)) if (!filled.includes(path)) api.collection(path);
  change(api);
  const client = clientFor(api.url);
  const store = createStore({ derivations: [gpuDerivation], flushMs: 5 });
  const feeds = startKubeFeeds({ client, store });
  return {
    api,
    ...feeds,
    snapshot: store.snapshot,
    statuses: () => {
      const {
        readyz,
        nodes,
        pods: living,
        deadPods,
        deployments,
        daemonSets,
        statefulSets,
        persistentVolumeClaims,
        storageClasses,
        runtimeClasses,
        leases,
        events,
        gpus: ledger,
      } = store.snapshot();
      const all = {
        readyz,
        nodes,
        living,
        deadPods,
        deployments,
        daemonSets,
        statefulSets,
        persistentVolumeClaims,
        storageClasses,
        runtimeClasses,
        leases,
        events,
        ledger,
      };
      return Object.entries(all).map(([name, { freshness }]) => [name, freshness.status] as const);
    },
    async [Symbol.asyncDispose]() {
      feeds.close();
      store.close();
      client.close();
      await api.stop();
    },
  };
}

function event(lastAt: number) {
  return {
    uid: String(lastAt),
    namespace: 'ai',
    type: 'Normal' as const,
    reason: '',
    message: '',
    object: { kind: 'Pod', namespace: 'ai', name: 'a' },
    source: null,
    count: 1,
    firstAt: lastAt,
    lastAt,
  };
}
