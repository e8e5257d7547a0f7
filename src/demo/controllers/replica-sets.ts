import type { KubeObject } from '../api/object-store.js';
import { at, listAt, numberAt, textAt } from '../fields.js';
import { byKey, controllerOf, keyOf, withCondition, writeStatus } from './objects.js';
import { createPod } from './pod-creation.js';
import { isActive, isReady, nodeOf, phaseOf, terminate } from './pod-state.js';
import { type WorkQueue, workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Keeps as many pods as each ReplicaSet asks for. */
export function startReplicaSets(world: World): (() => void)[] {
  const queue: WorkQueue = workQueue(world, (key) => {
    const set = byKey(world.store, resource, key);
    if (set !== null && set.metadata.deletionTimestamp === undefined) reconcile(world, set, queue);
  });
  return [
    world.store.subscribe(resource, ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ object, previous }) => {
      const owner = controllerOf(object) ?? (previous === null ? null : controllerOf(previous));
      // The dead ones make up the mass and say nothing new.
      if (owner?.kind !== 'ReplicaSet' || (!isActive(object) && (previous === null || !isActive(previous)))) return;
      queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }),
    // What admission refused for want of a runtime class is tried again when there is one.
    world.store.subscribe('runtimeclasses.node.k8s.io', ({ type }) => {
      if (type === 'ADDED') for (const set of world.store.list(resource)) queue.add(keyOf(set));
    }),
  ];
}

const resource = 'replicasets.apps';
const component = 'replicaset-controller';

function reconcile(world: World, set: KubeObject, queue: WorkQueue): void {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const before = activePods(world, set);
  let refused: string | null = null;
  for (let missing = wanted - before.length; missing > 0 && refused === null; missing--) {
    const created = createPod(world, set, at(set, 'spec', 'template'), {}, component);
    if (typeof created === 'string') refused = created;
  }
  if (before.length > wanted) {
    for (const pod of [...before].sort(leastMissed).slice(0, before.length - wanted)) {
      terminate(world, pod);
      world.events.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`, { component });
    }
  }
  if (refused !== null) queue.addLater(keyOf(set));
  else queue.forget(keyOf(set));
  writeCounts(world, set, refused, queue);
}

function writeCounts(world: World, set: KubeObject, refused: string | null, queue: WorkQueue): void {
  const pods = activePods(world, set);
  const ready = pods.filter(isReady);
  const minReadyMs = (numberAt(set, 'spec', 'minReadySeconds') ?? 0) * 1000;
  const available = minReadyMs === 0 ? ready : ready.filter((pod) => world.clock.now() - readySince(pod) >= minReadyMs);
  if (available.length < ready.length) world.clock.after(minReadyMs, () => queue.add(keyOf(set)));
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: refused ?? '' };
  const conditions = refused === null ? undefined : withCondition(set, failure, world.clock.now());
  writeStatus(world.store, resource, set, {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: available.length,
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions === undefined ? {} : { conditions }),
  });
}

function activePods(world: World, set: KubeObject): KubeObject[] {
  return world.pods.ofOwner(set.metadata.uid ?? '').filter(isActive);
}

/** Moment from which a pod is Ready. */
function readySince(pod: KubeObject): number {
  const ready = listAt(pod, 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Ready');
  return Date.parse(textAt(ready, 'lastTransitionTime') ?? '');
}

/** Which pod goes first when there are too many: unscheduled, not running, not ready, then the youngest. */
function leastMissed(a: KubeObject, b: KubeObject): number {
  return worth(a) - worth(b) || (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');
}

function worth(pod: KubeObject): number {
  if (nodeOf(pod) === null) return 0;
  if (phaseOf(pod) !== 'Running') return 1;
  return isReady(pod) ? 3 : 2;
}
