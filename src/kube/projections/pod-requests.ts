import type { Quantities } from '../../state/quantities.js';
import { clean } from '../../text/clean.js';
import { quantityOrNull } from '../../text/quantity.js';
import { at, isObject, list } from '../json.js';

/**
 * What the scheduler reserves for a pod, as k8s.io/component-helpers/resource PodRequests counts it: containers and sidecars (init containers with restartPolicy
 * Always) together, or the hungriest init container with the sidecars started before it if that is more; pod-level resources take their place where set; overhead
 * comes on top. Limits stand in where requests are missing, as the API server fills them in. Only the resources that `wanted` names. null for none.
 */
export function podRequests(spec: unknown, wanted: (resource: string) => boolean = () => true): Quantities | null {
  const sum = new Map<string, number>();
  for (const container of list(at(spec, 'containers'))) add(sum, requestsOf(container, wanted));
  const sidecars = new Map<string, number>();
  const init = new Map<string, number>();
  for (const container of list(at(spec, 'initContainers'))) {
    const requests = requestsOf(container, wanted);
    if (requests.size === 0) continue;
    const needed = new Map(sidecars);
    add(needed, requests);
    raise(init, needed);
    if (at(container, 'restartPolicy') === 'Always') {
      add(sidecars, requests);
      add(sum, requests);
    }
  }
  raise(sum, init);
  for (const [name, amount] of requestsOf(spec, wanted)) sum.set(name, amount);
  add(sum, amounts(at(spec, 'overhead'), wanted));
  for (const [name, amount] of sum) if (amount === 0) sum.delete(name);
  return sum.size === 0 ? null : sum;
}

function requestsOf(container: unknown, wanted: (resource: string) => boolean): Map<string, number> {
  const resources = at(container, 'resources');
  if (resources === undefined) return none;
  const limits = amounts(at(resources, 'limits'), wanted);
  const requests = amounts(at(resources, 'requests'), wanted);
  if (limits.size === 0) return requests;
  return new Map([...limits, ...requests]);
}

const none = new Map<string, number>();

function amounts(resources: unknown, wanted: (resource: string) => boolean): Map<string, number> {
  if (!isObject(resources)) return none;
  let found: Map<string, number> | null = null;
  for (const name of Object.keys(resources)) {
    if (!wanted(name)) continue;
    const amount = quantityOrNull(resources[name]);
    if (amount === null || amount < 0) continue;
    found ??= new Map();
    found.set(clean(name), amount);
  }
  return found ?? none;
}

function add(to: Map<string, number>, amounts: ReadonlyMap<string, number>): void {
  for (const [name, amount] of amounts) to.set(name, (to.get(name) ?? 0) + amount);
}

function raise(to: Map<string, number>, amounts: ReadonlyMap<string, number>): void {
  for (const [name, amount] of amounts) to.set(name, Math.max(to.get(name) ?? 0, amount));
}
