import type { KubeObject } from '../api/object-store.js';
import { at, fieldsAt, isFields, listAt, textAt } from '../fields.js';
import { conditionStatus, stamp } from './objects.js';
import { quantity } from './quantity.js';
import type { World } from './world.js';

export function phaseOf(pod: KubeObject): string {
  return textAt(pod, 'status', 'phase') ?? 'Pending';
}

/** Ended for good: its containers will not be started again. */
export function isEnded(pod: KubeObject): boolean {
  const phase = phaseOf(pod);
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Counts as a replica: neither ended nor being deleted. */
export function isActive(pod: KubeObject): boolean {
  return !isEnded(pod) && pod.metadata.deletionTimestamp === undefined;
}

export function isReady(pod: KubeObject): boolean {
  return conditionStatus(pod, 'Ready') === 'True';
}

export function nodeOf(pod: KubeObject): string | null {
  return textAt(pod, 'spec', 'nodeName');
}

/** What a pod asks for, by resource, as the scheduler counts it: the sum of containers and sidecars, or its largest init container where that is more. */
export function requestsOf(pod: KubeObject): ReadonlyMap<string, number> {
  const spec = pod['spec'];
  if (!isFields(spec)) return none;
  let requests = known.get(spec);
  if (requests === undefined) {
    requests = countRequests(spec);
    known.set(spec, requests);
  }
  return requests;
}

const none: ReadonlyMap<string, number> = new Map();
// Thousands of filler pods share their specs.
const known = new WeakMap<object, ReadonlyMap<string, number>>();

function countRequests(spec: object): ReadonlyMap<string, number> {
  const total = new Map<string, number>([['pods', 1]]);
  for (const container of listAt(spec, 'containers')) addTo(total, container);
  const sidecars = new Map<string, number>();
  for (const container of listAt(spec, 'initContainers')) {
    if (at(container, 'restartPolicy') === 'Always') {
      addTo(total, container);
      addTo(sidecars, container);
      continue;
    }
    const own = new Map(sidecars);
    addTo(own, container);
    for (const [resource, amount] of own) total.set(resource, Math.max(total.get(resource) ?? 0, amount));
  }
  for (const [resource, amount] of Object.entries(fieldsAt(spec, 'overhead'))) total.set(resource, (total.get(resource) ?? 0) + quantity(amount));
  return total;
}

function addTo(total: Map<string, number>, container: unknown): void {
  // A limit alone is a request of the same size.
  const amounts = { ...fieldsAt(container, 'resources', 'limits'), ...fieldsAt(container, 'resources', 'requests') };
  for (const [resource, amount] of Object.entries(amounts)) total.set(resource, (total.get(resource) ?? 0) + quantity(amount));
}

/**
 * Asks a pod to go. One that runs gets its grace period and is taken away by its node's kubelet; one that never ran or has ended goes
 * at once, as the API server does it.
 */
export function terminate(world: World, pod: KubeObject, graceSeconds?: number): void {
  const { name, namespace } = pod.metadata;
  const current = world.store.get('pods', name, namespace);
  if (current === null || current.metadata.uid !== pod.metadata.uid) return;
  const finalized = (current.metadata.finalizers ?? []).length > 0;
  const asked = graceSeconds ?? numberOr(at(current, 'spec', 'terminationGracePeriodSeconds'), 30);
  const grace = nodeOf(current) === null || isEnded(current) ? 0 : asked;
  if (grace === 0 && !finalized) {
    world.store.remove('pods', name, namespace);
    return;
  }
  if (current.metadata.deletionTimestamp !== undefined && (current.metadata.deletionGracePeriodSeconds ?? 0) <= grace) return;
  const metadata = { ...current.metadata, deletionTimestamp: stamp(world.clock.now() + grace * 1000), deletionGracePeriodSeconds: grace };
  world.store.update('pods', { ...current, metadata });
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
