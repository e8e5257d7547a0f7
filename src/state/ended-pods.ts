/** Pods that have ended and still lie about, as somebody who looks at them sees them. */
export interface EndedPodInventory {
  /** When it was read, ms since the epoch. */
  readonly at: number;
  /** By namespace, owner, reason and node, largest first. */
  readonly groups: readonly EndedPodGroup[];
  /** Nodes that run short of something now, so that more pods will be evicted there. */
  readonly pressures: readonly NodePressure[];
  /** From how many ended pods on the controller-manager deletes the oldest itself (terminated-pod-gc-threshold), and whether that was read or is its default; 0: never. */
  readonly collector: { readonly threshold: number; readonly known: boolean };
}

export interface EndedPodGroup {
  /** Names the group in a wish to clean it up. */
  readonly id: string;
  readonly namespace: string;
  /** `deployment whisper`, `daemonset dcgm-exporter`, `job train-1`, `no owner`. */
  readonly owner: string;
  /** `Evicted`, `Error`, `Completed`; '' where nothing says. */
  readonly reason: string;
  readonly node: string | null;
  readonly fate: Fate;
  /** "replaced by 3 running pods of deployment whisper". */
  readonly words: string;
  /** How many pods run in their place. */
  readonly running: number;
  /** When each of them ended, ms since the epoch, oldest first; without those that are being deleted already. */
  readonly endedAt: readonly number[];
  readonly terminating: number;
}

/**
 * What became of the work of ended pods. replaced: other pods of the owner run. unreplaced: none does. history: pods of Jobs, which are their record. bare: nothing makes
 * them anew.
 */
export type Fate = 'replaced' | 'unreplaced' | 'history' | 'bare';

export interface NodePressure {
  readonly node: string;
  /** `DiskPressure`, `MemoryPressure`, `PIDPressure`. */
  readonly type: string;
  readonly since: number | null;
}

/** How many pods of these groups a clean-up would delete: of each owner the newest `keep` stay, and what has ended after `olderThanMs` before `now`. */
export function wouldGo(groups: readonly EndedPodGroup[], choice: { readonly olderThanMs: number; readonly keep: number; readonly now: number }): number {
  const { olderThanMs, keep, now } = choice;
  const latest = now - olderThanMs;
  if (keep === 0) return groups.reduce((sum, { endedAt }) => sum + upTo(endedAt, latest), 0);
  const owners = new Map<string, number[]>();
  for (const { namespace, owner, endedAt } of groups) {
    const key = `${namespace}\n${owner}`;
    const all = owners.get(key) ?? [];
    for (const moment of endedAt) all.push(moment);
    owners.set(key, all);
  }
  let sum = 0;
  for (const moments of owners.values()) sum += upTo(moments.sort((a, b) => a - b).slice(0, Math.max(0, moments.length - keep)), latest);
  return sum;
}

/** How many of these moments, in order, are not after `latest`. */
function upTo(moments: readonly number[], latest: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? 0) <= latest) low = middle + 1;
    else high = middle;
  }
  return low;
}
