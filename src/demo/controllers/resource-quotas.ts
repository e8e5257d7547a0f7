import type { KubeObject } from '../api/object-store.js';
import { at, type Fields, fieldsAt, listAt, textAt } from '../fields.js';
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
    const unsaid = Object.keys(hard)
      .sort()
      .flatMap((resource) => {
        const names = containersWithout(pod, resource);
        return names.length === 0 ? [] : [`${resource} for: ${names.join(',')}`];
      });
    if (unsaid.length > 0) return `failed quota: ${quota.metadata.name}: must specify ${unsaid.join('; ')}`;
    const over = Object.keys(hard)
      .sort()
      .filter((resource) => {
        const asked = askedOf(pod, resource);
        return asked > 0 && usedOf(world, namespace, resource) + asked > quantity(hard[resource]);
      });
    if (over.length === 0) continue;
    const asked = over.map((resource) => `${resource}=${text(resource, askedOf(pod, resource))}`);
    const used = over.map((resource) => `${resource}=${text(resource, usedOf(world, namespace, resource))}`);
    const limited = over.map((resource) => `${resource}=${String(hard[resource])}`);
    return `exceeded quota: ${quota.metadata.name}, requested: ${asked.join(',')}, used: ${used.join(',')}, limited: ${limited.join(',')}`;
  }
  return null;
}

/** Where CPU or memory is counted, every container has to say how much of it. */
function containersWithout(pod: KubeObject, resource: string): readonly string[] {
  const [, kind = 'requests', name] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(resource) ?? [];
  if (name === undefined) return [];
  return listAt(pod, 'spec', 'containers')
    .filter((container) => at(container, 'resources', kind, name) === undefined)
    .map((container) => textAt(container, 'name') ?? '');
}

function usedOf(world: World, namespace: string, resource: string): number {
  let sum = 0;
  for (const pod of world.pods.inNamespace(namespace)) sum += askedOf(pod, resource);
  return sum;
}

/** `requests.nvidia.com/gpu` of a quota is `nvidia.com/gpu` of a pod; `limits.memory` is what its containers may take at most. */
function askedOf(pod: KubeObject, resource: string): number {
  const limit = /^limits\.(.+)$/.exec(resource)?.[1];
  if (limit === undefined) return requestsOf(pod).get(resource.replace(/^requests\./, '')) ?? 0;
  return listAt(pod, 'spec', 'containers').reduce((sum: number, container) => sum + quantity(at(container, 'resources', 'limits', limit)), 0);
}

function text(resource: string, amount: number): string {
  if (/memory|storage/.test(resource)) return amount % 2 ** 30 === 0 ? `${amount / 2 ** 30}Gi` : `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`;
}
