import type { KubeObject } from '../api/object-store.js';
import { at } from '../fields.js';
import { part } from './deployments.js';
import { byKey, keyOf, selects, withCondition, writeStatus } from './objects.js';
import { isActive, isReady } from './pod-state.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Keeps the status of PodDisruptionBudgets: how many of their pods may be evicted now. */
export function startDisruptionBudgets(world: World): (() => void)[] {
  const queue = workQueue(world, (key) => {
    const budget = byKey(world.store, 'poddisruptionbudgets.policy', key);
    if (budget !== null) writeCounts(world, budget);
  });
  return [
    world.store.subscribe('poddisruptionbudgets.policy', ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ type, object, previous }) => {
      const was = previous !== null && isActive(previous) && isReady(previous);
      const is = type !== 'DELETED' && isActive(object) && isReady(object);
      if (was === is && type === 'MODIFIED') return;
      for (const budget of world.store.list('poddisruptionbudgets.policy', object.metadata.namespace)) {
        if (selects(at(budget, 'spec', 'selector'), object.metadata.labels)) queue.add(keyOf(budget));
      }
    }),
  ];
}

function writeCounts(world: World, budget: KubeObject): void {
  const pods = world.pods
    .inNamespace(budget.metadata.namespace ?? '')
    .filter((pod) => isActive(pod) && selects(at(budget, 'spec', 'selector'), pod.metadata.labels));
  const healthy = pods.filter(isReady).length;
  const maxUnavailable = at(budget, 'spec', 'maxUnavailable');
  const desired =
    maxUnavailable === undefined
      ? part(at(budget, 'spec', 'minAvailable') ?? 1, pods.length, Math.ceil)
      : pods.length - part(maxUnavailable, pods.length, Math.ceil);
  const allowed = Math.max(0, healthy - Math.max(0, desired));
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  writeStatus(world.store, 'poddisruptionbudgets.policy', budget, {
    currentHealthy: healthy,
    desiredHealthy: Math.max(0, desired),
    disruptionsAllowed: allowed,
    expectedPods: pods.length,
    observedGeneration: budget.metadata.generation ?? 1,
    conditions: withCondition(budget, condition, world.clock.now()),
  });
}
