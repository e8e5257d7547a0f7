import type { Target } from './monitoring.js';
import type { ClusterSnapshot } from './snapshot.js';

/** Which node a target tells of: by its labels, the address it is scraped at, or its pod; null where nothing says. */
export function targetNodes({ nodes, pods }: Pick<ClusterSnapshot, 'nodes' | 'pods'>): (target: Target) => string | null {
  const names = new Map<string, string>();
  for (const node of nodes.value?.values() ?? []) {
    names.set(node.name, node.name);
    for (const { address } of node.addresses) names.set(address, node.name);
  }
  return ({ labels, instance, scrapeUrl }) => {
    const named = nodeLabels.flatMap((label) => names.get(labels.get(label) ?? '') ?? []);
    const address = names.get(hostOf(instance)) ?? names.get(hostOf(scrapeUrl.replace(/^\w+:\/\//, '').replace(/\/.*$/, '')));
    return named[0] ?? address ?? pods.value?.get(`${labels.get('namespace') ?? ''}/${labels.get('pod') ?? ''}`)?.nodeName ?? null;
  };
}

const nodeLabels = ['node', 'kubernetes_node', 'Hostname', 'hostname', 'nodename'];

/** `10.0.0.12` of `10.0.0.12:9100`, `fd00::1` of `[fd00::1]:9100`. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
