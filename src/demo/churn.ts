import type { KubeObject } from './api/object-store.js';
import { stamp } from './controllers/objects.js';
import { isReady } from './controllers/pod-state.js';
import type { World } from './controllers/world.js';
import { fieldsAt, isFields, listAt, numberAt } from './fields.js';

/** Changes running pods at a steady rate (per second): their containers restart. Returns the way to stop. */
export function startChurn(world: World, perSecond: number): () => void {
  const everyMs = Math.max(20, 1000 / perSecond);
  let owed = 0;
  let pods: readonly KubeObject[] = [];
  let place = 0;
  const timer = setInterval(() => {
    owed += (perSecond * everyMs) / 1000;
    for (; owed >= 1; owed--) {
      if (place >= pods.length) {
        pods = world.store.list('pods').filter(isReady);
        place = 0;
      }
      const pod = pods[place++];
      if (pod !== undefined) restart(world, pod);
    }
  }, everyMs).unref();
  return () => clearInterval(timer);
}

function restart(world: World, seen: KubeObject): void {
  const pod = world.store.get('pods', seen.metadata.name, seen.metadata.namespace);
  if (pod === null || !isReady(pod)) return;
  const startedAt = stamp(world.clock.now());
  const containerStatuses = listAt(pod, 'status', 'containerStatuses').map((status) =>
    isFields(status) ? { ...status, restartCount: (numberAt(status, 'restartCount') ?? 0) + 1, state: { running: { startedAt } } } : status,
  );
  world.store.update('pods', { ...pod, status: { ...fieldsAt(pod, 'status'), containerStatuses } });
}
