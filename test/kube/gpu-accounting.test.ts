import { expect, test } from 'vitest';
import { gpuDerivation, gpuLedger, isAccelerator } from '../../src/kube/gpu-accounting.js';
import { denied, live, loading, stale } from '../../src/state/freshness.js';
import { aNode, aPod, aSnapshot, collection, now } from '../builders/snapshot.js';

test('GPUs are counted per node and in the cluster', () => {
  const ledger = gpuLedger(
    [aNode({ name: 'gpu-1', gpus: 8 }), aNode({ name: 'gpu-2', gpus: 8 }), aNode({ name: 'plain' })],
    [aPod({ name: 'a', gpus: 2 }), aPod({ name: 'b', gpus: 1, nodeName: 'gpu-2' }), aPod({ name: 'c' })],
  );
  expect(ledger.total).toEqual({ capacity: 16, allocatable: 16, requested: 3, free: 13 });
  expect(ledger.nodes.get('gpu-1')).toMatchObject({ total: { requested: 2, free: 6 }, resources: [{ resource: 'nvidia.com/gpu', capacity: 8 }], expected: 8 });
  expect(ledger.nodes.has('plain')).toBe(false);
});

test('0 allocatable of 8 is a zero, and pods that still hold devices make it negative', () => {
  const ledger = gpuLedger([aNode({ gpus: 0, capacityGpus: 8 })], [aPod({ gpus: 2 })]);
  expect(ledger.nodes.get('gpu-1')?.total).toEqual({ capacity: 8, allocatable: 0, requested: 2, free: -2 });
});

test('pods without a node wait; ended pods and pods of vanished nodes hold nothing', () => {
  const ledger = gpuLedger(
    [aNode({ gpus: 8 })],
    [
      aPod({ name: 'a', gpus: 4, nodeName: null, phase: 'Pending' }),
      aPod({ name: 'b', gpus: 1, phase: 'Failed' }),
      aPod({ name: 'c', gpus: 1, nodeName: 'gone' }),
    ],
  );
  expect(ledger.pending).toBe(4);
  expect(ledger.total.requested).toBe(0);
});

test('what GPU feature discovery saw is expected, even when the kubelet offers nothing after a reboot', () => {
  const labels = (entries: Record<string, string>) => new Map(Object.entries(entries));
  const expected = (node: ReturnType<typeof aNode>) => gpuLedger([node], []).nodes.get(node.name)?.expected;
  expect(expected(aNode({ labels: labels({ 'nvidia.com/gpu.count': '8' }) }))).toBe(8);
  expect(expected(aNode({ gpus: 0, capacityGpus: 4, labels: labels({ 'nvidia.com/gpu.count': '2', 'nvidia.com/gpu.replicas': '10' }) }))).toBe(20);
  expect(expected(aNode({ gpus: 8, labels: labels({ 'nvidia.com/gpu.count': 'many' }) }))).toBe(8);
  expect(expected(aNode({ labels: labels({ 'nvidia.com/mig-1g.5gb.count': '7', 'nvidia.com/mig-3g.20gb.count': '2', 'nvidia.com/gpu.count': '2' }) }))).toBe(9);
});

test('time-sliced and MIG resources are rows of their own, and the zero left of the whole GPU is not', () => {
  const capacity = new Map([
    ['nvidia.com/gpu', 0],
    ['nvidia.com/gpu.shared', 20],
    ['nvidia.com/mig-1g.5gb', 7],
    ['cpu', 64],
  ]);
  const ledger = gpuLedger([aNode({ capacity, allocatable: capacity })], []);
  expect(ledger.nodes.get('gpu-1')?.resources.map(({ resource, capacity: pieces }) => [resource, pieces])).toEqual([
    ['nvidia.com/gpu.shared', 20],
    ['nvidia.com/mig-1g.5gb', 7],
  ]);
});

test('a lone zero stays: the kubelet knows the resource and has none of it', () => {
  const none = new Map([['nvidia.com/gpu', 0]]);
  expect(gpuLedger([aNode({ capacity: none, allocatable: none })], []).nodes.get('gpu-1')?.resources).toMatchObject([
    { resource: 'nvidia.com/gpu', capacity: 0 },
  ]);
});

test.each([
  ['nvidia.com/gpu', true],
  ['nvidia.com/gpu.shared', true],
  ['nvidia.com/mig-1g.10gb.me', true],
  ['amd.com/gpu', true],
  ['example.org/gpu', true],
  ['gpu.intel.com/i915', true],
  ['gpu.intel.com/xe', true],
  ['gpu.intel.com/i915_monitoring', false],
  ['gpu.intel.com/millicores', false],
  ['gpu.intel.com/memory.max', false],
  ['nvidia.com/gpu.count', false],
  ['rdma/hca', false],
  ['cpu', false],
])('%s is an accelerator: %s', (resource, is) => {
  expect(isAccelerator(resource)).toBe(is);
});

test('the ledger is as fresh as what it is made of', () => {
  const nodes = collection(aNode({ gpus: 8 }));
  const pods = collection(aPod({ gpus: 1 }));
  expect(gpuDerivation.compute(aSnapshot({ nodes, pods }))).toMatchObject({ value: { total: { requested: 1 } }, freshness: { status: 'live' } });
  expect(gpuDerivation.compute(aSnapshot({ nodes: denied('list', 'nodes'), pods })).freshness).toEqual({ status: 'denied', verb: 'list', resource: 'nodes' });
  expect(gpuDerivation.compute(aSnapshot({ nodes, pods: loading(now, 'refused') })).freshness).toMatchObject({ status: 'loading', why: 'refused' });
  const old = nodes.value === null ? nodes : stale(nodes.value, now - 60_000, 'gone');
  expect(gpuDerivation.compute(aSnapshot({ nodes: old, pods: live(pods.value ?? new Map(), now) }))).toMatchObject({
    value: { total: { capacity: 8 } },
    freshness: { status: 'stale', since: now - 60_000, why: 'gone' },
  });
});
