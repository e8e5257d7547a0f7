import { absent, denied, live, loading, type Slice, stale } from '../state/freshness.js';
import type { GpuCounts, GpuLedger, NodeGpus } from '../state/gpus.js';
import type { Node } from '../state/nodes.js';
import type { Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { Derivation } from '../state/store.js';

/** The GPU ledger as a slice of the store: as fresh as the staler of nodes and pods, and missing for the reason either is missing. */
export const gpuDerivation: Derivation<'gpus'> = { slice: 'gpus', from: ['nodes', 'pods'], compute: gpuSlice };

/** Counts accelerators per node and in the cluster. Ended pods hold none, and pods bound to a node that is gone are counted nowhere. */
export function gpuLedger(nodes: Iterable<Node>, pods: Iterable<Pod>): GpuLedger {
  const requested = new Map<string, Map<string, number>>();
  let pending = 0;
  for (const pod of pods) {
    if (pod.deviceRequests === null || pod.phase === 'Failed' || pod.phase === 'Succeeded') continue;
    for (const [resource, amount] of pod.deviceRequests) {
      if (!isAccelerator(resource)) continue;
      if (pod.nodeName === null) pending += amount;
      else {
        const onNode = requested.get(pod.nodeName) ?? new Map<string, number>();
        requested.set(pod.nodeName, onNode.set(resource, (onNode.get(resource) ?? 0) + amount));
      }
    }
  }
  const byNode = new Map<string, NodeGpus>();
  for (const node of nodes) {
    const gpus = nodeGpus(node, requested.get(node.name) ?? new Map());
    if (gpus.resources.length > 0 || gpus.expected !== null) byNode.set(node.name, gpus);
  }
  return { nodes: byNode, total: sum([...byNode.values()].map(({ total }) => total)), pending };
}

/**
 * Whether a resource is an accelerator: `VENDOR/gpu` and its time-sliced `VENDOR/gpu.shared`, NVIDIA's MIG slices, and Intel's devices (gpu.intel.com/i915, xe),
 * but not Intel's side resources (monitoring, millicores, memory.max, tiles), which come on top of the device.
 */
export function isAccelerator(resource: string): boolean {
  if (/\/gpu(?:\.shared)?$/.test(resource) || /^nvidia\.com\/mig-[^/]+$/.test(resource)) return true;
  return resource.startsWith('gpu.intel.com/') && !/\/(?:millicores|memory\.max|tiles)$|_monitoring$/.test(resource);
}

function nodeGpus(node: Node, requested: ReadonlyMap<string, number>): NodeGpus {
  const names = new Set([...node.capacity.keys(), ...node.allocatable.keys(), ...requested.keys()].filter(isAccelerator));
  const rows = [...names].sort().map((resource) => ({
    resource,
    ...counts(node.capacity.get(resource) ?? 0, node.allocatable.get(resource) ?? 0, requested.get(resource) ?? 0),
  }));
  // A kubelet goes on reporting 0 of a resource after it was renamed (gpu.shared) or cut up (MIG): such a zero says nothing beside the others.
  const telling = rows.filter(({ capacity, allocatable, requested }) => capacity > 0 || allocatable > 0 || requested > 0);
  const resources = telling.length > 0 ? telling : rows;
  const total = sum(resources);
  const discovered = discoveredBy(node);
  return {
    node: node.name,
    resources,
    total,
    expected: discovered === null && total.capacity === 0 ? null : Math.max(discovered ?? 0, total.capacity),
    product: node.labels.get('nvidia.com/gpu.product') ?? null,
  };
}

/**
 * What GPU feature discovery labelled: `nvidia.com/gpu.count` devices, each shared `nvidia.com/gpu.replicas` times. With the mixed MIG strategy the slices have labels of
 * their own (`nvidia.com/mig-1g.5gb.count`), and gpu.count also counts the GPUs that are cut up.
 */
function discoveredBy(node: Node): number | null {
  const number = (label: string) => {
    const value = node.labels.get(label);
    return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) : null;
  };
  const slices = [...node.labels.keys()].filter((label) => /^nvidia\.com\/mig-.+\.count$/.test(label));
  if (slices.length > 0) {
    const whole = node.capacity.get('nvidia.com/gpu') ?? 0;
    return slices.reduce((all, label) => all + (number(label) ?? 0) * Math.max(1, number(label.replace(/count$/, 'replicas')) ?? 1), whole);
  }
  const count = number('nvidia.com/gpu.count');
  return count === null ? null : count * Math.max(1, number('nvidia.com/gpu.replicas') ?? 1);
}

function counts(capacity: number, allocatable: number, requested: number): GpuCounts {
  return { capacity, allocatable, requested, free: allocatable - requested };
}

function sum(rows: readonly GpuCounts[]): GpuCounts {
  const all = (field: keyof GpuCounts) => rows.reduce((total, row) => total + row[field], 0);
  return counts(all('capacity'), all('allocatable'), all('requested'));
}

function gpuSlice({ nodes, pods }: ClusterSnapshot): Slice<GpuLedger> {
  for (const input of [nodes, pods]) {
    if (input.value !== null) continue;
    const { freshness } = input;
    if (freshness.status === 'denied') return denied(freshness.verb, freshness.resource);
    if (freshness.status === 'absent') return absent(freshness.why);
    return loading(freshness.since, freshness.why);
  }
  if (nodes.value === null || pods.value === null) return loading(0);
  const ledger = gpuLedger(nodes.value.values(), pods.value.values());
  const stales = [nodes.freshness, pods.freshness].flatMap((freshness) => (freshness.status === 'stale' ? [freshness] : []));
  const [oldest] = stales.sort((a, b) => a.since - b.since);
  if (oldest !== undefined) return stale(ledger, oldest.since, oldest.why);
  return live(ledger, Math.min(...[nodes.freshness, pods.freshness].map((freshness) => (freshness.status === 'live' ? freshness.at : 0))));
}
