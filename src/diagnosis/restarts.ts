import type { Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/** Knows which pods had a container restarted while we watched. A count alone does not tell: after a reboot every pod has one more. */
export interface Restarts {
  /** Keys of the pods in which one was restarted in the last five minutes; `before` is the snapshot of the last call. */
  recent(snapshot: ClusterSnapshot, before: ClusterSnapshot | null, now: number): ReadonlySet<string>;
}

/** For so long a pod counts as in trouble, though it runs again. */
const recentMs = 5 * 60_000;

export function createRestarts(): Restarts {
  const times = new Map<string, number>();
  return {
    recent(snapshot, before, now) {
      const [pods, known] = [snapshot.pods.value, before?.pods.value ?? null];
      if (pods !== null && known !== null && pods !== known) {
        for (const [key, pod] of pods) {
          const old = known.get(key);
          if (old !== undefined && old !== pod && old.uid === pod.uid && restartsOf(pod) > restartsOf(old)) times.set(key, now);
        }
      }
      for (const [key, time] of times) if (now - time >= recentMs || pods?.has(key) === false) times.delete(key);
      return new Set(times.keys());
    },
  };
}

function restartsOf(pod: Pod): number {
  return pod.containers.reduce((sum, { restarts }) => sum + restarts, 0);
}
