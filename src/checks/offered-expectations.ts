import type { Expectations } from '../config/expectations.js';
import { type Node, readiness } from '../state/nodes.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { VisitChanges } from '../state/visit.js';
import { counted, listed } from './wording.js';

/**
 * What is there now and not yet expected, as settings that a person may want to keep: nodes, their GPUs, machines that answer over SSH, Prometheus and Grafana. null where nothing
 * is to be added, or the nodes cannot be seen. Worth asking for while the report is good: what is broken now must not become what is expected.
 */
export function offeredExpectations(snapshot: ClusterSnapshot, expectations: Expectations): VisitChanges['offer'] {
  if (snapshot.nodes.freshness.status !== 'live' || snapshot.nodes.value === null || snapshot.nodes.value.size === 0) return null;
  const nodes = [...snapshot.nodes.value.values()];
  const newNodes = missingIn(
    expectations.nodes,
    nodes.map(({ name }) => name),
  );
  const newHosts = missingIn(expectations.hosts, reachable(snapshot));
  const newGpus = gpusOf(nodes, snapshot).filter(({ node }) => expectations.gpus?.[node] === undefined);
  const monitoring = (['prometheus', 'grafana'] as const).filter((name) => snapshot[name].freshness.status === 'live' && expectations[name] === undefined);
  const fields = [
    ...listField('expect.nodes', expectations.nodes, newNodes),
    ...newGpus.map(({ node, gpus }) => ({ path: `expect.gpus.${node}`, value: String(gpus) })),
    ...listField('expect.hosts', expectations.hosts, newHosts),
    ...monitoring.map((name) => ({ path: `expect.${name}`, value: 'true' })),
  ];
  if (fields.length === 0) return null;
  const gpus = newGpus.reduce((total, own) => total + own.gpus, 0);
  const parts = [
    ...(newNodes.length === 0 ? [] : [named(newNodes, 'node')]),
    ...(gpus === 0 ? [] : [counted(gpus, 'GPU')]),
    ...(newHosts.length === 0 ? [] : [`${named(newHosts, 'machine')} reachable over SSH`]),
    ...monitoring.map((name) => (name === 'prometheus' ? 'Prometheus' : 'Grafana')),
  ];
  return { text: `Keep what is here as what is expected: ${listed(parts, parts.length)}`, fields };
}

function missingIn(expected: readonly string[] | undefined, there: readonly string[]): readonly string[] {
  return there.filter((name) => expected?.includes(name) !== true).sort();
}

/** Nodes keep their last numbers while they are away: only those that are Ready tell what they have. */
function gpusOf(nodes: readonly Node[], { gpus }: ClusterSnapshot): readonly { readonly node: string; readonly gpus: number }[] {
  if (gpus.freshness.status !== 'live' || gpus.value === null) return [];
  const ledger = gpus.value.nodes;
  return nodes
    .filter((node) => readiness(node) === 'ready')
    .map(({ name }) => ({ node: name, gpus: ledger.get(name)?.total.allocatable ?? 0 }))
    .filter((own) => own.gpus > 0)
    .sort((a, b) => (a.node < b.node ? -1 : 1));
}

function reachable({ hosts }: ClusterSnapshot): readonly string[] {
  return [...(hosts.value?.values() ?? [])].filter(({ contact }) => contact.status === 'connected').map(({ name }) => name);
}

function listField(path: string, before: readonly string[] | undefined, added: readonly string[]) {
  return added.length === 0 ? [] : [{ path, value: [...(before ?? []), ...added].join(', ') }];
}

function named(names: readonly string[], noun: string): string {
  return names.length <= 3 ? `${names.length === 1 ? noun : `${noun}s`} ${listed(names)}` : counted(names.length, noun);
}
