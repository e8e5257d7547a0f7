import { live, type Slice } from '../../src/state/freshness.js';
import type { Node, NodeCondition } from '../../src/state/nodes.js';
import type { ContainerState, Pod } from '../../src/state/pods.js';
import type { ClusterSnapshot, Collection } from '../../src/state/snapshot.js';
import { createStore } from '../../src/state/store.js';
import type { Workload } from '../../src/state/workloads.js';

/** The moment all builders count from: 2026-11-02 14:02:11 UTC. */
export const now = Date.UTC(2026, 10, 2, 14, 2, 11);
const minute = 60_000;
const day = 24 * 60 * minute;

/** A Ready GPU worker, up for a day; `gpus` of nvidia.com/gpu offered of `capacityGpus`. */
export function aNode(overrides: Partial<Node> & { gpus?: number; capacityGpus?: number; ready?: NodeCondition['status']; readyReason?: string } = {}): Node {
  const { gpus = 0, capacityGpus = gpus, ready = 'True', readyReason = 'KubeletReady', ...fields } = overrides;
  const base = new Map([
    ['cpu', 64],
    ['memory', 512 * 2 ** 30],
    ['pods', 110],
  ]);
  const name = fields.name ?? 'gpu-1';
  return {
    name,
    uid: `node-${name}`,
    createdAt: now - 90 * day,
    labels: new Map([['kubernetes.io/hostname', name]]),
    annotations: new Map(),
    roles: [],
    unschedulable: false,
    taints: [],
    conditions: [
      aCondition('Ready', ready, readyReason),
      aCondition('MemoryPressure', 'False'),
      aCondition('DiskPressure', 'False'),
      aCondition('PIDPressure', 'False'),
    ],
    addresses: [
      { type: 'InternalIP', address: '10.0.0.11' },
      { type: 'Hostname', address: name },
    ],
    capacity: capacityGpus > 0 ? new Map([...base, ['nvidia.com/gpu', capacityGpus]]) : base,
    allocatable: capacityGpus > 0 ? new Map([...base, ['nvidia.com/gpu', gpus]]) : base,
    info: {
      bootId: '6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001',
      machineId: 'ec2b8f2d',
      kernelVersion: '6.8.0-94-generic',
      osImage: 'Ubuntu 24.04.3 LTS',
      architecture: 'amd64',
      containerRuntimeVersion: 'containerd://2.3.4',
      kubeletVersion: 'v1.36.2',
    },
    runtimeHandlers: ['', 'runc', 'nvidia'],
    images: [],
    podCidrs: ['10.244.1.0/24'],
    ...fields,
  };
}

export function aCondition(type: string, status: NodeCondition['status'], reason = `Kubelet${type}`, message = ''): NodeCondition {
  return { type, status, reason, message, lastHeartbeatAt: now - 20_000, lastTransitionAt: now - day };
}

/** A Running, Ready pod of a ReplicaSet on gpu-1; `gpus` of nvidia.com/gpu requested. */
export function aPod(overrides: Partial<Pod> & { gpus?: number } = {}): Pod {
  const { gpus = 0, ...fields } = overrides;
  const name = fields.name ?? 'resnet50-inference-7d9c5b8f4-x2x8p';
  return {
    namespace: 'ai',
    name,
    uid: `pod-${fields.namespace ?? 'ai'}-${name}`,
    phase: 'Running',
    reason: null,
    message: null,
    nodeName: 'gpu-1',
    owner: { kind: 'ReplicaSet', name: 'resnet50-inference-7d9c5b8f4' },
    app: 'resnet50-inference',
    mirror: false,
    runtimeClassName: null,
    priorityClassName: null,
    createdAt: now - day,
    startedAt: now - day,
    deletedAt: null,
    ready: { status: 'True', since: now - day, reason: '' },
    unschedulable: null,
    containers: [aContainer()],
    deviceRequests: gpus > 0 ? new Map([['nvidia.com/gpu', gpus]]) : null,
    ...fields,
  };
}

export function aContainer(overrides: Partial<ContainerState> = {}): ContainerState {
  return { name: 'server', init: false, ready: true, restarts: 0, state: 'running', reason: null, message: null, exitCode: null, ...overrides };
}

/** A workload with all of its `desired` replicas ready. */
export function aWorkload(overrides: Partial<Workload> = {}): Workload {
  const desired = overrides.desired ?? 1;
  const ready = overrides.ready ?? desired;
  return {
    kind: 'Deployment',
    namespace: 'ai',
    name: 'resnet50-inference',
    uid: `workload-${overrides.namespace ?? 'ai'}-${overrides.name ?? 'resnet50-inference'}`,
    createdAt: now - 30 * day,
    app: overrides.name ?? 'resnet50-inference',
    desired,
    current: desired,
    updated: desired,
    ready,
    available: ready,
    unavailable: desired - ready,
    observed: true,
    images: ['registry.lab/resnet50:1.4'],
    deviceRequests: null,
    paused: false,
    runtimeClassName: null,
    nodeSelector: new Map(),
    conditions: [],
    ...overrides,
  };
}

/** Keyed as the feeds key it. */
export function collection<T extends { readonly name: string; readonly namespace?: string }>(...items: readonly T[]): Slice<Collection<T>> {
  return live(new Map(items.map((item) => [item.namespace === undefined ? item.name : `${item.namespace}/${item.name}`, item])), now);
}

/** A connected cluster where everything else is still loading unless given. */
export function aSnapshot(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const store = createStore({ now: () => now });
  const empty = store.snapshot();
  store.close();
  return {
    ...empty,
    connection: {
      status: 'connected',
      context: 'lab',
      server: 'https://10.0.0.10:6443',
      version: 'v1.36.2',
      since: now - minute,
      roundTripMs: 12,
      certificateEndsAt: now + 200 * day,
    },
    ...overrides,
  };
}
