import { live } from '../../src/state/freshness.js';
import type { GpuCounts, GpuLedger } from '../../src/state/gpus.js';
import type { Target } from '../../src/state/monitoring.js';
import type { Node } from '../../src/state/nodes.js';
import type { Pod } from '../../src/state/pods.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aCondition, aContainer, aNode, aPod, aSnapshot, collection, now } from './snapshot.js';

const minute = 60_000;
const day = 24 * 60 * minute;

/** The cluster of three nodes four minutes after a bad reboot of gpu-2, as far as nodes and monitoring go. */
export function aLab(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const nodes = labNodes();
  const pods = labPods();
  return aSnapshot({
    at: now,
    nodes: collection(...nodes),
    pods: collection(...pods),
    gpus: live(ledgerOf(nodes, pods), now),
    events: collection(
      { ...anEvent('Rebooted', 'Node gpu-2 has been rebooted, boot id: 1f2c33d0-9c7e-4d5c-8f3b-5b8d3e1a7c11', 4 * minute), name: 'a', namespace: 'default' },
      { ...anEvent('NodeReady', 'Node gpu-2 status is now: NodeReady', 3 * minute, 'Normal'), name: 'b', namespace: 'default' },
    ),
    prometheus: live(
      {
        url: '/api/v1/namespaces/monitoring/services/prometheus-operated:9090/proxy',
        foundBy: 'service monitoring/prometheus-operated',
        version: '3.14.0',
        ready: true,
        roundTripMs: 9,
        others: [],
        about: null,
      },
      now,
    ),
    grafana: live(
      {
        url: '/api/v1/namespaces/monitoring/services/grafana:80/proxy',
        foundBy: 'service monitoring/grafana',
        version: '12.4.1',
        database: 'ok',
        roundTripMs: 12,
        inside: { status: 'login-needed' },
      },
      now,
    ),
    targets: live(labTargets(), now),
    ...overrides,
  });
}

export function labNodes(): readonly Node[] {
  return [
    aNode({ name: 'controlplane', roles: ['control-plane'], gpus: 1, createdAt: now - 120 * day, addresses: [{ type: 'InternalIP', address: '10.0.0.10' }] }),
    aNode({ name: 'gpu-1', gpus: 8, createdAt: now - 90 * day }),
    aNode({
      name: 'gpu-2',
      gpus: 0,
      capacityGpus: 8,
      createdAt: now - 90 * day,
      addresses: [
        { type: 'InternalIP', address: '10.0.0.12' },
        { type: 'Hostname', address: 'gpu-2' },
      ],
      taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
      conditions: [
        { ...aCondition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'), lastTransitionAt: now - 3.2 * minute },
        aCondition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
        { ...aCondition('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure'), lastTransitionAt: now - 2 * minute },
        aCondition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
      ],
      images: [
        { name: 'nvcr.io/nvidia/tritonserver:25.10-py3', sizeBytes: 17.3 * 2 ** 30 },
        { name: 'registry.lab/whisper:2.1', sizeBytes: 6.2 * 2 ** 30 },
        { name: 'docker.io/calico/node:v3.31.0', sizeBytes: 0.4 * 2 ** 30 },
      ],
      labels: new Map([
        ['kubernetes.io/hostname', 'gpu-2'],
        ['nvidia.com/gpu.product', 'NVIDIA-A100-SXM4-80GB'],
        ['nvidia.com/gpu.count', '8'],
      ]),
      annotations: new Map([['kubeadm.alpha.kubernetes.io/cri-socket', 'unix:///run/containerd/containerd.sock']]),
    }),
  ];
}

function labPods(): readonly Pod[] {
  return [
    aPod({ gpus: 4 }),
    aPod({ name: 'distilbert-inference-6c9d7b5f4-qq7rz', gpus: 2 }),
    aPod({ name: 'calico-node-8x7k2', namespace: 'kube-system', nodeName: 'gpu-2' }),
    aPod({
      name: 'nvidia-device-plugin-daemonset-zz4x9',
      namespace: 'kube-system',
      nodeName: 'gpu-2',
      ready: { status: 'False', since: now - 3 * minute, reason: 'ContainersNotReady' },
      containers: [aContainer({ ready: false, restarts: 7, state: 'waiting', reason: 'CrashLoopBackOff' })],
      createdAt: now - 4 * minute,
    }),
  ];
}

export function aTarget(overrides: Partial<Target> = {}): Target {
  const job = overrides.job ?? 'node-exporter';
  const instance = overrides.instance ?? '10.0.0.11:9100';
  return {
    job,
    instance,
    pool: `serviceMonitor/monitoring/${job}/0`,
    scrapeUrl: `http://${instance}/metrics`,
    health: 'up',
    lastError: null,
    lastScrapeAt: now - 7000,
    scrapeDurationSeconds: 0.021,
    scrapeIntervalSeconds: 30,
    scrapeTimeoutSeconds: 10,
    labels: new Map([
      ['job', job],
      ['instance', instance],
    ]),
    ...overrides,
  };
}

function labTargets(): readonly Target[] {
  const hosts = ['10.0.0.10', '10.0.0.11', '10.0.0.12'];
  return [
    ...hosts.map((host) => aTarget({ instance: `${host}:9100` })),
    ...hosts.map((host) => aTarget({ job: 'kubelet', instance: `${host}:10250`, scrapeDurationSeconds: 0.118 })),
    ...hosts.map((host) => aTarget({ job: 'dcgm-exporter', instance: `${host}:9400`, scrapeDurationSeconds: 0.0043 })).slice(0, 2),
    aTarget({
      job: 'dcgm-exporter',
      instance: '10.0.0.12:9400',
      health: 'down',
      lastError: 'Get "http://10.0.0.12:9400/metrics": dial tcp 10.0.0.12:9400: connect: connection refused',
      scrapeDurationSeconds: 0.0006,
    }),
    aTarget({ job: 'kube-state-metrics', instance: '10.244.0.7:8080' }),
    aTarget({ job: 'prometheus', instance: '10.244.0.9:9090' }),
  ];
}

function anEvent(reason: string, message: string, ago: number, type: 'Normal' | 'Warning' = 'Warning') {
  return {
    uid: `event-${reason}`,
    type,
    reason,
    message,
    object: { kind: 'Node', namespace: null, name: 'gpu-2' },
    source: 'kubelet',
    count: 1,
    firstAt: now - ago,
    lastAt: now - ago,
  };
}

/** The ledger as the API alone gives it: nvidia.com/gpu only. */
export function ledgerOf(nodes: readonly Node[], pods: readonly Pod[]): GpuLedger {
  const resource = 'nvidia.com/gpu';
  const perNode = nodes.map((node) => {
    const requested = pods.filter(({ nodeName }) => nodeName === node.name).reduce((sum, pod) => sum + (pod.deviceRequests?.get(resource) ?? 0), 0);
    const allocatable = node.allocatable.get(resource) ?? 0;
    const counts: GpuCounts = { capacity: node.capacity.get(resource) ?? 0, allocatable, requested, free: allocatable - requested };
    return {
      node: node.name,
      resources: counts.capacity > 0 ? [{ ...counts, resource }] : [],
      total: counts,
      expected: counts.capacity,
      product: node.labels.get('nvidia.com/gpu.product') ?? null,
    };
  });
  const total = perNode.reduce<GpuCounts>(
    (sum, { total: own }) => ({
      capacity: sum.capacity + own.capacity,
      allocatable: sum.allocatable + own.allocatable,
      requested: sum.requested + own.requested,
      free: sum.free + own.free,
    }),
    { capacity: 0, allocatable: 0, requested: 0, free: 0 },
  );
  return { nodes: new Map(perNode.map((one) => [one.node, one])), total, pending: 0 };
}
