import type { Slice } from '../state/freshness.js';
import type { Pod } from '../state/pods.js';
import type { Collection } from '../state/snapshot.js';
import { ownerTag } from './pod-links.js';

/** What the checks need of the pods, found in one pass: with 10,000 pods each check looks at the few that matter. */
export interface PodIndex {
  /** Not simply Running and Ready, in the order of their keys. */
  readonly troubled: readonly Pod[];
  /** Pods of DaemonSets, by `namespace/name` of the DaemonSet. */
  readonly byDaemonSet: ReadonlyMap<string, readonly Pod[]>;
  /** The troubled ones by the tag of their owner, `deployment/ai/whisper-inference`. */
  readonly troubledByOwner: ReadonlyMap<string, readonly Pod[]>;
  /** Mirrors of static pods, by node. */
  readonly mirrors: ReadonlyMap<string, readonly Pod[]>;
}

/** The index of a pods slice; worked out once per slice, so a cluster at rest costs nothing. */
export function podIndex(slice: Slice<Collection<Pod>>): PodIndex | null {
  if (slice.value === null || slice.freshness.status !== 'live') return null;
  const known = indexes.get(slice);
  if (known !== undefined) return known;
  const index = indexOf(slice.value);
  indexes.set(slice, index);
  return index;
}

/** Ready, or without need to be: what counts as a pod in order. */
export function isReady(pod: Pod): boolean {
  return pod.phase === 'Running' && pod.ready?.status === 'True' && pod.deletedAt === null;
}

const indexes = new WeakMap<Slice<Collection<Pod>>, PodIndex>();

function indexOf(pods: Collection<Pod>): PodIndex {
  const troubled: Pod[] = [];
  const byDaemonSet = new Map<string, Pod[]>();
  const mirrors = new Map<string, Pod[]>();
  for (const pod of pods.values()) {
    if (!isReady(pod) || pod.containers.some((container) => container.state === 'waiting')) troubled.push(pod);
    if (pod.owner?.kind === 'DaemonSet') put(byDaemonSet, `${pod.namespace}/${pod.owner.name}`, pod);
    if (pod.mirror && pod.nodeName !== null) put(mirrors, pod.nodeName, pod);
  }
  const troubledByOwner = new Map<string, Pod[]>();
  for (const pod of troubled) {
    const owner = ownerTag(pod);
    if (owner !== null) put(troubledByOwner, owner, pod);
  }
  return { troubled, troubledByOwner, byDaemonSet, mirrors };
}

function put(map: Map<string, Pod[]>, key: string, pod: Pod): void {
  const pods = map.get(key);
  if (pods === undefined) map.set(key, [pod]);
  else pods.push(pod);
}
