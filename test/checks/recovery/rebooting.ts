import { nothingTracked, recoveryOf, type Track, tracked } from '../../../src/checks/recovery/track.js';
import { makeReport } from '../../../src/checks/report.js';
import type { ContextMemory, NodeMemory } from '../../../src/config/memory.js';
import { live, stale } from '../../../src/state/freshness.js';
import type { HostState } from '../../../src/state/hosts.js';
import type { Pod } from '../../../src/state/pods.js';
import type { NodeRecovery, RecoveryStep } from '../../../src/state/recovery.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { aHost, hostsOf, known, someFacts } from '../../builders/host.js';
import { aCondition, now } from '../../builders/snapshot.js';
import { aLab, aLease, aTarget, daemonSets, ledger, nodes, pods } from '../lab.js';

/** The moment at which gpu-2 boots. */
export const boot = now;
export const oldBoot = '1f2c33d0-9c7e-4d5c-8f3b-000000000001';
export const newBoot = '1f2c33d0-9c7e-4d5c-8f3b-000000000002';
const second = 1000;

/** When each thing of gpu-2 is there, in seconds after the boot. */
export interface Timetable {
  readonly ssh: number;
  readonly kubelet: number;
  readonly heartbeat: number;
  readonly ready: number;
  readonly network: number;
  readonly plugin: number;
  readonly gpus: number;
  readonly exporters: number;
  readonly targets: number;
  readonly workload: number;
}

export const usual: Timetable = {
  ssh: 38,
  kubelet: 44,
  heartbeat: 52,
  ready: 62,
  network: 80,
  plugin: 90,
  gpus: 95,
  exporters: 100,
  targets: 115,
  workload: 120,
};

/** The lab `at` seconds after gpu-2's boot, which follows the timetable; before it the machine is down. */
export function labAt(at: number, timetable: Partial<Timetable> = {}, overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const table = { ...usual, ...timetable };
  const moment = boot + at * second;
  const since = (key: keyof Timetable) => boot + table[key] * second;
  const is = (key: keyof Timetable) => at >= table[key];
  const reporting = is('heartbeat');
  const pod = (key: keyof Timetable): Partial<Pod> =>
    is(key) ? { ready: { status: 'True', since: since(key), reason: '' } } : { ready: { status: 'False', since: boot, reason: 'ContainersNotReady' } };
  const condition = is('ready')
    ? { ...aCondition('Ready', 'True'), lastTransitionAt: since('ready') }
    : reporting
      ? {
          ...aCondition('Ready', 'False', 'KubeletNotReady', 'container runtime status check may not have completed yet'),
          lastTransitionAt: since('heartbeat'),
        }
      : { ...aCondition('Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'), lastTransitionAt: boot - 55 * second };
  const offered = is('gpus') ? 8 : reporting ? 0 : 8;
  const snapshot = aLab({
    at: moment,
    connection: {
      status: 'connected',
      context: 'lab',
      server: 'https://10.0.0.10:6443',
      version: 'v1.36.2',
      since: boot - 3600 * second,
      roundTripMs: 12,
      certificateEndsAt: null,
    },
    nodes: nodes({ 'gpu-2': { gpus: offered, capacityGpus: 8, conditions: [condition], info: { ...nodeInfo, bootId: reporting ? newBoot : oldBoot } } }),
    gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8], 'gpu-2': [offered, 8] }),
    leases: live(
      new Map([
        ['controlplane', aLease('controlplane', { renewedAt: moment - 2000, seenAt: moment - 2000 })],
        ['gpu-1', aLease('gpu-1', { renewedAt: moment - 3000, seenAt: moment - 3000 })],
        [
          'gpu-2',
          aLease('gpu-2', reporting ? { renewedAt: moment - 4000, seenAt: moment - 4000 } : { renewedAt: boot - 95 * second, seenAt: boot - 95 * second }),
        ],
      ]),
      moment,
    ),
    daemonSets: daemonSets({
      'nvidia-device-plugin-daemonset': { ready: is('plugin') ? 3 : 2 },
      'dcgm-exporter': { ready: is('exporters') ? 3 : 2 },
      'calico-node': { ready: is('network') ? 3 : 2 },
    }),
    pods: pods({
      'calico-node-gpu-2': pod('network'),
      'kube-proxy-gpu-2': pod('ready'),
      'nvidia-device-plugin-daemonset-gpu-2': pod('plugin'),
      'dcgm-exporter-gpu-2': pod('exporters'),
      'whisper-inference-5f6d7c8b9-q4w2e': pod('workload'),
    }),
    targets: live(
      [aTarget(), aTarget({ job: 'dcgm-exporter', instance: '10.0.0.12:9400', health: is('targets') ? 'up' : 'down', lastScrapeAt: moment - 5000 })],
      moment,
    ),
    hosts: hostsOf(machineAt(at, table)),
    ...overrides,
  });
  return { ...snapshot, report: live(makeReport(snapshot, {}, moment), moment) };
}

/** The same while the API server refuses. */
export function withoutApi(snapshot: ClusterSnapshot): ClusterSnapshot {
  const why = 'connection refused';
  return {
    ...snapshot,
    connection: {
      status: 'lost',
      context: 'lab',
      server: 'https://10.0.0.12:6443',
      since: boot,
      kind: 'unreachable',
      why,
      fix: null,
      nextTryAt: snapshot.at + 4000,
    },
    nodes: { value: null, freshness: { status: 'loading', since: boot, why } },
    leases: { value: null, freshness: { status: 'loading', since: boot, why } },
    pods: stale(snapshot.pods.value ?? new Map(), boot, why),
    targets: stale(snapshot.targets.value ?? [], boot, why),
  };
}

function machineAt(at: number, table: Timetable): HostState {
  if (at < table.ssh) {
    const contact = { status: 'lost', since: boot - 90 * second, why: 'gpu-2 (10.0.0.12) refuses connections on port 22', fix: null, nextTryAt: boot } as const;
    return aHost({ name: 'gpu-2', contact, facts: someFacts({ at: boot - 100 * second, bootId: known(oldBoot), bootedAt: known(boot - 86_400 * second) }) });
  }
  const services = [
    { name: 'containerd', enabled: 'enabled', active: 'active' },
    { name: 'kubelet', enabled: 'enabled', active: at >= table.kubelet ? 'active' : 'activating' },
  ];
  return aHost({
    name: 'gpu-2',
    contact: { status: 'connected', since: boot + table.ssh * second, roundTripMs: 4 },
    facts: someFacts({ at: boot + at * second, bootId: known(newBoot), bootedAt: known(boot), clockSkewMs: known(0), services: known(services), ...inOrder }),
  });
}

const nodeInfo = {
  machineId: 'ec2b8f2d',
  kernelVersion: '6.8.0-94-generic',
  osImage: 'Ubuntu 24.04.3 LTS',
  architecture: 'amd64',
  containerRuntimeVersion: 'containerd://2.3.4',
  kubeletVersion: 'v1.36.2',
};

const labBoot = '6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001';

/** The lab as it was left two hours before the boot, all well. */
export function aMemory(overrides: Partial<ContextMemory> = {}): ContextMemory {
  return {
    lastVisitAt: boot - 7200 * second,
    nodes: {
      controlplane: aNodeMemory({ address: '10.0.0.10', gpus: 1 }),
      'gpu-1': aNodeMemory({ address: '10.0.0.11' }),
      'gpu-2': aNodeMemory({ address: '10.0.0.12', bootId: oldBoot }),
    },
    reboots: {},
    last: { targetsDown: [], targets: 3, badPods: [], deadPods: 0 },
    ...overrides,
  };
}

export function aNodeMemory(overrides: Partial<NodeMemory> = {}): NodeMemory {
  return {
    bootId: labBoot,
    bootedAt: boot - 86_400 * second,
    address: '10.0.0.11',
    kernel: '6.8.0-94-generic',
    kubelet: 'v1.36.2',
    runtime: 'containerd://2.3.4',
    driver: '580.173.02',
    gpus: 8,
    ready: true,
    ...overrides,
  };
}

/** Looks at the lab at each of some seconds after the boot. */
export function walk(
  seconds: readonly number[],
  options: { readonly memory?: ContextMemory; readonly began?: number; readonly at?: (second: number) => ClusterSnapshot } = {},
): Walk {
  const { memory = aMemory(), began = seconds[0] ?? 0, at = labAt } = options;
  let track: Track = nothingTracked;
  const seen: NodeRecovery[] = [];
  for (const each of seconds) {
    const look = boot + each * second;
    track = tracked(track, { snapshot: at(each), memory, visitBegan: boot + began * second, now: look });
    const [first] = recoveryOf(track, look).nodes;
    if (first !== undefined) seen.push(first);
  }
  return { track, seen, last: seen.at(-1) ?? null, all: recoveryOf(track, boot + (seconds.at(-1) ?? 0) * second).nodes };
}

export interface Walk {
  readonly track: Track;
  /** The first node of each look that had one. */
  readonly seen: readonly NodeRecovery[];
  readonly last: NodeRecovery | null;
  readonly all: readonly NodeRecovery[];
}

/** `ssh +38`, `device-plugin waiting for node Ready`: a step in a word or two. */
export function told({ id, status, sinceBootMs, waitsFor, exact }: RecoveryStep): string {
  if (status === 'done') return `${id} ${sinceBootMs === null ? 'done' : `${exact ? '' : '~'}+${Math.round(sinceBootMs / 1000)}`}`;
  return status === 'waiting' ? `${id} waits for ${waitsFor}` : `${id} ${status}`;
}

export function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const inOrder = {
  failedUnits: known([]),
  rebootRequired: known(false),
  certificates: known([]),
  kubeconfigs: known([]),
  modules: known(['nvidia', 'nvidia_uvm', 'br_netfilter', 'overlay']),
  driver: known({ module: '580.173.02', library: '580.173.02', nextKernel: null }),
  runtimeBinaries: known([
    { path: '/usr/bin/containerd', version: '2.3.4' },
    { path: '/usr/bin/runc', version: '1.3.0' },
  ]),
};
