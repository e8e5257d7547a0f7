import { describe, expect, it } from 'vitest';
import { median } from '../../../src/checks/recovery/chain.js';
import { rebootMemory } from '../../../src/checks/recovery/track.js';
import { absent, live } from '../../../src/state/freshness.js';
import { known } from '../../builders/host.js';
import { crashing, daemonSets, pending, pods } from '../lab.js';
import { aMemory, aNodeMemory, boot, labAt, newBoot, oldBoot, range, told, walk, withoutApi } from './rebooting.js';

const stepOf = (walked: ReturnType<typeof walk>, id: string) => walked.last?.steps.find((step) => step.id === id);

describe('the way back of a rebooted node', () => {
  it('fills step by step, each with its time since boot', () => {
    const { last } = walk(range(-20, 130));
    expect(last).toMatchObject({ node: 'gpu-2', bootId: newBoot, bootedAt: boot, because: 'boot-id', seenBy: null });
    expect(last?.steps.map(told)).toEqual([
      'ssh ~+38',
      'driver ~+38',
      'runtime ~+38',
      'kubelet ~+52',
      'node-ready +62',
      'pod-network +80',
      'dns done',
      'device-plugin +90',
      'gpus ~+95',
      'exporters +100',
      'targets ~+115',
      'workloads +120',
    ]);
    expect(last?.completeAt).toBe(boot + 120_000);
  });

  it('says at each moment what is next and what waits for it', () => {
    const { seen } = walk(range(-20, 70));
    const at = (second: number) => seen[second + 20]?.steps.map(told);
    expect(at(-10)?.slice(0, 5)).toEqual([
      'ssh open',
      'driver waits for SSH answers',
      'runtime waits for SSH answers',
      'kubelet waits for SSH answers',
      'node-ready waits for kubelet',
    ]);
    expect(at(40)?.slice(0, 5)).toEqual(['ssh ~+38', 'driver ~+38', 'runtime ~+38', 'kubelet open', 'node-ready waits for kubelet']);
    expect(at(66)?.slice(4)).toEqual([
      'node-ready +62',
      'pod-network open',
      'dns done',
      'device-plugin waits for pod network (calico)',
      'gpus waits for device plugin',
      'exporters waits for pod network (calico)',
      'targets waits for pod network (calico)',
      'workloads waits for pod network (calico)',
    ]);
  });

  it('lets branches that do not need each other go on side by side', () => {
    const { last } = walk(range(-20, 130), { at: (second) => labAt(second, { plugin: 999, gpus: 999, workload: 118 }) });
    expect(last?.steps.map(told).slice(6)).toEqual([
      'dns done',
      'device-plugin open',
      'gpus waits for device plugin',
      'exporters +100',
      'targets ~+115',
      'workloads +118',
    ]);
    expect(last?.completeAt).toBeNull();
  });

  it('is a node that is down until it is seen in a new boot', () => {
    const { seen } = walk(range(-20, 40));
    expect(seen[0]).toMatchObject({ because: 'down', bootId: null, bootedAt: null });
    expect(seen.at(-1)).toMatchObject({ because: 'boot-id', bootId: newBoot });
  });

  it('gives no time to a step that was done before anybody looked, unless the cluster itself tells it', () => {
    const { last } = walk(range(70, 130));
    expect(last?.steps.map(told)).toEqual([
      'ssh done',
      'driver done',
      'runtime done',
      'kubelet done',
      'node-ready +62',
      'pod-network +80',
      'dns done',
      'device-plugin +90',
      'gpus ~+95',
      'exporters +100',
      'targets ~+115',
      'workloads +120',
    ]);
  });

  it('takes the time of a unit from systemd, whoever looked', () => {
    const services = known([
      { name: 'containerd', enabled: 'enabled', active: 'active', activeSinceBootMs: 41_000 },
      { name: 'kubelet', enabled: 'enabled', active: 'active', activeSinceBootMs: 44_000 },
    ]);
    const told = (second: number) => {
      const snapshot = labAt(second);
      const host = snapshot.hosts.value?.get('gpu-2');
      if (host?.facts == null) return snapshot;
      return labAt(second, {}, { hosts: live(new Map([['gpu-2', { ...host, facts: { ...host.facts, services } }]]), snapshot.at) });
    };
    const walked = walk(range(70, 130), { at: told });
    expect([stepOf(walked, 'runtime'), stepOf(walked, 'kubelet')]).toMatchObject([
      { sinceBootMs: 41_000, exact: true },
      { sinceBootMs: 44_000, exact: true },
    ]);
  });

  it('names the one cause where it will not come by itself, and what waits for it', () => {
    const stuck = (second: number) => labAt(second, { plugin: 999, gpus: 999, exporters: 999, targets: 999, workload: 999 });
    const broken = (second: number) => {
      const snapshot = stuck(second);
      if (second < 85) return snapshot;
      return labAt(
        second,
        { plugin: 999, gpus: 999, targets: 999 },
        {
          daemonSets: daemonSets({ 'nvidia-device-plugin-daemonset': { ready: 2 }, 'dcgm-exporter': { ready: 2 } }),
          pods: pods({
            'nvidia-device-plugin-daemonset-gpu-2': crashing,
            'dcgm-exporter-gpu-2': crashing,
            'whisper-inference-5f6d7c8b9-q4w2e': {
              ...pending('0/3 nodes are available: 1 Insufficient nvidia.com/gpu.'),
              deviceRequests: new Map([['nvidia.com/gpu', 1]]),
            },
          }),
        },
      );
    };
    const walked = walk(range(-20, 130), { at: broken });
    expect(walked.last?.steps.map(told).slice(7)).toEqual([
      'device-plugin failed',
      'gpus waits for device plugin',
      'exporters waits for device plugin',
      'targets waits for exporters',
      'workloads waits for device plugin',
    ]);
    expect(stepOf(walked, 'device-plugin')?.fact).toMatch(
      /^gpu-2 registers 0 of 8 GPUs: its device plugin runs without the nvidia runtime class \(CrashLoopBackOff, 7 restarts\)/,
    );
  });

  it('is not called failed while it takes no longer than it may', () => {
    expect(stepOf(walk(range(-20, 88), { at: (second) => labAt(second, { plugin: 999 }) }), 'device-plugin')?.status).toBe('open');
    expect(stepOf(walk(range(-20, 180), { at: (second) => labAt(second, { plugin: 999 }) }), 'device-plugin')?.status).toBe('failed');
  });

  it('leaves out what the node does not have', () => {
    const plain = (second: number) =>
      labAt(
        second,
        {},
        { hosts: absent('no machine could be looked at'), targets: absent('no Prometheus found'), daemonSets: daemonSets({ 'dcgm-exporter': { desired: 0 } }) },
      );
    const memory = aMemory({ nodes: { 'gpu-2': aNodeMemory({ bootId: oldBoot }) } });
    const { last } = walk(range(-20, 130), { at: plain, memory });
    expect(last?.steps.map(({ id, status }) => `${id} ${status}`).slice(0, 4)).toEqual(['ssh skipped', 'driver skipped', 'runtime done', 'kubelet done']);
    expect(last?.steps.some(({ id }) => id === 'exporters' || id === 'targets')).toBe(false);
    expect(last?.steps[0]?.fact).toBe('no machine could be looked at');
    expect(last).toMatchObject({ bootId: newBoot, bootedAt: null });
  });

  it('waits for the pod network where that is what the node says it lacks', () => {
    const lacking = (second: number) => {
      const snapshot = labAt(second, { network: 999, ready: 999 });
      const node = snapshot.nodes.value?.get('gpu-2');
      if (node === undefined || second < 52) return snapshot;
      const conditions = node.conditions.map((condition) => ({
        ...condition,
        status: 'False' as const,
        message: 'container runtime network not ready: cni plugin not initialized',
      }));
      return labAt(
        second,
        { network: 999, ready: 999 },
        {
          nodes: {
            ...snapshot.nodes,
            value: new Map([...(snapshot.nodes.value ?? []), ['gpu-2', { ...node, conditions }]]),
            freshness: { status: 'live', at: snapshot.at },
          },
        },
      );
    };
    expect(walk(range(-20, 70), { at: lacking }).last?.steps.map(told).slice(4, 6)).toEqual(['node-ready waits for pod network (calico)', 'pod-network open']);
  });
});

describe('reboots since the last visit', () => {
  it('are counted where the events still tell of them', () => {
    const event = (id: string, ago: number) => ({
      ...{
        uid: id,
        namespace: 'default',
        name: id,
        type: 'Warning' as const,
        reason: 'Rebooted',
        source: 'kubelet',
        count: 1,
        firstAt: boot - ago,
        lastAt: boot - ago,
      },
      message: `Node gpu-2 has been rebooted, boot id: ${id}`,
      object: { kind: 'Node', namespace: null, name: 'gpu-2' },
    });
    const ids = ['00000000-0000-4000-8000-00000000000a', newBoot];
    const events = live(new Map(ids.map((id, index) => [id, event(id, 1000 - index)])), boot);
    const { track, last } = walk(range(200, 210), { at: (second) => labAt(second, {}, { events }) });
    expect(track.nodes.get('gpu-2')?.rebootsBefore).toBe(2);
    expect(last).toMatchObject({ bootId: newBoot, bootedAt: boot });
  });

  it('are one where only the boot id is another', () => {
    expect(walk(range(200, 210)).track.nodes.get('gpu-2')?.rebootsBefore).toBe(1);
  });
});

describe('how long a step usually takes', () => {
  it('is the median of earlier reboots of the node', () => {
    const reboots = [80_000, 95_000, 70_000].map((gpus, index) => ({
      bootId: `boot-${index}`,
      bootedAt: boot - (9 - index) * 86_400_000,
      steps: { gpus, ssh: 35_000 },
    }));
    const walked = walk(range(-20, 130), { memory: aMemory({ reboots: { 'gpu-2': reboots } }) });
    expect(stepOf(walked, 'gpus')?.usualMs).toBe(80_000);
    expect(stepOf(walked, 'ssh')?.usualMs).toBe(35_000);
    expect(stepOf(walked, 'targets')?.usualMs).toBeNull();
    expect(median([80, 90])).toBe(85);
  });

  it('is learned from each reboot that is over, once', () => {
    const { track } = walk(range(-20, 130));
    const own = track.nodes.get('gpu-2');
    expect(own === undefined ? null : rebootMemory(own)).toEqual({
      bootId: newBoot,
      bootedAt: boot,
      steps: {
        ssh: 38_000,
        driver: 38_000,
        runtime: 38_000,
        kubelet: 52_000,
        'node-ready': 62_000,
        'pod-network': 80_000,
        'device-plugin': 90_000,
        gpus: 95_000,
        exporters: 100_000,
        targets: 115_000,
        workloads: 120_000,
      },
    });
  });
});

describe('while the API server refuses', () => {
  it('is told by SSH alone, from the first look at machines of the last visit', () => {
    const { seen } = walk(range(36, 46), { at: (second) => withoutApi(labAt(second)) });
    expect(seen[0]).toMatchObject({ because: 'down', seenBy: 'API server refused, and the machine does not answer over SSH' });
    expect(seen.at(-1)).toMatchObject({ bootId: newBoot, seenBy: 'API server refused, seen over SSH: kubelet active, containerd active' });
    expect(seen.at(-1)?.steps.map(told)).toEqual([
      'ssh ~+38',
      'driver ~+38',
      'runtime ~+38',
      'kubelet ~+44',
      'api-server open',
      'node-ready waits for API server',
      'pod-network waits for API server',
      'dns waits for node Ready',
      'device-plugin waits for node Ready',
      'gpus waits for node Ready',
      'exporters waits for node Ready',
      'targets waits for node Ready',
      'workloads waits for node Ready',
    ]);
  });

  it('keeps the times it saw, and goes on with the API server when that is back', () => {
    const { last } = walk(range(36, 130), { at: (second) => (second < 58 ? withoutApi(labAt(second)) : labAt(second)) });
    expect(last?.steps.map(told).slice(0, 6)).toEqual(['ssh ~+38', 'driver ~+38', 'runtime ~+38', 'kubelet ~+44', 'api-server ~+58', 'node-ready +62']);
    expect(last?.seenBy).toBeNull();
    expect(last?.completeAt).not.toBeNull();
  });
});

describe('pods that change in the list they are kept in', () => {
  it('are seen as they are now', () => {
    const kept = new Map(labAt(70).pods.value ?? []);
    const at = (second: number) => {
      for (const [key, pod] of labAt(second).pods.value ?? []) kept.set(key, pod);
      return labAt(second, {}, { pods: live(kept, boot + second * 1000) });
    };
    expect(walk(range(70, 130), { at }).last?.completeAt).toBe(boot + 120_000);
  });
});
