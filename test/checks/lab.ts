import { makeReport } from '../../src/checks/report.js';
import type { Expectations } from '../../src/config/expectations.js';
import type { ApiService } from '../../src/state/cluster-services.js';
import { live, type Slice } from '../../src/state/freshness.js';
import type { GpuLedger } from '../../src/state/gpus.js';
import type { Lease } from '../../src/state/leases.js';
import type { Target } from '../../src/state/monitoring.js';
import type { NodeStats } from '../../src/state/node-stats.js';
import type { Node } from '../../src/state/nodes.js';
import type { Pod } from '../../src/state/pods.js';
import type { CheckReport, Finding } from '../../src/state/report.js';
import type { ClusterSnapshot, Collection } from '../../src/state/snapshot.js';
import type { Workload } from '../../src/state/workloads.js';
import { aContainer, aNode, aPod, aSnapshot, aWorkload, collection, now } from '../builders/snapshot.js';

/**
 * A small lab in perfect order: one control plane node with a GPU, two workers with eight; kubeadm, Calico, the NVIDIA device plugin, DCGM
 * exporter, Prometheus and Grafana. Tests break one thing in it.
 */
export function aLab(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return aSnapshot({
    readyz: live(
      {
        ready: true,
        checks: [
          { name: 'ping', ok: true },
          { name: 'etcd', ok: true },
        ],
        roundTripMs: 12,
      },
      now,
    ),
    nodes: nodes(),
    pods: pods(),
    deadPods: live({ failed: 0, succeeded: 3, failedByReason: new Map() }, now),
    deployments: collection(
      aWorkload({ namespace: 'kube-system', name: 'coredns', app: 'kube-dns', desired: 2 }),
      aWorkload({ namespace: 'ai', name: 'resnet50-inference', desired: 1 }),
      aWorkload({ namespace: 'ai', name: 'whisper-inference', desired: 1 }),
    ),
    daemonSets: daemonSets(),
    statefulSets: collection(aWorkload({ kind: 'StatefulSet', namespace: 'monitoring', name: 'prometheus', app: 'prometheus' })),
    persistentVolumeClaims: collection({
      namespace: 'monitoring',
      name: 'prometheus-data',
      phase: 'Bound',
      storageClassName: 'local-path',
      volumeName: 'pvc-1',
      requestedBytes: 50 * 2 ** 30,
      createdAt: now - 30 * day,
    }),
    storageClasses: collection({ name: 'local-path', provisioner: 'rancher.io/local-path', isDefault: true, volumeBindingMode: 'WaitForFirstConsumer' }),
    runtimeClasses: collection({ name: 'nvidia', handler: 'nvidia' }),
    leases: collection(aLease('controlplane'), aLease('gpu-1'), aLease('gpu-2')),
    apiServices: collection<ApiService>({
      name: 'v1beta1.metrics.k8s.io',
      service: { namespace: 'kube-system', name: 'metrics-server' },
      available: true,
      reason: 'Passed',
      message: 'all checks passed',
      since: now - day,
    }),
    webhooks: live(new Map(), now),
    certificateRequests: live(new Map(), now),
    nodeStats: live(new Map(['controlplane', 'gpu-1', 'gpu-2'].map((node) => [node, nodeStats(node)])), now),
    events: live(new Map(), now),
    gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8], 'gpu-2': [8, 8] }),
    prometheus: live(
      {
        url: 'https://10.0.0.10:6443/proxy',
        foundBy: 'service monitoring/prometheus',
        version: '3.14.0',
        ready: true,
        roundTripMs: 8,
        others: [],
        about: null,
      },
      now,
    ),
    targets: live([aTarget(), aTarget({ job: 'dcgm-exporter', instance: '10.0.0.12:9400' }), aTarget({ instance: '10.0.0.12:9100' })], now),
    grafana: live(
      {
        url: 'https://10.0.0.10:6443/proxy',
        foundBy: 'service monitoring/grafana',
        version: '12.1.0',
        database: 'ok',
        roundTripMs: 12,
        inside: { status: 'login-needed' },
      },
      now,
    ),
    ...overrides,
  });
}

const addresses: Readonly<Record<string, string>> = { controlplane: '10.0.0.10', 'gpu-1': '10.0.0.11', 'gpu-2': '10.0.0.12' };

/** What a kubelet says of one disk for all, `free` of its bytes (a share) left. */
export function nodeStats(node: string, free = 0.6, overrides: Partial<Extract<NodeStats, { status: 'seen' }>> = {}): NodeStats {
  const disk = { sizeBytes: 440 * 2 ** 30, availableBytes: free * 440 * 2 ** 30, inodes: 29_000_000, inodesFree: 24_000_000 };
  const evictionHard = new Map([
    ['imagefs.available', '15%'],
    ['imagefs.inodesFree', '5%'],
    ['memory.available', '100Mi'],
    ['nodefs.available', '10%'],
    ['nodefs.inodesFree', '5%'],
  ]);
  return { status: 'seen', node, at: now - 20_000, nodeFs: disk, imageFs: disk, evictionHard, ...overrides };
}

/** The lab's nodes with some of them changed. */
export function nodes(changes: Readonly<Record<string, Parameters<typeof aNode>[0]>> = {}): Slice<Collection<Node>> {
  const labels = new Map([['nvidia.com/gpu.present', 'true']]);
  const usual = [
    { name: 'controlplane', gpus: 1, roles: ['control-plane'], labels },
    { name: 'gpu-1', gpus: 8, labels },
    { name: 'gpu-2', gpus: 8, labels },
  ];
  return collection(
    ...usual.map((node) => aNode({ ...node, addresses: [{ type: 'InternalIP', address: addresses[node.name] ?? '' }], ...changes[node.name] })),
  );
}

/** The lab's DaemonSets with some of them changed. */
export function daemonSets(changes: Readonly<Record<string, Partial<Workload>>> = {}): Slice<Collection<Workload>> {
  const usual: Partial<Workload>[] = [
    { namespace: 'kube-system', name: 'calico-node' },
    { namespace: 'kube-system', name: 'kube-proxy' },
    { namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset', nodeSelector: new Map([['nvidia.com/gpu.present', 'true']]) },
    { namespace: 'monitoring', name: 'dcgm-exporter' },
    { namespace: 'monitoring', name: 'node-exporter' },
  ];
  return collection(...usual.map((daemonSet) => aWorkload({ kind: 'DaemonSet', desired: 3, ...daemonSet, ...changes[daemonSet.name ?? ''] })));
}

/** The lab's pods with some of them changed or, with null, left out. */
export function pods(changes: Readonly<Record<string, Partial<Pod> | null>> = {}): Slice<Collection<Pod>> {
  const everywhere = ['controlplane', 'gpu-1', 'gpu-2'];
  const ofDaemonSet = (namespace: string, name: string) =>
    everywhere.map((nodeName) => ({ namespace, name: `${name}-${nodeName}`, nodeName, app: name, owner: { kind: 'DaemonSet', name } }));
  const usual: Partial<Pod>[] = [
    ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((component) => ({
      namespace: 'kube-system',
      name: `${component}-controlplane`,
      nodeName: 'controlplane',
      mirror: true,
      app: null,
      owner: { kind: 'Node', name: 'controlplane' },
    })),
    ...ofDaemonSet('kube-system', 'calico-node'),
    ...ofDaemonSet('kube-system', 'kube-proxy'),
    ...ofDaemonSet('kube-system', 'nvidia-device-plugin-daemonset'),
    ...ofDaemonSet('monitoring', 'dcgm-exporter'),
    {
      namespace: 'kube-system',
      name: 'coredns-7c65d6cfc9-aaaaa',
      nodeName: 'controlplane',
      app: 'kube-dns',
      owner: { kind: 'ReplicaSet', name: 'coredns-7c65d6cfc9' },
    },
    {
      namespace: 'kube-system',
      name: 'coredns-7c65d6cfc9-bbbbb',
      nodeName: 'gpu-1',
      app: 'kube-dns',
      owner: { kind: 'ReplicaSet', name: 'coredns-7c65d6cfc9' },
    },
    { namespace: 'monitoring', name: 'prometheus-0', nodeName: 'gpu-1', app: 'prometheus', owner: { kind: 'StatefulSet', name: 'prometheus' } },
    { name: 'resnet50-inference-7d9c5b8f4-x2x8p' },
    {
      name: 'whisper-inference-5f6d7c8b9-q4w2e',
      nodeName: 'gpu-2',
      app: 'whisper-inference',
      owner: { kind: 'ReplicaSet', name: 'whisper-inference-5f6d7c8b9' },
    },
  ];
  const kept = usual.filter((pod) => changes[pod.name ?? ''] !== null);
  return collection(...kept.map((pod) => aPod({ ...pod, ...changes[pod.name ?? ''] })));
}

export function aLease(name: string, overrides: Partial<Lease> = {}): Lease {
  return { name, holder: name, renewedAt: now - 4_000, durationSeconds: 40, seenAt: now - 4_000, ...overrides };
}

export function aTarget(overrides: Partial<Target> = {}): Target {
  const { job = 'node-exporter', instance = '10.0.0.11:9100' } = overrides;
  return {
    job,
    instance,
    pool: job,
    scrapeUrl: `http://${instance}/metrics`,
    health: 'up',
    lastError: null,
    lastScrapeAt: now - 5_000,
    scrapeDurationSeconds: 0.012,
    scrapeIntervalSeconds: 15,
    scrapeTimeoutSeconds: 10,
    labels: new Map([
      ['job', job],
      ['instance', instance],
    ]),
    ...overrides,
  };
}

/** Allocatable and capacity per node. */
export function ledger(counts: Readonly<Record<string, readonly [number, number]>>): Slice<GpuLedger> {
  const rows = Object.entries(counts).map(([node, [allocatable, capacity]]) => {
    const total = { capacity, allocatable, requested: 0, free: allocatable };
    return [node, { node, resources: [{ resource: 'nvidia.com/gpu', ...total }], total, expected: capacity, product: 'NVIDIA A100-SXM4-80GB' }] as const;
  });
  const sum = (field: 0 | 1) => Object.values(counts).reduce((total, pair) => total + pair[field], 0);
  return live({ nodes: new Map(rows), total: { capacity: sum(1), allocatable: sum(0), requested: 0, free: sum(0) }, pending: 0 }, now);
}

/** A pod whose container waits in CrashLoopBackOff. */
export const crashing: Partial<Pod> = {
  ready: { status: 'False', since: now - 10 * 60_000, reason: 'ContainersNotReady' },
  containers: [
    aContainer({ ready: false, state: 'waiting', reason: 'CrashLoopBackOff', restarts: 7, exitCode: 1, message: 'back-off 5m0s restarting failed container' }),
  ],
};

/** A pod that the scheduler cannot place. */
export function pending(message: string): Partial<Pod> {
  return {
    phase: 'Pending',
    nodeName: null,
    startedAt: null,
    ready: null,
    containers: [],
    createdAt: now - 4 * 60_000,
    unschedulable: { reason: 'Unschedulable', message, since: now - 4 * 60_000 },
  };
}

/** The lab two minutes after gpu-2 came back without its GPUs. */
export function aLabWithoutGpusOnGpu2(): ClusterSnapshot {
  return aLab({
    nodes: nodes({ 'gpu-2': { gpus: 0, capacityGpus: 8 } }),
    gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8], 'gpu-2': [0, 8] }),
    daemonSets: daemonSets({ 'nvidia-device-plugin-daemonset': { ready: 2, unavailable: 1 }, 'dcgm-exporter': { ready: 2 } }),
    pods: pods({
      'nvidia-device-plugin-daemonset-gpu-2': crashing,
      'dcgm-exporter-gpu-2': crashing,
      'whisper-inference-5f6d7c8b9-q4w2e': pending('0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) had no room.'),
    }),
    deployments: collection(
      aWorkload({ namespace: 'kube-system', name: 'coredns', app: 'kube-dns', desired: 2 }),
      aWorkload({ namespace: 'ai', name: 'resnet50-inference' }),
      aWorkload({ namespace: 'ai', name: 'whisper-inference', ready: 0 }),
    ),
    targets: live(
      [
        aTarget(),
        aTarget({ job: 'dcgm-exporter', instance: '10.0.0.12:9400', health: 'down', lastError: 'dial tcp 10.0.0.12:9400: connect: connection refused' }),
      ],
      now,
    ),
  });
}

export function report(snapshot: ClusterSnapshot, expectations: Expectations = {}): CheckReport {
  return makeReport(snapshot, expectations, now);
}

/** The findings of one check. */
export function findingsOf(id: string, snapshot: ClusterSnapshot, expectations: Expectations = {}): readonly Finding[] {
  return report(snapshot, expectations).findings.filter((finding) => finding.id === id);
}

/** `fail node/gpu-2`: status and object of each finding that is neither pass nor skipped. */
export function troubles(snapshot: ClusterSnapshot, expectations: Expectations = {}): readonly string[] {
  return report(snapshot, expectations)
    .findings.filter(({ status }) => status !== 'pass' && status !== 'skipped')
    .map(({ id, status, object }) => `${status} ${id} ${object}`);
}

const day = 24 * 60 * 60_000;
