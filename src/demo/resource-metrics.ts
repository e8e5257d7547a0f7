import type { KubeObject } from './api/object-store.js';
import { isReady } from './controllers/pod-state.js';
import type { World } from './controllers/world.js';
import { at, listAt, textAt } from './fields.js';
import { nodeSummary } from './kubelet-proxy.js';

/** What metrics-server knows of nodes or pods, from the kubelets that answer; null while it does not run itself. */
export function resourceMetrics(world: World, resource: 'nodes' | 'pods'): readonly KubeObject[] | null {
  const server = world.store.list('pods', 'kube-system').find((pod) => pod.metadata.labels?.['k8s-app'] === 'metrics-server' && isReady(pod));
  if (server === undefined) return null;
  const summaries = world.store.list('nodes').flatMap((node) => {
    const machine = world.machines.get(node.metadata.name);
    return machine === null || machine.downSince !== null ? [] : [{ node, summary: nodeSummary(world, node) }];
  });
  const timestamp = `${new Date(world.clock.now()).toISOString().slice(0, 19)}Z`;
  const taken = { timestamp, window: '15s' };
  if (resource === 'nodes')
    return summaries.map(({ node, summary }) => ({
      kind: 'NodeMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: { name: node.metadata.name, creationTimestamp: timestamp, ...(node.metadata.labels === undefined ? {} : { labels: node.metadata.labels }) },
      ...taken,
      usage: usageOf(at(summary, 'node')),
    }));
  return summaries.flatMap(({ summary }) =>
    listAt(summary, 'pods').flatMap((pod) => {
      const [name, namespace] = [textAt(pod, 'podRef', 'name') ?? '', textAt(pod, 'podRef', 'namespace') ?? ''];
      const found = world.store.get('pods', name, namespace);
      if (found === null || textAt(found, 'status', 'phase') !== 'Running') return [];
      const { labels } = found.metadata;
      return [
        {
          kind: 'PodMetrics',
          apiVersion: 'metrics.k8s.io/v1beta1',
          metadata: { name, namespace, creationTimestamp: timestamp, ...(labels === undefined ? {} : { labels }) },
          ...taken,
          containers: listAt(pod, 'containers').map((container) => ({ name: textAt(container, 'name') ?? '', usage: usageOf(container) })),
        },
      ];
    }),
  );
}

function usageOf(measured: unknown): { readonly cpu: string; readonly memory: string } {
  const number = (value: unknown) => (typeof value === 'number' ? value : 0);
  return { cpu: `${number(at(measured, 'cpu', 'usageNanoCores'))}n`, memory: `${Math.round(number(at(measured, 'memory', 'workingSetBytes')) / 1024)}Ki` };
}
