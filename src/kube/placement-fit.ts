import type { Taint } from '../state/nodes.js';
import { at, isObject, list, number, text } from './json.js';
import { fits, selects } from './label-selector.js';
import type { PlacementNode } from './placement-node.js';
import type { PlacementRules } from './placement-pod.js';

/** What is on the nodes while pods are placed. */
export interface Occupancy {
  readonly nodes: readonly PlacementNode[];
  /** Requested by the pods on a node. */
  used(node: string): ReadonlyMap<string, number>;
  podsOn(node: string): readonly PlacementRules[];
  /** The few that keep others off their domain, with the node each is on. */
  guards(): readonly { readonly pod: PlacementRules; readonly node: PlacementNode }[];
}

/**
 * Why the default scheduler turns a node down for a pod, in its own words; null where the pod fits. The first of its filters that objects speaks, as in its
 * default profile: cordon, taints, node affinity, ports, resources, volumes, topology spread, pod affinity.
 */
export function refusal(pod: PlacementRules, node: PlacementNode, occupancy: Occupancy): readonly string[] | null {
  const reason =
    cordoned(pod, node) ??
    tainted(pod, node) ??
    (nodeMatches(pod, node) ? null : "node(s) didn't match Pod's node affinity/selector") ??
    (portsFree(pod, node, occupancy) ? null : "node(s) didn't have free ports for the requested pod ports");
  if (reason !== null) return [reason];
  const lacking = insufficient(pod, node, occupancy);
  if (lacking.length > 0) return lacking;
  const later =
    (pod.volumeTerms.every((terms) => meetsTerms(terms, node)) ? null : "node(s) didn't match PersistentVolume's node affinity") ??
    spreadRefusal(pod, node, occupancy) ??
    affinityRefusal(pod, node, occupancy);
  return later === null ? null : [later];
}

/** The scheduler's sentence for a pod that no node takes: `0/3 nodes are available: 1 …, 2 ….` */
export function unschedulableMessage(refusals: readonly (readonly string[])[]): string {
  if (refusals.length === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const reason of refusals.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const told = [...counts].map(([reason, amount]) => `${amount} ${reason}`).sort();
  return `0/${refusals.length} nodes are available: ${told.join(', ')}.`;
}

function cordoned({ tolerations }: PlacementRules, { unschedulable }: PlacementNode): string | null {
  const taint = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };
  return unschedulable && !tolerations.some((toleration) => tolerates(toleration, taint)) ? 'node(s) were unschedulable' : null;
}

function tainted({ tolerations }: PlacementRules, { taints }: PlacementNode): string | null {
  const taint = taints.find((one) => one.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, one)));
  return taint === undefined ? null : `node(s) had untolerated taint {${taint.key}: ${taint.value}}`;
}

function tolerates(toleration: unknown, taint: Taint): boolean {
  const effect = text(at(toleration, 'effect'));
  if (effect !== null && effect !== taint.effect) return false;
  const key = text(at(toleration, 'key'));
  const exists = at(toleration, 'operator') === 'Exists';
  if (key === null) return exists;
  return key === taint.key && (exists || (text(at(toleration, 'value')) ?? '') === taint.value);
}

function nodeMatches({ nodeSelector, nodeTerms }: PlacementRules, node: PlacementNode): boolean {
  return [...nodeSelector].every(([key, value]) => node.labels.get(key) === value) && (nodeTerms === null || meetsTerms(nodeTerms, node));
}

/** One of the terms must hold; one that says nothing holds for no node. */
function meetsTerms(terms: readonly unknown[], node: PlacementNode): boolean {
  return terms.some((term) => {
    const expressions = list(at(term, 'matchExpressions'));
    const fields = list(at(term, 'matchFields'));
    const named = new Map([['metadata.name', node.name]]);
    return (
      expressions.length + fields.length > 0 &&
      expressions.every((expression) => fits(expression, node.labels)) &&
      fields.every((expression) => fits(expression, named))
    );
  });
}

function portsFree({ hostPorts }: PlacementRules, { name }: PlacementNode, occupancy: Occupancy): boolean {
  return hostPorts.length === 0 || !occupancy.podsOn(name).some((other) => other.hostPorts.some((port) => hostPorts.includes(port)));
}

function insufficient({ requests }: PlacementRules, { name, allocatable }: PlacementNode, occupancy: Occupancy): readonly string[] {
  const used = occupancy.used(name);
  return [...requests].flatMap(([resource, amount]) => {
    // Cores are fractions: a sum of tenths must not fall short of the whole by a rounding error.
    if (amount === 0 || (used.get(resource) ?? 0) + amount <= (allocatable.get(resource) ?? 0) + 1e-6) return [];
    return [resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`];
  });
}

/** Counts the pods that a constraint is about in each of its domains; nodes that the pod's own node affinity rules out make no domain. */
function spreadRefusal(pod: PlacementRules, node: PlacementNode, occupancy: Occupancy): string | null {
  for (const constraint of pod.spread) {
    const key = text(at(constraint, 'topologyKey')) ?? '';
    const own = node.labels.get(key);
    if (own === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const matches = (labels: ReadonlyMap<string, string>) =>
      selects(at(constraint, 'labelSelector'), labels) &&
      list(at(constraint, 'matchLabelKeys')).every((name) => typeof name !== 'string' || labels.get(name) === pod.labels.get(name));
    const counts = new Map<string, number>();
    for (const other of occupancy.nodes) {
      const domain = other.labels.get(key);
      const counted = at(constraint, 'nodeAffinityPolicy') === 'Ignore' || nodeMatches(pod, other);
      if (domain === undefined || !counted || (at(constraint, 'nodeTaintsPolicy') === 'Honor' && (cordoned(pod, other) ?? tainted(pod, other)) !== null))
        continue;
      const here = occupancy.podsOn(other.name).filter(({ namespace, labels }) => namespace === pod.namespace && matches(labels)).length;
      counts.set(domain, (counts.get(domain) ?? 0) + here);
    }
    const tooFew = counts.size < (number(at(constraint, 'minDomains')) ?? 1);
    const least = tooFew ? 0 : Math.min(...counts.values());
    const skew = (counts.get(own) ?? 0) + (matches(pod.labels) ? 1 : 0) - least;
    if (skew > (number(at(constraint, 'maxSkew')) ?? 1)) return "node(s) didn't match pod topology spread constraints";
  }
  return null;
}

function affinityRefusal(pod: PlacementRules, node: PlacementNode, occupancy: Occupancy): string | null {
  for (const term of pod.affinity) {
    const matching = (other: PlacementRules) => isAbout(term, pod.namespace, other);
    const somewhere = occupancy.nodes.some(({ name }) => occupancy.podsOn(name).some(matching));
    // The first of its kind would wait for itself for ever.
    if (!somewhere && matching(pod) && node.labels.has(text(at(term, 'topologyKey')) ?? '')) continue;
    if (!domainPods(term, node, occupancy).some(matching)) return "node(s) didn't match pod affinity rules";
  }
  for (const term of pod.antiAffinity) {
    if (domainPods(term, node, occupancy).some((other) => isAbout(term, pod.namespace, other))) return "node(s) didn't match pod anti-affinity rules";
  }
  const kept = occupancy
    .guards()
    .some((guard) => guard.pod.antiAffinity.some((term) => isAbout(term, guard.pod.namespace, pod) && isSameDomain(term, node, guard.node)));
  return kept ? "node(s) didn't satisfy existing pods anti-affinity rules" : null;
}

/** The pods in the node's domain of a term. */
function domainPods(term: unknown, node: PlacementNode, occupancy: Occupancy): readonly PlacementRules[] {
  return occupancy.nodes.filter((other) => isSameDomain(term, node, other)).flatMap(({ name }) => occupancy.podsOn(name));
}

function isSameDomain(term: unknown, node: PlacementNode, other: PlacementNode): boolean {
  const key = text(at(term, 'topologyKey')) ?? '';
  const own = node.labels.get(key);
  return own !== undefined && own === other.labels.get(key);
}

/** Whether an affinity term of a pod in `namespace` is about another pod. A selector of namespaces counts as all of them: their labels are not looked at. */
function isAbout(term: unknown, namespace: string, { namespace: own, labels }: PlacementRules): boolean {
  const named = list(at(term, 'namespaces'));
  const where = isObject(at(term, 'namespaceSelector')) || (named.length === 0 ? own === namespace : named.includes(own));
  return where && isObject(at(term, 'labelSelector')) && selects(at(term, 'labelSelector'), labels);
}
