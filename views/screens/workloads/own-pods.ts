import type { Pod } from '../../../src/state/pods.js';
import type { Collection } from '../../../src/state/snapshot.js';

/** Living pods by the workload that keeps them, as `Deployment/ai/resnet50-inference`. */
export type PodsByWorkload = ReadonlyMap<string, readonly Pod[]>;

/** A Deployment's pods belong to its ReplicaSets, which are called after it and a hash of their template. */
export function podsByWorkload(pods: Collection<Pod> | null): PodsByWorkload {
  const byWorkload = new Map<string, Pod[]>();
  for (const pod of pods?.values() ?? []) {
    const key = keeperOf(pod);
    if (key === null) continue;
    const own = byWorkload.get(key);
    if (own === undefined) byWorkload.set(key, [pod]);
    else own.push(pod);
  }
  return byWorkload;
}

function keeperOf({ namespace, owner }: Pod): string | null {
  if (owner === null) return null;
  if (owner.kind === 'ReplicaSet') return `Deployment/${namespace}/${owner.name.replace(/-[a-z0-9]+$/, '')}`;
  return `${owner.kind}/${namespace}/${owner.name}`;
}
