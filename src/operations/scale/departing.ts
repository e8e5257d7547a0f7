import type { PlacementPod } from '../../kube/placement-pod.js';

/**
 * The pods that go when there are too many, first the first to go. A StatefulSet gives up its highest numbers; all others go by the ReplicaSet controller's
 * ranking (ActivePodsWithRanks): without a node, Pending, not ready, cheap to delete, on a node with many of its kind, ready for a short time, restarted often, young.
 */
export function departing(kind: string, pods: readonly PlacementPod[], amount: number): readonly PlacementPod[] {
  if (amount <= 0) return [];
  if (kind === 'StatefulSet') return [...pods].sort((a, b) => ordinalOf(b) - ordinalOf(a)).slice(0, amount);
  const together = new Map<string, number>();
  for (const { nodeName } of pods) if (nodeName !== null) together.set(nodeName, (together.get(nodeName) ?? 0) + 1);
  const rank = (pod: PlacementPod) => [
    pod.nodeName === null ? 0 : 1,
    pod.phase === 'Pending' ? 0 : pod.phase === 'Unknown' ? 1 : 2,
    pod.ready ? 1 : 0,
    pod.deletionCost,
    -(together.get(pod.nodeName ?? '') ?? 0),
    -(pod.readySince ?? 0),
    -pod.restarts,
    -pod.createdAt,
  ];
  return [...pods].sort((a, b) => compareRanks(rank(a), rank(b))).slice(0, amount);
}

/** The number at the end of a StatefulSet's pod. */
export function ordinalOf({ name }: Pick<PlacementPod, 'name'>): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? -1);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
