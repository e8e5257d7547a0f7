import { describe, expect, it } from 'vitest';
import { absent, live } from '../../src/state/freshness.js';
import type { GpuDevice } from '../../src/state/gpu-devices.js';
import type { Pod } from '../../src/state/pods.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { ledgerRows, toneOf } from '../../views/screens/gpus/ledger-rows.js';
import { aHost, hostsOf, known, someFacts } from '../builders/host.js';
import { ledgerOf } from '../builders/lab.js';
import { aGpu, aLostGpu, aMachine, aMigGpu, anIdleGpu, aProcess, machines } from '../builders/machine-gpus.js';
import { aNode, aPod, aSnapshot, collection, now } from '../builders/snapshot.js';

const resnet = 'ai/resnet50-inference-7d9c5b8f4-x2x8p';

describe('the ledger of a node', () => {
  it('has nothing to say where every GPU that is asked for is used', () => {
    const row = rowOf({ gpus: 2, devices: [aGpu(), aGpu({ index: 1 })], pods: [aPod({ gpus: 2 })] });
    expect(row).toMatchObject({ physical: 2, used: 2, flags: [] });
    expect(row?.offered?.total).toMatchObject({ capacity: 2, allocatable: 2, requested: 2 });
  });

  it('counts a GPU that no longer answers as lost, and says what it said', () => {
    const row = rowOf({ gpus: 2, devices: [aGpu(), aLostGpu(1)], pods: [aPod({ gpus: 1 })] });
    expect(row?.flags.map(({ text }) => text)).toEqual(['1 lost']);
    expect(row?.flags[0]?.sentence).toBe('1 of 2 GPUs answer nvidia-smi (GPU 1: GPU is lost. Reboot the system to recover this GPU)');
  });

  it('misses a GPU that is on the bus but not in nvidia-smi', () => {
    const row = rowOf({ gpus: 1, devices: [aGpu()], pods: [aPod({ gpus: 1 })], hosts: hostsOf(aHost({ facts: someFacts({ pciGpus: known(2) }) })) });
    expect(row?.physical).toBe(2);
    expect(row?.flags.map(({ text }) => text)).toEqual(['1 lost']);
  });

  it('says what the kubelet does not offer, and what the plugin calls unhealthy', () => {
    expect(texts({ gpus: 1, devices: [aGpu(), anIdleGpu({ index: 1 })], pods: [aPod({ gpus: 1 })] })).toEqual(['1 not offered']);
    expect(texts({ gpus: 1, capacity: 2, devices: [aGpu(), anIdleGpu({ index: 1 })], pods: [aPod({ gpus: 1 })] })).toEqual(['1 unhealthy']);
  });

  it('names the pod that holds GPUs and leaves them idle', () => {
    const idler = aPod({ name: 'notebook-0', gpus: 1 });
    const row = rowOf({ gpus: 2, devices: [aGpu(), anIdleGpu({ index: 1 })], pods: [aPod({ gpus: 1 }), idler] });
    expect(row?.flags[0]).toMatchObject({ text: '1 idle but allocated', sentence: '1 of 2 requested is not used: ai/notebook-0 holds 1', tone: 'warn' });
  });

  it('names what uses a GPU that the scheduler gave to nobody', () => {
    const stray = aGpu({ processes: [aProcess({ pod: null, name: '/usr/bin/python3' })] });
    const row = rowOf({ gpus: 1, devices: [stray], pods: [] });
    expect(row?.flags[0]).toMatchObject({ text: '1 used, not allocated', sentence: '1 in use that no pod asked for: /usr/bin/python3' });
  });

  it('finds a pod that uses a GPU without asking for one', () => {
    expect(texts({ gpus: 1, devices: [aGpu()], pods: [aPod()] })).toEqual(['1 used, not allocated']);
  });

  it('does not take a desktop for use', () => {
    const desktop = anIdleGpu({ processes: [aProcess({ type: 'G', name: '/usr/lib/xorg/Xorg', pod: null, usedMiB: 300 })] });
    expect(rowOf({ gpus: 1, devices: [desktop], pods: [] })).toMatchObject({ used: 0, flags: [] });
  });

  it('knows time-slicing by its label and counts pods, not boards', () => {
    const shared = aGpu({ processes: [aProcess({ pod: resnet }), aProcess({ pid: 2, pod: 'ai/other' })] });
    const labels = new Map([['nvidia.com/gpu.replicas', '4']]);
    const pods = [aPod({ gpus: 1 }), aPod({ name: 'other', gpus: 1 })];
    expect(texts({ gpus: 4, devices: [shared], pods, labels })).toEqual(['time-sliced ×4']);
    expect(texts({ gpus: 4, devices: [shared], pods: [...pods, aPod({ name: 'third', gpus: 1 })], labels })).toEqual([
      '1 idle but allocated',
      'time-sliced ×4',
    ]);
  });

  it('counts MIG devices where the scheduler does', () => {
    const labels = new Map([['nvidia.com/mig.strategy', 'single']]);
    const row = rowOf({ gpus: 14, devices: [aMigGpu(0, 7), aMigGpu(1, 2)], pods: [aPod({ gpus: 9 })], labels });
    expect(row).toMatchObject({ physical: 2, used: 9 });
    expect(row?.flags.map(({ text }) => text)).toEqual(['MIG, 14 slices']);
    expect(texts({ gpus: 2, devices: [aMigGpu(0, 7), aMigGpu(1, 2)], pods: [aPod({ gpus: 2 })] })).toEqual(['MIG, 14 slices']);
  });

  it('puts a question mark, never a nought, where the machine cannot be seen', () => {
    const lost = aHost({ contact: { status: 'lost', since: now, why: 'connection refused', fix: 'start sshd', nextTryAt: now }, facts: null });
    const row = rowOf({ gpus: 8, devices: null, pods: [aPod({ gpus: 8 })], hosts: hostsOf(lost) });
    expect(row).toMatchObject({ physical: null, used: null, sight: { seen: false, why: 'connection refused', fix: 'start sshd' } });
    expect(row === undefined ? '' : toneOf(row)).toBe('warn');
  });

  it('says in two words what ails nvidia-smi', () => {
    const why = 'Failed to initialize NVML: Driver/library version mismatch';
    const row = rowsOf({ machineGpus: machines(aMachine('gpu-1', [], { report: { status: 'library-mismatch', why } })), ...api(8, 8, [], new Map()) })[0];
    expect(row?.flags).toMatchObject([{ text: 'driver mismatch', sentence: why, tone: 'bad' }]);
  });

  it('does not know use where a GPU tells neither load nor memory', () => {
    const mute = anIdleGpu({ utilization: { gpuPercent: null, memoryPercent: null }, memory: { totalMiB: null, usedMiB: null, freeMiB: null } });
    expect(rowOf({ gpus: 1, devices: [mute], pods: [aPod({ gpus: 1 })] })).toMatchObject({ used: null, flags: [] });
  });

  it('holds machines outside the cluster too', () => {
    expect(rowsOf({ machineGpus: machines(aMachine('workstation', [aGpu()])) })).toMatchObject([{ name: 'workstation', offered: null, physical: 1, used: 1 }]);
  });
});

interface Given {
  readonly gpus: number;
  readonly capacity?: number;
  readonly devices: readonly GpuDevice[] | null;
  readonly pods: readonly Pod[];
  readonly labels?: ReadonlyMap<string, string>;
  readonly hosts?: ClusterSnapshot['hosts'];
}

function rowOf({ gpus, capacity = gpus, devices, pods, labels = new Map(), hosts = absent('no SSH') }: Given) {
  return rowsOf({ ...api(gpus, capacity, pods, labels), hosts, machineGpus: devices === null ? machines() : machines(aMachine('gpu-1', devices)) })[0];
}

function api(gpus: number, capacityGpus: number, pods: readonly Pod[], labels: ReadonlyMap<string, string>) {
  const nodes = [aNode({ name: 'gpu-1', gpus, capacityGpus, labels })];
  return { nodes: collection(...nodes), pods: collection(...pods), gpus: live(ledgerOf(nodes, pods), now) };
}

function texts(given: Given) {
  return rowOf(given)?.flags.map(({ text }) => text);
}

function rowsOf(parts: Partial<ClusterSnapshot>) {
  return ledgerRows(aSnapshot(parts));
}
