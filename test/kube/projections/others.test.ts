import { expect, test } from 'vitest';
import { projectEvent } from '../../../src/kube/projections/event.js';
import { projectLease } from '../../../src/kube/projections/lease.js';
import { projectNode } from '../../../src/kube/projections/node.js';
import { projectRuntimeClass } from '../../../src/kube/projections/runtime-class.js';
import { projectPersistentVolumeClaim, projectStorageClass } from '../../../src/kube/projections/storage.js';
import { projectDaemonSet, projectDeployment, projectStatefulSet } from '../../../src/kube/projections/workload.js';

const at = Date.UTC(2026, 10, 2, 14);
const stamp = '2026-11-02T14:00:00Z';

test('a node is told with roles, capacity in base units, versions and images', () => {
  const node = projectNode({
    metadata: { name: 'gpu-1', uid: 'u', labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/gpu': '', zone: 'a' } },
    spec: { unschedulable: true, podCIDR: '10.244.1.0/24', taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }] },
    status: {
      capacity: { cpu: '64', memory: '4Gi', pods: '1e2', 'nvidia.com/gpu': '8', bad: 'lots' },
      allocatable: { 'nvidia.com/gpu': '0' },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: stamp }, { status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '10.0.0.11' }, {}],
      nodeInfo: { bootID: 'b', kubeletVersion: 'v1.36.2', kernelVersion: '' },
      runtimeHandlers: [{ name: '' }, { name: 'nvidia' }],
      images: [{ names: ['reg/a@sha256:1', 'reg/a:1.4'], sizeBytes: 7 }, { names: [] }],
    },
  });
  expect(node).toMatchObject({
    roles: ['gpu', 'worker'],
    unschedulable: true,
    taints: [{ key: 'nvidia.com/gpu', value: '', effect: 'NoSchedule' }],
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatAt: null, lastTransitionAt: at }],
    addresses: [{ type: 'InternalIP', address: '10.0.0.11' }],
    info: { bootId: 'b', kubeletVersion: 'v1.36.2', kernelVersion: null, osImage: null },
    runtimeHandlers: ['', 'nvidia'],
    images: [{ name: 'reg/a:1.4', sizeBytes: 7 }],
    podCidrs: ['10.244.1.0/24'],
  });
  expect(node?.capacity).toEqual(
    new Map([
      ['cpu', 64],
      ['memory', 4 * 2 ** 30],
      ['pods', 100],
      ['nvidia.com/gpu', 8],
    ]),
  );
  expect(node?.allocatable.get('nvidia.com/gpu')).toBe(0);
});

test('a node without status has no conditions and says nothing of its handlers', () => {
  expect(projectNode({ metadata: { name: 'new' } })).toMatchObject({
    name: 'new',
    conditions: [],
    addresses: [],
    images: [],
    runtimeHandlers: null,
    createdAt: null,
  });
});

test('labels of ten thousand characters with escape sequences are cut and cleaned', () => {
  const node = projectNode({ metadata: { name: 'a', labels: { evil: `\u001b]0;title\u0007${'x'.repeat(10_000)}` } } });
  const label = node?.labels.get('evil') ?? '';
  expect(label.length).toBeLessThan(4200);
  expect(label).not.toContain('\u001b');
});

test('a deployment counts what its status leaves out as zero', () => {
  const deployment = {
    metadata: { name: 'a', namespace: 'ai', generation: 3 },
    spec: { replicas: 2 },
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 1 },
  };
  expect(projectDeployment(deployment)).toMatchObject({
    kind: 'Deployment',
    desired: 2,
    current: 2,
    updated: 1,
    ready: 0,
    available: 0,
    unavailable: 2,
    observed: false,
  });
  expect(projectDeployment({ metadata: { name: 'a' } })).toMatchObject({ desired: 1, ready: 0, observed: true, images: [], app: null });
});

test('a daemon set wants what its controller wants', () => {
  const status = { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 2, numberAvailable: 2, numberUnavailable: 1, updatedNumberScheduled: 3 };
  const spec = {
    template: {
      metadata: { labels: { name: 'nvidia' } },
      spec: { nodeSelector: { gpu: 'true' }, runtimeClassName: 'nvidia', containers: [{ image: 'plugin:1' }] },
    },
  };
  expect(projectDaemonSet({ metadata: { name: 'plugin' }, spec, status })).toMatchObject({
    desired: 3,
    ready: 2,
    unavailable: 1,
    app: 'nvidia',
    images: ['plugin:1'],
    runtimeClassName: 'nvidia',
    nodeSelector: new Map([['gpu', 'true']]),
  });
});

test('a stateful set of an older server is available when it is ready', () => {
  expect(projectStatefulSet({ metadata: { name: 'a' }, spec: { replicas: 3 }, status: { replicas: 3, readyReplicas: 2 } })).toMatchObject({
    desired: 3,
    available: 2,
    unavailable: 1,
  });
});

test('a claim tells its class, also the one from before there was a field', () => {
  const claim = {
    metadata: { name: 'data', namespace: 'ai' },
    spec: { storageClassName: 'nfs', resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Bound' },
  };
  expect(projectPersistentVolumeClaim(claim)).toMatchObject({ phase: 'Bound', storageClassName: 'nfs', requestedBytes: 10 * 2 ** 30, volumeName: null });
  expect(projectPersistentVolumeClaim({ metadata: { name: 'x', annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } } })).toMatchObject({
    phase: 'Unknown',
    storageClassName: 'old',
    requestedBytes: null,
  });
});

test('the default storage class and the handler of a runtime class are known', () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  expect(projectStorageClass({ metadata: { name: 'local', annotations }, provisioner: 'p' })).toEqual({
    name: 'local',
    provisioner: 'p',
    isDefault: true,
    volumeBindingMode: 'Immediate',
  });
  expect(projectRuntimeClass({ metadata: { name: 'nvidia' }, handler: 'nvidia' })).toEqual({ name: 'nvidia', handler: 'nvidia' });
});

test('a lease is seen anew only when it was renewed', () => {
  const lease = (renewTime: string) => ({ metadata: { name: 'gpu-1' }, spec: { renewTime, holderIdentity: 'gpu-1', leaseDurationSeconds: 40 } });
  const first = projectLease(lease('2026-11-02T14:00:00.000000Z'), undefined, 1000);
  expect(first).toEqual({ name: 'gpu-1', holder: 'gpu-1', renewedAt: at, durationSeconds: 40, seenAt: 1000 });
  if (first === null) throw new Error('no lease');
  expect(projectLease(lease('2026-11-02T14:00:00.000000Z'), first, 9000)?.seenAt).toBe(1000);
  expect(projectLease(lease('2026-11-02T14:00:10.000000Z'), first, 9000)?.seenAt).toBe(9000);
});

test('events of both shapes tell how often and when', () => {
  const involvedObject = { kind: 'Pod', namespace: 'ai', name: 'a' };
  expect(
    projectEvent({
      metadata: { name: 'e', namespace: 'ai' },
      type: 'Warning',
      reason: 'BackOff',
      count: 4,
      firstTimestamp: stamp,
      lastTimestamp: stamp,
      involvedObject,
      source: { component: 'kubelet' },
    }),
  ).toMatchObject({
    type: 'Warning',
    count: 4,
    firstAt: at,
    lastAt: at,
    source: 'kubelet',
    object: involvedObject,
  });
  const series = { count: 9, lastObservedTime: '2026-11-02T14:05:00.000000Z' };
  expect(
    projectEvent({
      metadata: { name: 'e' },
      type: 'Odd',
      eventTime: '2026-11-02T14:00:00.000000Z',
      firstTimestamp: null,
      series,
      reportingComponent: 'scheduler',
    }),
  ).toMatchObject({
    type: 'Normal',
    count: 9,
    firstAt: at,
    lastAt: at + 300_000,
    source: 'scheduler',
    object: { kind: '', namespace: null, name: '' },
  });
});
