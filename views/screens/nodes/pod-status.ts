import type { Pod } from '../../../src/state/pods.js';

/** A pod's state as kubectl's STATUS column puts it, and how much it matters. `dim` is on its way without trouble. */
export interface PodStatus {
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
}

export function podStatus(pod: Pod): PodStatus {
  if (pod.deletedAt !== null) return { text: 'Terminating', tone: 'warn' };
  const stuck =
    pod.containers.find(({ state, reason }) => state === 'waiting' && reason !== null && !harmlessWaits.has(reason)) ??
    pod.containers.find(({ state, exitCode, init }) => state === 'terminated' && exitCode !== 0 && !init);
  if (stuck?.reason !== undefined && stuck.reason !== null) return { text: stuck.reason, tone: 'bad' };
  if (pod.unschedulable !== null) return { text: pod.unschedulable.reason, tone: 'bad' };
  switch (pod.phase) {
    case 'Running':
      return pod.ready?.status === 'True' ? { text: 'Running', tone: 'good' } : { text: 'Running, not ready', tone: 'warn' };
    case 'Pending': {
      const waiting = pod.containers.find(({ state }) => state === 'waiting')?.reason;
      return { text: waiting ?? pod.reason ?? 'Pending', tone: 'warn' };
    }
    case 'Succeeded':
      return { text: 'Completed', tone: 'dim' };
    case 'Failed':
      return { text: pod.reason ?? 'Failed', tone: 'bad' };
    case 'Unknown':
      return { text: pod.reason ?? 'Unknown', tone: 'bad' };
  }
}

const harmlessWaits = new Set(['ContainerCreating', 'PodInitializing']);

export function podRestarts(pod: Pod): number {
  return pod.containers.reduce((sum, { restarts }) => sum + restarts, 0);
}

/** Devices the pod asks for, of any kind. */
export function podGpus(pod: Pod): number {
  return pod.deviceRequests === null ? 0 : [...pod.deviceRequests.values()].reduce((sum, amount) => sum + amount, 0);
}
