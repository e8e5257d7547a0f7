import { at, number, text } from '../kube/json.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { readObject, type WorkloadPlace } from './cluster-reading.js';
import type { World } from './operation.js';
import { askUntil } from './verification.js';

/** What a rollout still lacks, from the object itself: its generation says whether the numbers are of the new template. Null once all of it runs. */
export function missingRollout(object: unknown, { words, kind }: WorkloadPlace): string | null {
  if (object === null) return `${words} is gone`;
  const status = (name: string) => number(at(object, 'status', name)) ?? 0;
  if (status('observedGeneration') < (number(at(object, 'metadata', 'generation')) ?? 0)) return `${words}: its controller has not looked at it yet`;
  const daemons = kind === 'DaemonSet';
  const desired = daemons ? status('desiredNumberScheduled') : (number(at(object, 'spec', 'replicas')) ?? 1);
  const updated = status(daemons ? 'updatedNumberScheduled' : 'updatedReplicas');
  const ready = status(daemons ? 'numberReady' : 'readyReplicas');
  const total = status(daemons ? 'currentNumberScheduled' : 'replicas');
  if (updated < desired) return `${words}: ${updated} of ${desired} pods are new`;
  if (ready < desired) return `${words}: ${ready} of ${desired} pods are ready`;
  return total > desired ? `${words}: ${total - desired} old pods still run` : null;
}

/** Waits until the workload runs as its template says now. */
export function rolledOut(world: World, signal: AbortSignal, place: WorkloadPlace, { within, goal }: { readonly within: number; readonly goal: string }) {
  return askUntil(signal, { within, goal, read: () => readObject(world, place.path), missing: (object) => missingRollout(object, place) });
}

export type UpdateStrategy = 'RollingUpdate' | 'Recreate' | 'OnDelete';

export function updateStrategy(object: unknown): UpdateStrategy {
  const type = text(at(object, 'spec', 'updateStrategy', 'type')) ?? text(at(object, 'spec', 'strategy', 'type'));
  return type === 'Recreate' || type === 'OnDelete' ? type : 'RollingUpdate';
}

/** What has to be known before a workload's pods are replaced: who else changes it, and what keeps new pods from coming. */
export function rolloutWarnings(object: unknown, place: WorkloadPlace, snapshot: ClusterSnapshot): readonly string[] {
  const release = text(at(object, 'metadata', 'annotations', 'meta.helm.sh/release-name'));
  const owner = ownerKind(object);
  const pods = number(at(object, 'spec', 'replicas')) ?? number(at(object, 'status', 'desiredNumberScheduled')) ?? 0;
  const strategy = updateStrategy(object);
  const stuck = place.kind === 'Deployment' && strategy === 'RollingUpdate' && lacksGpus(object, snapshot);
  return [
    ...(release === null ? [] : [`Helm release ${release} made it: change its values too, or the next upgrade takes this back`]),
    ...(owner === null ? [] : [`a ${owner} owns it and may take the change back`]),
    ...(strategy === 'OnDelete' ? ['its update strategy is OnDelete: each pod changes only once it is deleted'] : []),
    ...(strategy === 'Recreate' && pods > 0 ? [`all ${pods} pods stop before the new ones start (strategy Recreate)`] : []),
    ...(stuck ? ['it starts a new pod before it stops an old one, and no GPU is free: the rollout will wait for ever (strategy Recreate would not)'] : []),
  ];
}

function ownerKind(object: unknown): string | null {
  const owners = at(object, 'metadata', 'ownerReferences');
  return Array.isArray(owners) ? text(at(owners[0], 'kind')) : null;
}

/** Whether a pod more than now would find no GPU, and none is given up first. */
function lacksGpus(object: unknown, { gpus }: ClusterSnapshot): boolean {
  const containers = at(object, 'spec', 'template', 'spec', 'containers');
  const wanted = (Array.isArray(containers) ? containers : []).reduce<number>(
    (sum, container) => sum + (Number(at(container, 'resources', 'limits', 'nvidia.com/gpu')) || 0),
    0,
  );
  if (wanted === 0 || gpus.value === null || gpus.value.total.free >= wanted) return false;
  const replicas = number(at(object, 'spec', 'replicas')) ?? 1;
  const unavailable = at(object, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable') ?? '25%';
  const share = /^(\d+)%$/.exec(String(unavailable))?.[1];
  return share === undefined ? Number(unavailable) === 0 : Math.floor((replicas * Number(share)) / 100) === 0;
}
