import type { KubeObject } from '../api/object-store.js';
import { at, isFields, listAt, numberAt, textAt } from '../fields.js';
import { byKey, statusOf, withCondition, writeStatus } from './objects.js';
import type { World } from './world.js';

/**
 * Writes a Deployment's counts and its Available and Progressing conditions, in the words of the real controller (`kubectl rollout status`
 * reads them).
 * @param later called when the progress deadline may have passed.
 */
export function writeDeploymentStatus(world: World, key: string, sets: readonly KubeObject[], hash: string, later: () => void): void {
  const deployment = byKey(world.store, 'deployments.apps', key);
  if (deployment === null) return;
  const current = sets.find((set) => set.metadata.labels?.['pod-template-hash'] === hash) ?? null;
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const counts = {
    replicas: total(sets, 'replicas'),
    updatedReplicas: current === null ? 0 : total([current], 'replicas'),
    readyReplicas: total(sets, 'readyReplicas'),
    availableReplicas: total(sets, 'availableReplicas'),
  };
  const told = withConditions(world, deployment, current, wanted, counts, later).filter((condition) => textAt(condition, 'type') !== replicaFailure);
  // What a ReplicaSet says of pods that it may not create is said here, too, as long as it says so.
  const failure = listAt(current, 'status', 'conditions').find((condition) => textAt(condition, 'type') === replicaFailure);
  const lastUpdateTime = textAt(failure, 'lastTransitionTime');
  const conditions = isFields(failure) ? [...told, { ...failure, lastUpdateTime }] : told;
  writeStatus(world.store, 'deployments.apps', deployment, {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...nonZero({ ...counts, unavailableReplicas: Math.max(0, Math.max(wanted, counts.replicas) - counts.availableReplicas) }),
    conditions,
  });
}

const replicaFailure = 'ReplicaFailure';

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

function withConditions(world: World, deployment: KubeObject, current: KubeObject | null, wanted: number, counts: Counts, later: () => void): unknown[] {
  const now = world.clock.now();
  const minimum = wanted - maxUnavailable(deployment, wanted);
  const enough = counts.availableReplicas >= minimum;
  const available = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  };
  const between = { ...deployment, status: { ...statusOf(deployment), conditions: withCondition(deployment, available, now, { changed: 'lastUpdateTime' }) } };
  if (current === null) return between.status.conditions;
  const name = current.metadata.name;
  const progress = (status: string, reason: string, message: string) =>
    withCondition(between, { type: 'Progressing', status, reason, message }, now, { changed: 'lastUpdateTime' });
  const complete = counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  if (complete) return progress('True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`);
  const previous = listAt(deployment, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Progressing');
  const sameRollout = textAt(previous, 'message')?.includes(`"${name}"`) === true;
  // A finished rollout stays finished when one of its pods falls over later.
  if (sameRollout && textAt(previous, 'reason') === 'NewReplicaSetAvailable' && counts.updatedReplicas === counts.replicas) return between.status.conditions;
  const before = statusOf(deployment);
  const moved = counts.updatedReplicas > (numberAt(before, 'updatedReplicas') ?? 0) || counts.availableReplicas > (numberAt(before, 'availableReplicas') ?? 0);
  if (!sameRollout) return progress('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`);
  const deadline = (numberAt(deployment, 'spec', 'progressDeadlineSeconds') ?? 600) * 1000;
  const since = Date.parse(textAt(previous, 'lastUpdateTime') ?? '');
  if (!moved && now - since >= deadline) return progress('False', 'ProgressDeadlineExceeded', `ReplicaSet "${name}" has timed out progressing.`);
  world.clock.after(Math.max(1000, since + deadline - now), later);
  if (!moved) return between.status.conditions;
  const updated = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `ReplicaSet "${name}" is progressing.` };
  const touched = { ...between, status: { conditions: between.status.conditions.filter((condition) => condition !== previous) } };
  return withCondition(touched, { ...updated, lastTransitionTime: at(previous, 'lastTransitionTime') }, now, { changed: 'lastUpdateTime' });
}

function maxUnavailable(deployment: KubeObject, wanted: number): number {
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  const value = at(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable') ?? '25%';
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? Math.floor((wanted * Number.parseFloat(value)) / 100) : 0;
}

function total(sets: readonly KubeObject[], count: string): number {
  return sets.reduce((sum, set) => sum + (numberAt(set, 'status', count) ?? 0), 0);
}

/** Go leaves zeros out of the status, and so do the tables made from it. */
function nonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
