import type { NodeMemory } from '../../config/memory.js';
import type { Slice } from '../../state/freshness.js';
import type { HostFacts, HostState } from '../../state/hosts.js';
import type { Node } from '../../state/nodes.js';
import type { Pod } from '../../state/pods.js';
import type { ClusterSnapshot, Collection } from '../../state/snapshot.js';
import { gpuNodes } from '../gpu-nodes.js';
import { type Sight, sightOf } from '../sight.js';
import { hostOf, isHeard } from './boots.js';

/** All that the steps of one node's way back look at. Only what is true now is in it. */
export interface NodeSight {
  readonly name: string;
  readonly sight: Sight;
  readonly snapshot: ClusterSnapshot;
  readonly now: number;
  /** The boot it is in; null while only its absence is known. */
  readonly bootId: string | null;
  readonly bootedAt: number | null;
  readonly remembered: NodeMemory | null;
  /** Pods that were in trouble before the reboot, as `namespace/name`. */
  readonly badBefore: ReadonlySet<string>;
  readonly node: Node | null;
  readonly host: HostState | null;
  /** What the machine says in this boot; null while it does not answer. */
  readonly facts: HostFacts | null;
  /** The API server answers. */
  readonly answered: boolean;
  /** The kubelet reports to the API server, and what it reports is of this boot. */
  readonly reporting: boolean;
  /** Since when, as far as we saw it, ms since the epoch; null while it does not. */
  readonly reportingSince: number | null;
  /** Pods bound to the node that have not ended. */
  readonly pods: readonly Pod[];
  /** Accelerators it should offer, and of which make; 0 for a node without. */
  readonly gpus: { readonly expected: number; readonly allocatable: number; readonly nvidia: boolean };
  /** The API server was seen silent since the boot. */
  readonly apiWasSilent: boolean;
}

/** What the tracker knows of a node beside the snapshot. */
export interface NodePast {
  readonly bootId: string | null;
  readonly bootedAt: number | null;
  readonly remembered: NodeMemory | null;
  readonly badBefore: ReadonlySet<string>;
  readonly reportingSince: number | null;
  readonly apiWasSilent: boolean;
}

export function nodeSight(name: string, snapshot: ClusterSnapshot, past: NodePast, now: number): NodeSight {
  const sight = sightOf({ snapshot, expectations: {}, now });
  const answered = snapshot.connection.status === 'connected';
  const node = answered ? (sight.peek('nodes')?.get(name) ?? null) : null;
  const host = hostOf(name, snapshot);
  const { bootId } = past;
  const reporting = node !== null && isHeard(name, snapshot, now) === true && (bootId === null || node.info.bootId === null || node.info.bootId === bootId);
  return {
    ...past,
    name,
    sight,
    snapshot,
    now,
    node,
    host,
    facts: factsOf(host, bootId),
    answered,
    reporting,
    reportingSince: reporting ? (past.reportingSince ?? now) : null,
    pods: answered ? podsOn(name, snapshot.pods) : [],
    gpus: gpusOf(node, sight, past.remembered),
  };
}

function factsOf(host: HostState | null, bootId: string | null): HostFacts | null {
  if (host === null || host.contact.status !== 'connected' || host.facts === null) return null;
  const told = host.facts.bootId;
  return bootId !== null && told.known && told.value !== bootId ? null : host.facts;
}

function gpusOf(node: Node | null, sight: Sight, remembered: NodeMemory | null): NodeSight['gpus'] {
  const before = remembered?.gpus ?? 0;
  const seen = node === null ? undefined : gpuNodes(sight).find((gpuNode) => gpuNode.node.name === node.name);
  if (seen === undefined) return { expected: before, allocatable: 0, nvidia: true };
  return { expected: Math.max(seen.expected, before), allocatable: seen.allocatable, nvidia: seen.vendor === 'nvidia' };
}

function podsOn(name: string, slice: Slice<Collection<Pod>>): readonly Pod[] {
  if (slice.value === null || slice.freshness.status !== 'live') return [];
  const known = byNode.get(slice);
  if (known !== undefined) return known.get(name) ?? [];
  const index = new Map<string, Pod[]>();
  for (const pod of slice.value.values()) {
    if (pod.nodeName === null) continue;
    const own = index.get(pod.nodeName);
    if (own === undefined) index.set(pod.nodeName, [pod]);
    else own.push(pod);
  }
  byNode.set(slice, index);
  return index.get(name) ?? [];
}

/** Worked out once per slice, whose map the feed may go on using: with 10,000 pods each look would show. */
const byNode = new WeakMap<Slice<Collection<Pod>>, ReadonlyMap<string, readonly Pod[]>>();
