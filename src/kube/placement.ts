import { type Occupancy, refusal, unschedulableMessage } from './placement-fit.js';
import type { PlacementNode } from './placement-node.js';
import type { PlacementPod, PlacementRules } from './placement-pod.js';

/** A cluster on paper: pods are placed on its nodes as the scheduler would. */
export interface Placement {
  /** How many nodes there are. */
  readonly nodes: number;
  /** The node it goes to, or why it stays Pending, in the scheduler's words. */
  place(pod: PlacementRules): { readonly node: string } | { readonly why: string };
}

/** Starts with the pods that are on nodes; those that are being deleted no longer count, since what they hold is free soon. */
export function createPlacement(nodes: readonly PlacementNode[], pods: Iterable<PlacementPod>): Placement {
  const residents = new Map<string, PlacementRules[]>(nodes.map(({ name }) => [name, []]));
  const used = new Map<string, Map<string, number>>(nodes.map(({ name }) => [name, new Map()]));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const guards: { pod: PlacementRules; node: PlacementNode }[] = [];
  const put = (pod: PlacementRules, node: string) => {
    residents.get(node)?.push(pod);
    const own = byName.get(node);
    if (own !== undefined && pod.antiAffinity.length > 0) guards.push({ pod, node: own });
    const amounts = used.get(node);
    if (amounts !== undefined) for (const [resource, amount] of pod.requests) amounts.set(resource, (amounts.get(resource) ?? 0) + amount);
  };
  for (const pod of pods) if (pod.nodeName !== null && !pod.leaving) put(pod, pod.nodeName);
  const occupancy: Occupancy = { nodes, used: (node) => used.get(node) ?? new Map(), podsOn: (node) => residents.get(node) ?? [], guards: () => guards };

  return {
    nodes: nodes.length,
    place(pod) {
      const refusals: (readonly string[])[] = [];
      let best: { readonly name: string; readonly load: number } | null = null;
      for (const node of nodes) {
        const why = refusal(pod, node, occupancy);
        if (why !== null) refusals.push(why);
        else {
          const load = loadOf(node, occupancy, pod);
          if (best === null || load < best.load) best = { name: node.name, load };
        }
      }
      if (best === null) return { why: unschedulableMessage(refusals) };
      put(pod, best.name);
      return { node: best.name };
    },
  };
}

/** Which of the nodes that would do is taken is the scheduler's taste (it spreads); how many pods fit hardly depends on it. */
function loadOf({ name, allocatable }: PlacementNode, occupancy: Occupancy, pod: PlacementRules): number {
  const used = occupancy.used(name);
  const share = (resource: string) => (used.get(resource) ?? 0) / Math.max(1e-9, allocatable.get(resource) ?? 0);
  const devices = [...pod.requests.keys()].filter((resource) => resource.includes('/'));
  const resources = ['cpu', 'memory', ...devices];
  return resources.reduce((sum, resource) => sum + share(resource), 0) / resources.length;
}
