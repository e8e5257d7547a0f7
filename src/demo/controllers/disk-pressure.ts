import type { KubeObject } from '../api/object-store.js';
import { at, listAt, numberAt, textAt } from '../fields.js';
import { rootDisk } from '../monitoring/model/root-disk.js';
import { type Machine, source } from './machines.js';
import { controllerOf, stamp, statusOf, withCondition } from './objects.js';
import { isActive } from './pod-state.js';
import type { World } from './world.js';

/** nodefs.available, at which the kubelet begins to evict. */
export const pressureThreshold = 0.1;
/** evictionPressureTransitionPeriod: five minutes in life, nobody waits that long for a demo. */
export const pressureEndsMs = 15_000;
export const evictionEveryMs = 40_000;
/** How long a kubelet under pressure takes to turn down a pod that it was given. */
export const refusalMs = 12_000;

/** Part of a machine's root file system that is available, 0 to 1. */
export function availableShare(machine: Machine, now: number): number {
  const { size, available } = rootDisk(machine.name, machine);
  return available(now / 1000) / size;
}

/** Evicts one pod of a machine that ran out of disk; the system's own are spared, and daemons, which use next to nothing. */
export function evictOne(world: World, machine: Machine): void {
  const pod = world.pods.onNode(machine.name).find((each) => isEvictable(each) && textAt(each, 'status', 'phase') === 'Running');
  if (pod === undefined) return;
  const [container] = listAt(pod, 'spec', 'containers');
  const { size, available } = rootDisk(machine.name, machine);
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)}Ki`;
  const used = `Container ${textAt(container, 'name') ?? 'main'} was using ${kilobytes(612_000 + Math.floor(world.random() * 9e8))}, request is 0, has larger consumption of ephemeral-storage. `;
  const free = available(world.clock.now() / 1000);
  const message = `The node was low on resource: ephemeral-storage. Threshold quantity: ${kilobytes(size * pressureThreshold)}, available: ${kilobytes(free)}. ${used}`;
  world.events.record(pod, 'Warning', 'Evicted', message, source(machine));
  const node = world.store.get('nodes', machine.name);
  if (node !== null) world.events.record(node, 'Warning', 'EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', source(machine));
  writeEvicted(world, pod, message);
}

/** A kubelet under pressure does not even begin with a pod: it fails at once. */
export function refuseUnderPressure(world: World, pod: KubeObject, machine: Machine): void {
  const message = 'Pod was rejected: The node had condition: [DiskPressure]. ';
  world.events.record(pod, 'Warning', 'Evicted', 'The node had condition: [DiskPressure]. ', source(machine));
  writeEvicted(world, pod, message);
}

/** Whether the eviction manager may take a pod: not one that is critical, static, or of a DaemonSet. */
export function isEvictable(pod: KubeObject): boolean {
  const kind = controllerOf(pod)?.kind;
  return isActive(pod) && (kind === 'ReplicaSet' || kind === 'StatefulSet') && (numberAt(pod, 'spec', 'priority') ?? 0) < 2_000_000_000;
}

function writeEvicted(world: World, pod: KubeObject, message: string): void {
  const now = world.clock.now();
  const target = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, lastProbeTime: null };
  const conditions = withCondition(pod, { type: 'Ready', status: 'False', reason: 'PodFailed', lastProbeTime: null }, now);
  const { containerStatuses: _, initContainerStatuses: __, podIP: ___, podIPs: ____, ...status } = statusOf(pod);
  world.store.update('pods', {
    ...pod,
    status: {
      ...status,
      phase: 'Failed',
      reason: 'Evicted',
      message,
      startTime: at(pod, 'status', 'startTime') ?? stamp(now),
      conditions: [{ ...target, lastTransitionTime: stamp(now) }, ...conditions],
    },
  });
}
