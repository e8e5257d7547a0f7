import { expect, test } from 'vitest';
import { saidBySnapshot } from '../../src/diagnosis/said.js';
import type { Links } from '../../src/diagnosis/subjects.js';
import { troubleOf } from '../../src/diagnosis/trouble.js';
import type { ClusterEvent } from '../../src/state/events.js';
import { live } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aPod, aSnapshot, aWorkload, collection, now } from '../builders/snapshot.js';

const links: Links = { owner: () => null, isDevicePlugin: () => false, kubectl: 'kubectl' };

function words(snapshot: ClusterSnapshot): readonly string[] {
  return [...saidBySnapshot(snapshot, troubleOf(snapshot, new Set()), links)].filter(({ said }) => said.where === 'event').map(({ said }) => said.text);
}

function anEvent(changes: Partial<ClusterEvent>): ClusterEvent {
  return {
    uid: 'e1',
    namespace: 'ai',
    type: 'Warning',
    reason: 'FailedCreate',
    message: 'RuntimeClass "nvidia" not found',
    object: { kind: 'ReplicaSet', namespace: 'ai', name: 'whisper-5c98b567b8' },
    source: null,
    count: 4,
    firstAt: now - 600_000,
    lastAt: now - 60_000,
    ...changes,
  };
}

const eventsOf = (event: ClusterEvent) => live(new Map([[event.uid, event]]), now);
const refused = { deployments: collection(aWorkload({ namespace: 'ai', name: 'whisper', desired: 1, ready: 0 })) };
const itsPod = (createdAt: number) =>
  aPod({ namespace: 'ai', name: 'whisper-5c98b567b8-x', owner: { kind: 'ReplicaSet', name: 'whisper-5c98b567b8' }, createdAt });

test('that pods are refused holds until one is created', () => {
  const events = eventsOf(anEvent({}));
  expect(words(aSnapshot({ ...refused, events, pods: collection() }))).toEqual(['RuntimeClass "nvidia" not found']);
  expect(words(aSnapshot({ ...refused, events, pods: collection(itsPod(now - 120_000)) }))).toEqual(['RuntimeClass "nvidia" not found']);
  expect(words(aSnapshot({ ...refused, events, pods: collection(itsPod(now - 5_000)) }))).toEqual([]);
});

test('what the scheduler lacked is over once the pod has a node', () => {
  const object = { kind: 'Pod', namespace: 'ai', name: 'whisper-1' };
  const events = eventsOf(anEvent({ reason: 'FailedScheduling', message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.', object }));
  const pod = { namespace: 'ai', name: 'whisper-1', phase: 'Pending', ready: null, createdAt: now - 60_000, startedAt: null } as const;
  const unschedulable = { reason: 'Unschedulable', message: '', since: now - 60_000 };
  expect(words(aSnapshot({ events, pods: collection(aPod({ ...pod, nodeName: null, unschedulable })) }))).toHaveLength(1);
  expect(words(aSnapshot({ events, pods: collection(aPod({ ...pod, nodeName: 'gpu-2' })) }))).toEqual([]);
});
