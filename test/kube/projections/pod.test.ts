import { expect, test } from 'vitest';
import { projectPod } from '../../../src/kube/projections/pod.js';

const running = {
  metadata: {
    name: 'whisper-6c9f-x2x8p',
    namespace: 'ai',
    uid: '6a1f6f8e',
    creationTimestamp: '2026-11-01T10:00:00Z',
    labels: { 'app.kubernetes.io/name': 'whisper', app: 'other' },
    ownerReferences: [
      { kind: 'Something', name: 'else' },
      { kind: 'ReplicaSet', name: 'whisper-6c9f', controller: true },
    ],
  },
  spec: { nodeName: 'gpu-1', runtimeClassName: 'nvidia', containers: [{ name: 'server', resources: { limits: { 'nvidia.com/gpu': '1' } } }] },
  status: {
    phase: 'Running',
    startTime: '2026-11-01T10:00:05Z',
    conditions: [
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: '2026-11-01T10:01:00Z' },
      { type: 'PodScheduled', status: 'True' },
    ],
    containerStatuses: [{ name: 'server', ready: false, restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } } }],
  },
};

test('a crashing pod is told with its owner, node, requests and the state of its container', () => {
  expect(projectPod(running)).toEqual({
    namespace: 'ai',
    name: 'whisper-6c9f-x2x8p',
    uid: '6a1f6f8e',
    phase: 'Running',
    reason: null,
    message: null,
    nodeName: 'gpu-1',
    owner: { kind: 'ReplicaSet', name: 'whisper-6c9f' },
    app: 'whisper',
    mirror: false,
    runtimeClassName: 'nvidia',
    priorityClassName: null,
    createdAt: Date.UTC(2026, 10, 1, 10),
    startedAt: Date.UTC(2026, 10, 1, 10, 0, 5),
    deletedAt: null,
    ready: { status: 'False', since: Date.UTC(2026, 10, 1, 10, 1), reason: 'ContainersNotReady' },
    unschedulable: null,
    containers: [
      { name: 'server', init: false, ready: false, restarts: 7, state: 'waiting', reason: 'CrashLoopBackOff', message: 'back-off 5m0s', exitCode: null },
    ],
    deviceRequests: new Map([['nvidia.com/gpu', 1]]),
  });
});

test('a pod that the scheduler cannot place says why', () => {
  const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.' }];
  expect(projectPod({ metadata: { name: 'a' }, status: { phase: 'Pending', conditions } })).toMatchObject({
    phase: 'Pending',
    nodeName: null,
    unschedulable: { reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.', since: null },
  });
});

test('init containers are shown while they hold the pod up, and sidecars always', () => {
  const pod = {
    metadata: { name: 'a' },
    spec: { initContainers: [{ name: 'done' }, { name: 'stuck' }, { name: 'proxy', restartPolicy: 'Always' }], containers: [{ name: 'main' }] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        { name: 'done', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        { name: 'stuck', state: { terminated: { exitCode: 2, reason: 'Error' } }, restartCount: 3 },
        { name: 'proxy', ready: true, state: { running: {} } },
      ],
    },
  };
  expect(projectPod(pod)?.containers.map(({ name, init, state, exitCode }) => [name, init, state, exitCode])).toEqual([
    ['stuck', true, 'terminated', 2],
    ['proxy', true, 'running', null],
    ['main', false, 'unknown', null],
  ]);
});

test('pods that have ended are not kept', () => {
  for (const phase of ['Failed', 'Succeeded']) expect(projectPod({ ...running, status: { phase } })).toBeNull();
});

test.each([
  ['nothing but a name', { metadata: { name: 'a' } }],
  ['null everywhere', { metadata: { name: 'a', labels: null, ownerReferences: null, creationTimestamp: null }, spec: null, status: null }],
  [
    'wrong types everywhere',
    {
      metadata: { name: 'a', labels: [], uid: 7 },
      spec: { containers: 'x', nodeName: {} },
      status: { phase: 3, conditions: {}, containerStatuses: [null, 7] },
    },
  ],
  ['no containers', { metadata: { name: 'a' }, spec: { containers: [] }, status: { phase: 'Weird' } }],
])('a pod with %s is kept with what is unknown left open', (_, object) => {
  expect(projectPod(object)).toMatchObject({
    name: 'a',
    phase: 'Unknown',
    nodeName: null,
    owner: null,
    createdAt: null,
    ready: null,
    containers: [],
    deviceRequests: null,
  });
});

test('a container that was restarted tells when its last run ended, and how', () => {
  const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-02T14:01:00Z' } };
  const containerStatuses = [{ name: 'server', ready: false, restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState }];
  const pod = projectPod({ metadata: { name: 'a' }, spec: { containers: [{ name: 'server' }] }, status: { phase: 'Running', containerStatuses } });
  expect(pod?.containers).toMatchObject([{ restarts: 7, reason: 'CrashLoopBackOff', exitCode: 137, endedAt: Date.UTC(2026, 10, 2, 14, 1) }]);
});

test('something without a name is no pod', () => {
  for (const nothing of [null, 7, 'pod', [], {}, { metadata: {} }]) expect(projectPod(nothing)).toBeNull();
});

test('control characters never get in', () => {
  const text = 'evil\u001b[31m\u202e\n';
  const pod = {
    metadata: { name: text, namespace: text, uid: text, labels: { app: text }, ownerReferences: [{ kind: text, name: text }] },
    spec: { nodeName: text, runtimeClassName: text, priorityClassName: text, containers: [{ name: text, resources: { limits: { [`x/${text}`]: '1' } } }] },
    status: {
      phase: 'Running',
      reason: text,
      message: text,
      conditions: [
        { type: 'Ready', status: text, reason: text },
        { type: 'PodScheduled', status: 'False', reason: text, message: text },
      ],
      containerStatuses: [{ name: text, state: { waiting: { reason: text, message: text } } }],
    },
  };
  expect(JSON.stringify({ ...projectPod(pod), requests: [...(projectPod(pod)?.deviceRequests ?? [])] })).not.toMatch(/\\u001b|\\n|\u202e/);
});

test('what ten thousand pods have in common is one object', () => {
  const healthy = (name: string) => ({
    ...running,
    metadata: { ...running.metadata, name },
    status: { phase: 'Running', containerStatuses: [{ name: 'server', ready: true, restartCount: 0, state: { running: {} } }] },
  });
  const [a, b] = [projectPod(healthy('a')), projectPod(healthy('b'))];
  expect(a?.owner).toBe(b?.owner);
  expect(a?.containers).toBe(b?.containers);
  expect(a?.deviceRequests).toBe(b?.deviceRequests);
});
