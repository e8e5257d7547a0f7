import type { ProxiedAnswer } from './api/hooks.js';
import type { KubeObject } from './api/object-store.js';
import { pressureEndsMs } from './controllers/disk-pressure.js';
import { requestsOf } from './controllers/pod-state.js';
import { quantity } from './controllers/quantity.js';
import type { World } from './controllers/world.js';
import { at, listAt, textAt } from './fields.js';
import { rootDisk } from './monitoring/model/root-disk.js';

/** What a node's kubelet answers behind `/api/v1/nodes/NODE/proxy`: `/stats/summary`, `/configz`, `/healthz`; null for what it does not have. */
export function kubeletAnswer(world: World, node: KubeObject, path: string): ProxiedAnswer | null {
  const machine = world.machines.get(node.metadata.name);
  if (machine !== null && machine.downSince !== null) {
    const why = machine.off ? 'no route to host' : 'connection refused';
    const message = `error trying to reach service: dial tcp ${machine.address}:10250: connect: ${why}`;
    return json(503, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'ServiceUnavailable', code: 503 });
  }
  switch (path.replace(/\/$/, '')) {
    case '/stats/summary':
      return json(200, nodeSummary(world, node));
    case '/configz':
      return json(200, { kubeletconfig: { ...configuration, containerRuntimeEndpoint: endpoints[machine?.hardware.runtime ?? 'containerd'] } });
    case '/healthz':
      return { status: 200, contentType: 'text/plain; charset=utf-8', body: 'ok' };
    default:
      return null;
  }
}

function json(status: number, body: unknown): ProxiedAnswer {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

/** KubeletConfiguration v1beta1 as kubeadm leaves it, with the eviction thresholds written out. */
const configuration = {
  authentication: { anonymous: { enabled: false }, webhook: { enabled: true, cacheTTL: '2m0s' } },
  cgroupDriver: 'systemd',
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  evictionHard: { 'imagefs.available': '15%', 'imagefs.inodesFree': '5%', 'memory.available': '100Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%' },
  evictionPressureTransitionPeriod: `${pressureEndsMs / 1000}s`,
  failSwapOn: true,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  maxPods: 110,
  nodeLeaseDurationSeconds: 40,
  nodeStatusReportFrequency: '5m0s',
  nodeStatusUpdateFrequency: '10s',
  rotateCertificates: true,
};

const endpoints = { containerd: 'unix:///run/containerd/containerd.sock', 'cri-o': 'unix:///var/run/crio/crio.sock' } as const;

/** What a node's kubelet has measured of it and its pods. */
export function nodeSummary(world: World, node: KubeObject): unknown {
  const { name } = node.metadata;
  const time = new Date(world.clock.now()).toISOString();
  const capacity = (resource: string) => quantity(at(node, 'status', 'capacity', resource));
  const pods = world.pods.onNode(name);
  const asked = pods.reduce((sum, pod) => sum + (requestsOf(pod).get('memory') ?? 0), 0);
  const memory = Math.min(capacity('memory') * 0.92, 2.6 * 2 ** 30 + asked * 0.7);
  const machine = world.machines.get(name);
  const { size: disk, available } = rootDisk(name, machine);
  const free = available(world.clock.now() / 1000);
  const used = disk - free;
  const files = { inodes: Math.round(disk / 16_384), inodesFree: Math.round((disk / 16_384) * 0.93), inodesUsed: Math.round((disk / 16_384) * 0.07) };
  const images = listAt(node, 'status', 'images').reduce<number>((sum, image) => sum + Number(at(image, 'sizeBytes') ?? 0), 0);
  const filesystem = { time, availableBytes: free, capacityBytes: disk, ...files };
  return {
    node: {
      nodeName: name,
      startTime: new Date(world.machines.get(name)?.bootedAt ?? world.clock.now()).toISOString(),
      cpu: { time, usageNanoCores: Math.round(cores(pods) * 1e9), usageCoreNanoSeconds: Math.round(cores(pods) * 1e9 * 3600) },
      memory: {
        time,
        availableBytes: Math.round(capacity('memory') - memory),
        usageBytes: Math.round(memory * 1.1),
        workingSetBytes: Math.round(memory),
        rssBytes: Math.round(memory * 0.8),
        pageFaults: 120_000,
        majorPageFaults: 320,
      },
      fs: { ...filesystem, usedBytes: used },
      runtime: {
        imageFs: { ...filesystem, usedBytes: Math.round(images * 1.9 + (machine?.linux.disk.images ?? 0)) },
        containerFs: { ...filesystem, usedBytes: Math.round(used * 0.05) },
      },
      rlimit: { time, maxpid: 4_194_304, curproc: 900 + pods.length * 12 },
      swap: { time, swapAvailableBytes: (machine?.linux.swaps ?? []).reduce((sum, { active, bytes }) => sum + (active ? bytes : 0), 0), swapUsageBytes: 0 },
    },
    pods: pods.map((pod) => podSummary(pod, time)),
  };
}

function podSummary(pod: KubeObject, time: string): unknown {
  const memory = Math.round((requestsOf(pod).get('memory') ?? 64 * 2 ** 20) * 0.62);
  const cpu = Math.round(((requestsOf(pod).get('cpu') ?? 0) * 0.22 + 0.01) * 1e9);
  const { name, namespace, uid } = pod.metadata;
  return {
    podRef: { name, namespace, uid },
    startTime: textAt(pod, 'status', 'startTime'),
    containers: listAt(pod, 'spec', 'containers').map((container) => ({
      name: textAt(container, 'name'),
      cpu: { time, usageNanoCores: cpu },
      memory: { time, workingSetBytes: memory },
      rootfs: { time, usedBytes: 4_096_000 },
      logs: { time, usedBytes: 2_048_000 },
    })),
    cpu: { time, usageNanoCores: cpu },
    memory: { time, workingSetBytes: memory },
    'ephemeral-storage': { time, usedBytes: 6_144_000 },
  };
}

function cores(pods: readonly KubeObject[]): number {
  return 0.4 + pods.reduce((sum, pod) => sum + (requestsOf(pod).get('cpu') ?? 0) * 0.22 + 0.01, 0);
}
