import type { KubeObject } from '../api/object-store.js';
import { type Fields, fieldsAt } from '../fields.js';
import { writeStatus } from './objects.js';
import { requestsOf } from './pod-state.js';
import { quantity } from './quantity.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Keeps `status.used` of ResourceQuotas: pods and requests of what runs in their namespace. */
export function startResourceQuotas(world: World): (() => void)[] {
  const queue = workQueue(world, (namespace) => {
    for (const quota of world.store.list('resourcequotas', namespace)) {
      const hard = fieldsAt(quota, 'spec', 'hard');
      const used: Record<string, string> = {};
      for (const resource of Object.keys(hard)) used[resource] = text(resource, usedOf(world, namespace, resource));
      writeStatus(world.store, 'resourcequotas', quota, { hard, used });
    }
  });
  const limited = (namespace: string | undefined) => {
    if (namespace !== undefined && world.store.list('resourcequotas', namespace).length > 0) queue.add(namespace);
  };
  return [
    world.store.subscribe('resourcequotas', ({ object }) => limited(object.metadata.namespace)),
    world.store.subscribe('pods', ({ type, object, previous }) => {
      if (type !== 'MODIFIED' || previous?.['status'] !== object['status']) limited(object.metadata.namespace);
    }),
  ];
}

/** Why a quota of the namespace refuses a new pod, in the words of the admission plugin; null when there is room. */
export function exceededQuota(world: World, pod: KubeObject): string | null {
  const { namespace = '' } = pod.metadata;
  for (const quota of world.store.list('resourcequotas', namespace)) {
    const hard: Fields = fieldsAt(quota, 'spec', 'hard');
    const over = Object.keys(hard)
      .sort()
      .filter((resource) => {
        const asked = requestsOf(pod).get(podResource(resource)) ?? 0;
        return asked > 0 && usedOf(world, namespace, resource) + asked > quantity(hard[resource]);
      });
    if (over.length === 0) continue;
    const asked = over.map((resource) => `${resource}=${text(resource, requestsOf(pod).get(podResource(resource)) ?? 0)}`);
    const used = over.map((resource) => `${resource}=${text(resource, usedOf(world, namespace, resource))}`);
    const limited = over.map((resource) => `${resource}=${String(hard[resource])}`);
    return `exceeded quota: ${quota.metadata.name}, requested: ${asked.join(',')}, used: ${used.join(',')}, limited: ${limited.join(',')}`;
  }
  return null;
}

function usedOf(world: World, namespace: string, resource: string): number {
  let sum = 0;
  for (const pod of world.pods.inNamespace(namespace)) sum += requestsOf(pod).get(podResource(resource)) ?? 0;
  return sum;
}

/** `requests.nvidia.com/gpu` of a quota is `nvidia.com/gpu` of a pod. */
function podResource(resource: string): string {
  return resource.replace(/^requests\./, '');
}

function text(resource: string, amount: number): string {
  if (/memory|storage/.test(resource)) return amount % 2 ** 30 === 0 ? `${amount / 2 ** 30}Gi` : `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`;
}
