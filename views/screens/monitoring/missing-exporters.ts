import { expectedGpus } from '../../../src/state/gpus.js';
import type { Target } from '../../../src/state/monitoring.js';
import type { OperationRef } from '../../../src/state/operations.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { targetNodes } from '../../../src/state/target-nodes.js';
import type { Workload } from '../../../src/state/workloads.js';
import { listed } from '../../../src/text/wording.js';

/** An exporter that should be scraped and is not: no target can be down for it. */
export interface MissingExporter {
  readonly exporter: string;
  readonly text: string;
  /** What mends it from here, in order. */
  readonly fixes: readonly OperationRef[];
}

type Seen = Pick<ClusterSnapshot, 'targets' | 'nodes' | 'pods' | 'gpus' | 'daemonSets'>;

/**
 * What a cluster of GPUs should have scraped, and where it is missing altogether: an exporter for each node, DCGM for those with NVIDIA GPUs, the kubelets, and the objects' state.
 * Says nothing while targets or nodes are not known as they are now.
 */
export function missingExporters(snapshot: Seen): readonly MissingExporter[] {
  const { targets, nodes } = snapshot;
  if (targets.freshness.status !== 'live' || nodes.freshness.status !== 'live' || targets.value === null || nodes.value === null) return [];
  const nodeOf = targetNodes(snapshot);
  const all = [...nodes.value.keys()];
  const withGpus = nvidiaNodes(snapshot);
  return [
    ...perNode({
      exporter: 'node exporter',
      jobs: /node[-_]?exporter|^node$|:9100\//,
      daemonSet: /node-?exporter/,
      wanted: all,
      without: 'CPU, memory, disk and pressure',
    }),
    ...(withGpus.length === 0
      ? []
      : perNode({ exporter: 'DCGM exporter', jobs: /dcgm|:9400\//, daemonSet: /dcgm-?exporter/, wanted: withGpus, without: 'GPU metrics' })),
    ...perNode({ exporter: 'kubelet', jobs: /kubelet|cadvisor|kubernetes-nodes|:10250\//, daemonSet: null, wanted: all, without: 'container metrics' }),
    ...stateMetrics(targets.value),
  ];

  function perNode(wish: Wish): readonly MissingExporter[] {
    const own = (targets.value ?? []).filter((target) => wish.jobs.test(`${target.job} ${target.pool}`) || wish.jobs.test(target.scrapeUrl));
    const daemonSet = wish.daemonSet === null ? null : daemonSetLike(snapshot, wish.daemonSet);
    const missing = (text: string, fixes: readonly OperationRef[] = []) => [{ exporter: wish.exporter, text, fixes }];
    if (daemonSet !== null && daemonSet.desired === 0) {
      const selector = [...daemonSet.nodeSelector].map(([key, value]) => `${key}=${value}`).join(', ');
      const why = selector === '' ? 'a taint or its affinity keeps it off every node' : `no node is labelled ${selector}`;
      return missing(`${wish.exporter} runs nowhere (0 wanted): ${why}`, labelFixes(snapshot, daemonSet, wish.wanted));
    }
    if (own.length === 0) {
      const installed =
        daemonSet === null ? `no ${wish.exporter} is scraped` : `${wish.exporter} runs on ${daemonSet.ready} nodes, but Prometheus does not scrape it`;
      return missing(`${installed}: ${wish.without} are not known`);
    }
    const covered = new Set(own.map(nodeOf));
    // A target that cannot be placed may be any node's: then only their number tells.
    if (covered.has(null)) return own.length >= wish.wanted.length ? [] : missing(`${wish.exporter}: ${own.length} targets for ${wish.wanted.length} nodes`);
    const uncovered = wish.wanted.filter((node) => !covered.has(node));
    if (uncovered.length === 0) return [];
    return missing(`${wish.exporter} on ${wish.wanted.length - uncovered.length} of ${wish.wanted.length} nodes: not on ${listed(uncovered)}`);
  }
}

interface Wish {
  readonly exporter: string;
  /** In the name of a job or pool, or in the address. */
  readonly jobs: RegExp;
  readonly daemonSet: RegExp | null;
  /** Nodes that should have one. */
  readonly wanted: readonly string[];
  readonly without: string;
}

function stateMetrics(targets: readonly Target[]): readonly MissingExporter[] {
  if (targets.some(({ job, pool }) => /kube-state/.test(`${job} ${pool}`))) return [];
  return [
    { exporter: 'kube-state-metrics', text: 'no kube-state-metrics is scraped: replicas, requests and conditions are not known to Prometheus', fixes: [] },
  ];
}

function daemonSetLike({ daemonSets }: Seen, name: RegExp): Workload | null {
  const like = [...(daemonSets.value?.values() ?? [])].filter((daemonSet) => name.test(`${daemonSet.name} ${daemonSet.app ?? ''}`));
  return like.find(({ desired }) => desired > 0) ?? like[0] ?? null;
}

function nvidiaNodes({ nodes, gpus }: Seen): readonly string[] {
  return [...(nodes.value?.values() ?? [])]
    .filter(({ name, capacity, labels }) => {
      const offers = [...capacity].some(([resource, amount]) => resource.startsWith('nvidia.com/') && amount > 0);
      const own = gpus.value?.nodes.get(name);
      return offers || labels.get('nvidia.com/gpu.present') === 'true' || (own !== undefined && expectedGpus(own) > 0 && own.product !== null);
    })
    .map(({ name }) => name);
}

/** Its nodes lack the label that it selects by: they can be given it. */
function labelFixes({ nodes }: Seen, { nodeSelector }: Workload, wanted: readonly string[]): readonly OperationRef[] {
  return wanted.flatMap((node) =>
    [...nodeSelector].flatMap(([key, value]) => (nodes.value?.get(node)?.labels.get(key) === value ? [] : [{ id: 'label-node', input: { node, key, value } }])),
  );
}
