import type { ContainerState, Pod } from '../state/pods.js';

/** Why a pod is not in order, as `kubectl get pods` words it: `CrashLoopBackOff`, `Init:ImagePullBackOff`, `Pending`, `NotReady`. */
export function podStatus(pod: Pod): string {
  if (pod.deletedAt !== null) return 'Terminating';
  const stuck = stuckContainer(pod);
  if (stuck !== null && stuck.reason !== null) return stuck.init ? `Init:${stuck.reason}` : stuck.reason;
  if (pod.reason !== null) return pod.reason;
  if (pod.phase === 'Running') return pod.ready?.status === 'True' ? 'Running' : 'NotReady';
  return pod.phase;
}

/** ` (CrashLoopBackOff, 7 restarts)`, or nothing where there is no more to say than that the pod is not ready. */
export function inBrackets(pod: Pod): string {
  const status = podStatusAndRestarts(pod);
  return status === 'NotReady' ? '' : ` (${status})`;
}

/** The status with the restarts that tell a loop from a first try: `CrashLoopBackOff, 7 restarts`. */
export function podStatusAndRestarts(pod: Pod): string {
  const restarts = pod.containers.reduce((most, container) => Math.max(most, container.restarts), 0);
  return restarts > 1 ? `${podStatus(pod)}, ${restarts} restarts` : podStatus(pod);
}

/** The container that holds the pod up: one that fails before one that only waits, init containers first. */
export function stuckContainer(pod: Pod): ContainerState | null {
  const held = pod.containers.filter((container) => container.state === 'waiting' || (container.state === 'terminated' && !container.ready && !container.init));
  return held.find((container) => container.reason !== null && !startingReasons.has(container.reason)) ?? held[0] ?? null;
}

/** Reasons of a waiting container that only mean "not yet". */
export const startingReasons: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** Whether waiting is all there is to do: it is being replaced, or it has only just begun and nothing has gone wrong yet. */
export function isUnderWay(pod: Pod, now: number): boolean {
  if (pod.deletedAt !== null) return now - pod.deletedAt < startMs;
  const reason = stuckContainer(pod)?.reason ?? null;
  if ((reason !== null && !startingReasons.has(reason)) || pod.containers.some(({ restarts }) => restarts > 0) || pod.nodeName === null) return false;
  const since = pod.startedAt ?? pod.createdAt;
  return since !== null && now - since < startMs;
}

/** A pod whose image is there starts in less. */
const startMs = 60_000;
