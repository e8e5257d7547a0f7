/**
 * What the API knows of accelerators, by node and resource name (nvidia.com/gpu, nvidia.com/gpu.shared,
 * nvidia.com/mig-1g.5gb, amd.com/gpu, gpu.intel.com/i915, …). Pieces.
 */
export interface GpuLedger {
  readonly nodes: ReadonlyMap<string, NodeGpus>;
  readonly total: GpuCounts;
  /** Requests of pods no node was found for. */
  readonly pending: number;
}

export interface NodeGpus {
  readonly node: string;
  /** One row per accelerator resource the node knows or its pods ask for, in name order. */
  readonly resources: readonly (GpuCounts & { readonly resource: string })[];
  readonly total: GpuCounts;
  /** GPUs the machine should have: the largest of capacity and what GPU feature discovery saw (label nvidia.com/gpu.count times replicas); null where nothing says. */
  readonly expected: number | null;
  /** Product name from the nodes' labels (nvidia.com/gpu.product), null without one. */
  readonly product: string | null;
}

export interface GpuCounts {
  readonly capacity: number;
  readonly allocatable: number;
  /** Requested by scheduled pods that have not ended. */
  readonly requested: number;
  /** allocatable - requested; negative when pods hold devices the node no longer offers. */
  readonly free: number;
}
