import { createObjectStore } from '../../../src/demo/api/memory-store.js';
import type { KubeObject, ObjectStore } from '../../../src/demo/api/object-store.js';
import type { DemoFaults, DemoWorld } from '../../../src/demo/monitoring/world.js';

/** A moment that all of a test's times count from, ms: 2026-11-02 14:02:11 UTC. */
export const startedAt = Date.UTC(2026, 10, 2, 14, 2, 11);

export interface TestWorld extends DemoWorld {
  readonly store: ObjectStore;
  readonly faults: DemoFaults & { targetsDown: Map<string, string> };
  bootedAt: (node: string) => number | null;
  /** Moves the clock. */
  pass(seconds: number): void;
}

/** The small cluster: a control plane with one GPU, two workers with eight, exporters everywhere, two services. */
export function aWorld(): TestWorld {
  let now = startedAt;
  const store = createObjectStore();
  for (const node of [aNode('controlplane', 1), aNode('gpu-1', 8), aNode('gpu-2', 8)]) store.create('nodes', node);
  for (const node of ['controlplane', 'gpu-1', 'gpu-2']) {
    store.create('pods', aPod('monitoring', `node-exporter-${node}`, node, { app: 'node-exporter', hostNetwork: true }));
    store.create('pods', aPod('monitoring', `dcgm-exporter-${node}`, node, { app: 'dcgm-exporter' }));
  }
  store.create('pods', aPod('kube-system', 'kube-apiserver-controlplane', 'controlplane', { app: 'kube-apiserver', hostNetwork: true }));
  store.create('pods', aPod('kube-system', 'coredns-1', 'gpu-1', { app: 'kube-dns' }));
  store.create('pods', aPod('monitoring', 'kube-state-metrics-1', 'gpu-1', { app: 'kube-state-metrics' }));
  store.create('pods', aPod('monitoring', 'grafana-1', 'gpu-1', { app: 'grafana' }));
  for (const index of [1, 2, 3]) store.create('pods', aPod('ai', `resnet50-inference-${index}`, 'gpu-1', { app: 'resnet50-inference', gpus: 1 }));
  store.create('pods', aPod('ai', 'whisper-inference-1', 'gpu-2', { app: 'whisper-inference', gpus: 1 }));
  const faults = { prometheusDown: false, grafanaDown: false, alertmanagerDown: false, targetsDown: new Map<string, string>() };
  return {
    store,
    startedAt,
    faults,
    now: () => now,
    bootedAt: () => startedAt - 30 * 86_400_000,
    pass: (seconds) => {
      now += seconds * 1000;
    },
  };
}

export function aNode(name: string, gpus: number, ready = true): KubeObject {
  const resources = { cpu: '64', memory: '527942Mi', pods: '110', 'nvidia.com/gpu': String(gpus) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      creationTimestamp: '2026-06-01T00:00:00Z',
      labels: { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB', 'nvidia.com/gpu.count': String(gpus) },
    },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [{ type: 'InternalIP', address: `10.0.0.${addresses.get(name) ?? 19}` }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown', lastTransitionTime: ago(ready ? 30 * 86_400 : 600) }],
      nodeInfo: { bootID: `boot-${name}`, kernelVersion: '6.8.0-94-generic', kubeletVersion: 'v1.36.2' },
    },
  };
}

export function aPod(
  namespace: string,
  name: string,
  node: string,
  {
    app,
    gpus = 0,
    hostNetwork = false,
    ready = true,
    since = 5 * 86_400,
  }: { app: string; gpus?: number; hostNetwork?: boolean; ready?: boolean; since?: number },
): KubeObject {
  const requests = { cpu: '500m', memory: '512Mi', ...(gpus > 0 ? { 'nvidia.com/gpu': String(gpus) } : {}) };
  podCount++;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app }, creationTimestamp: ago(since) },
    spec: {
      nodeName: node,
      hostNetwork,
      containers: [{ name: 'main', image: `registry.local/${app}:1`, resources: { requests, limits: gpus > 0 ? { 'nvidia.com/gpu': String(gpus) } : {} } }],
    },
    status: {
      phase: 'Running',
      podIP: `10.244.1.${podCount}`,
      startTime: ago(since),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: ago(since) }],
      containerStatuses: [{ name: 'main', ready, restartCount: 0, state: { running: { startedAt: ago(since) } } }],
    },
  };
}

/** A time so many seconds before the start, as objects carry it. */
export function ago(seconds: number): string {
  return `${new Date(startedAt - seconds * 1000).toISOString().slice(0, 19)}Z`;
}

let podCount = 0;
const addresses = new Map([
  ['controlplane', 10],
  ['gpu-1', 11],
  ['gpu-2', 12],
]);
