import { type Node, readiness } from './nodes.js';
import type { Collection } from './snapshot.js';

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

/**
 * What of the GPUs the machines should have can be used now: allocatable on Ready nodes. A node that went away keeps its last numbers in
 * the API for as long as it is away; they are no GPUs to count on.
 */
export function usableGpus(ledger: GpuLedger, nodes: Collection<Node> | null): { readonly usable: number; readonly expected: number } {
  let usable = 0;
  let expected = 0;
  for (const own of ledger.nodes.values()) {
    expected += expectedGpus(own);
    const node = nodes?.get(own.node);
    if (node === undefined || readiness(node) === 'ready') usable += own.total.allocatable;
  }
  return { usable, expected };
}

/** What the machine should have, as far as anything says: never less than its capacity. */
export function expectedGpus({ expected, total }: NodeGpus): number {
  return Math.max(expected ?? 0, total.capacity);
}
