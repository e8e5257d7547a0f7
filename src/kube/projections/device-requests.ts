import type { Quantities } from '../../state/quantities.js';
import { clean } from '../../text/clean.js';
import { quantityOrNull } from '../../text/quantity.js';
import { at, isObject, list } from '../json.js';

/**
 * Extended resources (names with a slash) that the scheduler reserves for a pod, as k8s.io/component-helpers/resource PodRequests counts them:
 * containers and sidecars (init containers with restartPolicy Always) together, or the hungriest init container with the sidecars started before it if that is more;
 * pod-level resources take their place where set; overhead comes on top. Limits stand in where requests are missing, as the API server fills them in. null for none.
 */
export function deviceRequests(spec: unknown): Quantities | null {
  const sum = new Map<string, number>();
  for (const container of list(at(spec, 'containers'))) add(sum, requestsOf(container));
  const sidecars = new Map<string, number>();
  const init = new Map<string, number>();
  for (const container of list(at(spec, 'initContainers'))) {
    const requests = requestsOf(container);
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
  for (const [name, amount] of requestsOf(spec)) sum.set(name, amount);
  add(sum, devices(at(spec, 'overhead')));
  for (const [name, amount] of sum) if (amount === 0) sum.delete(name);
  return sum.size === 0 ? null : sum;
}

function requestsOf(container: unknown): Map<string, number> {
  const resources = at(container, 'resources');
  if (resources === undefined) return none;
  const limits = devices(at(resources, 'limits'));
  const requests = devices(at(resources, 'requests'));
  if (limits.size === 0) return requests;
  return new Map([...limits, ...requests]);
}

const none = new Map<string, number>();

/** Prefixed names are extended resources, except `kubernetes.io/` ones and hugepages, which have no slash anyway. */
function devices(resources: unknown): Map<string, number> {
  if (!isObject(resources)) return none;
  let found: Map<string, number> | null = null;
  for (const name of Object.keys(resources)) {
    if (!name.includes('/')) continue;
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
