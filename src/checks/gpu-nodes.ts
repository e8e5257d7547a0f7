import type { Node } from '../state/nodes.js';
import type { Pod } from '../state/pods.js';
import type { Workload } from '../state/workloads.js';
import { podIndex } from './pod-index.js';
import type { Sight } from './sight.js';

/** A node that has accelerators or should have them. */
export interface GpuNode {
  readonly node: Node;
  readonly vendor: Vendor;
  /** The accelerator resources of the node, `nvidia.com/gpu` where it names none yet. */
  readonly resources: readonly string[];
  readonly capacity: number;
  readonly allocatable: number;
  /** The most that is known of: expectations, feature discovery, capacity. At least 1 for a machine whose labels only say that there is a GPU. */
  readonly expected: number;
}

export type Vendor = 'nvidia' | 'amd' | 'intel';

export function gpuNodes(sight: Sight): readonly GpuNode[] {
  const known = found.get(sight);
  if (known !== undefined) return known;
  const nodes = findGpuNodes(sight);
  found.set(sight, nodes);
  return nodes;
}

const found = new WeakMap<Sight, readonly GpuNode[]>();

function findGpuNodes(sight: Sight): readonly GpuNode[] {
  const ledger = sight.peek('gpus');
  return [...sight.see('nodes').values()].flatMap((node) => {
    const known = [...new Set([...node.capacity.keys(), ...node.allocatable.keys()])].filter((resource) => vendorOf(resource) !== null);
    // A kubelet goes on reporting 0 of a resource that was renamed or cut up: beside others such a zero says nothing.
    const telling = known.filter((resource) => (node.capacity.get(resource) ?? 0) > 0);
    const resources = telling.length > 0 ? telling : known;
    const capacity = sum(resources, node.capacity);
    const hinted = labelledVendor(node);
    const expected = Math.max(capacity, ledger?.nodes.get(node.name)?.expected ?? 0, sight.expectations.gpus?.[node.name] ?? 0, hinted === null ? 0 : 1);
    if (expected === 0 && resources.length === 0) return [];
    const vendor = resources.map(vendorOf).find((found) => found !== null) ?? hinted ?? 'nvidia';
    const named = resources.length > 0 ? resources : [usualResource[vendor]];
    // A resource with capacity 0 is what a device plugin that was removed leaves behind; only feature labels or the settings say that more should be there.
    if (expected === 0) return [];
    return [{ node, vendor, resources: named, capacity, allocatable: sum(resources, node.allocatable), expected }];
  });
}

/** Which vendor's accelerator a resource counts; null for all else. Slices, MIG devices and shared GPUs count, monitoring handles don't. */
export function vendorOf(resource: string): Vendor | null {
  if (/^nvidia\.com\/(?:gpu|mig-)/.test(resource)) return 'nvidia';
  if (/^amd\.com\/(?:gpu|cpx|spx|dpx|qpx)/.test(resource)) return 'amd';
  return /^gpu\.intel\.com\/(?:i915|xe)$/.test(resource) ? 'intel' : null;
}

/** The DaemonSets that offer accelerators to the kubelet, with the vendor each is for. */
export function devicePlugins(daemonSets: Iterable<Workload>): readonly { readonly daemonSet: Workload; readonly vendor: Vendor }[] {
  return [...daemonSets].flatMap((daemonSet) => {
    const vendor = pluginVendor(`${daemonSet.name} ${daemonSet.app ?? ''}`);
    return vendor === null ? [] : [{ daemonSet, vendor }];
  });
}

/** By the names of the vendors' own manifests and charts; not the companions that carry a plugin's name (MPS daemon, feature discovery). */
function pluginVendor(names: string): Vendor | null {
  if (/mps|feature-discovery|gfd|validator|config-manager|node-?labell?er/.test(names)) return null;
  if (/nvidia.*device-plugin/.test(names)) return 'nvidia';
  if (/amd.*(?:gpu|device)-?.*plugin/.test(names)) return 'amd';
  return /intel.*gpu.*plugin/.test(names) ? 'intel' : null;
}

/** The device plugin's pod on a node, with its DaemonSet; null where none is seen. */
export function pluginOn(node: string, vendor: Vendor, sight: Sight): { readonly pod: Pod | null; readonly daemonSet: Workload } | null {
  const pods = podIndex(sight.snapshot.pods)?.byDaemonSet;
  const plugins = devicePlugins(sight.peek('daemonSets')?.values() ?? []).filter((plugin) => plugin.vendor === vendor);
  for (const { daemonSet } of plugins) {
    const pod = pods?.get(`${daemonSet.namespace}/${daemonSet.name}`)?.find((candidate) => candidate.nodeName === node);
    if (pod !== undefined) return { pod, daemonSet };
  }
  const [only] = plugins;
  return only === undefined || plugins.length > 1 ? null : { pod: null, daemonSet: only.daemonSet };
}

export const vendorNames: Readonly<Record<Vendor, string>> = { nvidia: 'NVIDIA', amd: 'AMD', intel: 'Intel' };
const usualResource: Readonly<Record<Vendor, string>> = { nvidia: 'nvidia.com/gpu', amd: 'amd.com/gpu', intel: 'gpu.intel.com/i915' };

/** What node feature discovery or GPU feature discovery say of the hardware, before any plugin runs. */
function labelledVendor(node: Node): Vendor | null {
  const { labels } = node;
  if (labels.get('nvidia.com/gpu.present') === 'true') return 'nvidia';
  for (const label of labels.keys()) {
    const match = /^feature\.node\.kubernetes\.io\/pci-(?:030[02]_)?(10de|1002)(?:_|\.)/.exec(label);
    if (match !== null && labels.get(label) === 'true') return match[1] === '10de' ? 'nvidia' : 'amd';
  }
  return null;
}

function sum(resources: readonly string[], quantities: ReadonlyMap<string, number>): number {
  return resources.reduce((total, resource) => total + (quantities.get(resource) ?? 0), 0);
}
