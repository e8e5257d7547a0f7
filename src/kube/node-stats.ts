import type { NodeStats } from '../state/node-stats.js';
import { type Node, readiness } from '../state/nodes.js';
import type { Collection } from '../state/snapshot.js';
import type { KubeClient } from './client.js';
import { eachAtOnce } from './each-at-once.js';
import { KubeError } from './kube-error.js';
import { projectDisks, projectEvictionHard } from './projections/node-stats.js';

/** Asks the kubelets for their disks, through the API server's proxy. */
export interface NodeStatsReader {
  /** By node. Rejects with KubeError where the proxy is closed to this user, or to none of the nodes. */
  read(nodes: Collection<Node>, signal: AbortSignal): Promise<Collection<NodeStats>>;
}

/** Kubelets at once, so that fifty of them are no burden to the API server. */
const atOnce = 8;
const timeoutMs = 10_000;
/** A kubelet reads its configuration when it starts: once in a while is enough. */
const configurationLastsMs = 10 * 60_000;

export function createNodeStatsReader(client: KubeClient, now: () => number = Date.now): NodeStatsReader {
  const limits = new Map<string, { readonly at: number; readonly bootId: string | null; readonly evictionHard: ReadonlyMap<string, string> | null }>();

  const evictionHard = async ({ name, info }: Node, signal: AbortSignal) => {
    const known = limits.get(name);
    if (known !== undefined && known.bootId === info.bootId && Math.abs(now() - known.at) < configurationLastsMs) return known.evictionHard;
    try {
      const { body } = await client.request(kubeletPath(name, 'configz'), { signal, timeoutMs });
      const read = projectEvictionHard(body);
      limits.set(name, { at: now(), bootId: info.bootId, evictionHard: read });
      return read;
    } catch {
      // Its numbers are worth showing without it: then its defaults are taken for true.
      return known?.evictionHard ?? null;
    }
  };

  const readOne = async (node: Node, signal: AbortSignal): Promise<{ readonly stats: NodeStats; readonly error: KubeError | null }> => {
    if (readiness(node) === 'unknown') return { stats: unseen(node, 'its kubelet does not answer'), error: null };
    try {
      const { body } = await client.request(kubeletPath(node.name, 'stats/summary'), { signal, timeoutMs });
      const disks = projectDisks(body);
      if (disks.nodeFs === null) return { stats: unseen(node, 'its kubelet does not say'), error: null };
      return { stats: { status: 'seen', node: node.name, at: now(), ...disks, evictionHard: await evictionHard(node, signal) }, error: null };
    } catch (caught) {
      const error = KubeError.from(caught);
      if (error.kind === 'aborted') throw error;
      return { stats: unseen(node, error.message), error };
    }
  };

  return {
    async read(nodes, signal) {
      const all = await eachAtOnce([...nodes.values()], atOnce, (node) => readOne(node, signal));
      const [first] = all;
      const { error } = first ?? { error: null };
      const refused = error !== null && (error.kind === 'forbidden' || error.kind === 'not-found');
      if (refused && all.every((one) => one.error?.kind === error.kind)) throw error;
      return new Map(all.map(({ stats }) => [stats.node, stats]));
    },
  };
}

/** How long to wait for the next look: a minute, longer where there are more than fifty kubelets to ask, and not long while no node is known. */
export function nodeStatsEveryMs(nodes: number): number {
  return nodes === 0 ? 5000 : Math.max(1, nodes / 50) * 60_000;
}

function unseen(node: Node, why: string): NodeStats {
  return { status: 'unseen', node: node.name, why };
}

function kubeletPath(node: string, path: string): string {
  return `/api/v1/nodes/${encodeURIComponent(node)}/proxy/${path}`;
}
