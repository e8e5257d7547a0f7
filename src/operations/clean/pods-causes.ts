import type { KubeClient } from '../../kube/client.js';
import { at, list } from '../../kube/json.js';
import { projectNode } from '../../kube/projections/node.js';
import type { EndedPodInventory, NodePressure } from '../../state/ended-pods.js';
import type { Node } from '../../state/nodes.js';
import { readObjects } from '../cluster-reading.js';
import type { World } from '../operation.js';

/** Nodes that run short of something: the kubelet goes on evicting there. Where nodes may not be seen there is nothing to say. */
export async function readPressures({ snapshot, client }: Pick<World, 'snapshot' | 'client'>): Promise<readonly NodePressure[]> {
  const { nodes } = snapshot();
  return (nodes.value === null ? await askForNodes(client) : [...nodes.value.values()]).flatMap(({ name, conditions }) =>
    conditions
      .filter(({ type, status }) => /^(?:Disk|Memory|PID)Pressure$/.test(type) && status === 'True')
      .map(({ type, lastTransitionAt }) => ({ node: name, type, since: lastTransitionAt })),
  );
}

async function askForNodes(client: KubeClient): Promise<readonly Node[]> {
  try {
    const { body } = await client.request('/api/v1/nodes');
    return list(at(body, 'items')).flatMap((object) => projectNode(object) ?? []);
  } catch {
    return [];
  }
}

/** From how many ended pods on the controller-manager clears up itself. Its flag is seen where its static pod can be. */
export async function readCollector(world: Pick<World, 'client'>): Promise<EndedPodInventory['collector']> {
  try {
    const managers = await readObjects(world, '/api/v1/namespaces/kube-system/pods', { labelSelector: 'component=kube-controller-manager' });
    const [first] = managers;
    if (first === undefined) return unseen;
    const words = list(at(first, 'spec', 'containers')).flatMap((container) => [...list(at(container, 'command')), ...list(at(container, 'args'))]);
    const given = words.flatMap((word) => (typeof word === 'string' ? (/^--terminated-pod-gc-threshold=(-?\d+)$/.exec(word)?.[1] ?? []) : []));
    return { threshold: Math.max(0, Number(given.at(-1) ?? defaultThreshold)), known: true };
  } catch {
    return unseen;
  }
}

const defaultThreshold = 12_500;
const unseen = { threshold: defaultThreshold, known: false } as const;
