import type { MachineGpus } from '../../../src/state/gpu-devices.js';
import type { NodeGpus } from '../../../src/state/gpus.js';
import type { HostState } from '../../../src/state/hosts.js';
import type { Node } from '../../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { compare } from '../../../src/text/sort.js';
import { inUse, piecesOf, usedPieces } from './gpu-usage.js';
import { type Flag, ledgerFlags } from './ledger-flags.js';
import { type Sight, sightOf } from './sight.js';

/** One machine's GPUs from the board to the pods. */
export interface LedgerRow {
  readonly name: string;
  readonly product: string | null;
  /** GPUs in the machine: what nvidia-smi lists or the PCI bus shows, whichever is more; null while it cannot be seen. */
  readonly physical: number | null;
  /** What the kubelet offers and the pods ask for, in the scheduler's pieces; null for a machine that is no node, or where the API cannot be read. */
  readonly offered: NodeGpus | null;
  /** GPUs (or MIG devices) somebody really uses; null while it cannot be seen. */
  readonly used: number | null;
  readonly flags: readonly Flag[];
  readonly sight: Sight;
}

/** What is known of one machine, for the flags. */
export interface Machine {
  readonly name: string;
  readonly node: Node | null;
  readonly offered: NodeGpus | null;
  readonly gpus: MachineGpus | null;
  readonly host: HostState | null;
  readonly physical: number | null;
  /** The scheduler counts MIG devices (strategies single and mixed) rather than boards. */
  readonly slicesOffered: boolean;
  readonly replicas: number;
  readonly used: number | null;
}

/** Every machine that has GPUs, should have them, or could not be asked about them while pods want some there; those in trouble first. */
export function ledgerRows(snapshot: Pick<ClusterSnapshot, 'gpus' | 'nodes' | 'pods' | 'machineGpus' | 'hosts'>): readonly LedgerRow[] {
  const names = new Set([...(snapshot.gpus.value?.nodes.keys() ?? []), ...(snapshot.machineGpus.value?.keys() ?? [])]);
  return [...names]
    .flatMap((name) => {
      const machine = machineOf(name, snapshot);
      if (machine.offered === null && machine.gpus?.report.status !== 'ok' && (machine.physical ?? 0) === 0) return [];
      const { offered, physical, used } = machine;
      return [{ name, product: productOf(machine), physical, offered, used, flags: ledgerFlags(machine, snapshot.pods.value), sight: sightOf(name, snapshot) }];
    })
    .sort((a, b) => weight(a) - weight(b) || compare(a.name, b.name));
}

/** The worst of a row's flags; a machine that cannot be seen among others that can is one too. */
export function toneOf({ flags, sight }: Pick<LedgerRow, 'flags' | 'sight'>): 'good' | 'warn' | 'bad' {
  if (flags.some(({ tone }) => tone === 'bad')) return 'bad';
  return flags.some(({ tone }) => tone === 'warn') || (!sight.seen && !sight.common) ? 'warn' : 'good';
}

function weight(row: LedgerRow): number {
  return { bad: 0, warn: 1, good: 2 }[toneOf(row)];
}

function machineOf(name: string, { gpus, nodes, machineGpus, hosts }: Parameters<typeof ledgerRows>[0]): Machine {
  const node = nodes.value?.get(name) ?? null;
  const offered = gpus.value?.nodes.get(name) ?? null;
  const machine = machineGpus.value?.get(name) ?? null;
  const host = hosts.value?.get(name) ?? null;
  const devices = machine?.report.status === 'ok' ? machine.report.devices : null;
  const onBus = host?.facts?.pciGpus.known === true ? host.facts.pciGpus.value : null;
  const physical = devices === null && onBus === null ? null : Math.max(devices?.length ?? 0, onBus ?? 0);
  const boards = devices?.filter(({ lost }) => lost === null).length ?? 0;
  const slices = devices?.reduce((sum, device) => sum + piecesOf(device, true), 0) ?? 0;
  const capacity = offered?.total.capacity ?? 0;
  // Without its label the strategy shows in the count: boards are offered where there are just as many pieces.
  const strategy = node?.labels.get('nvidia.com/mig.strategy');
  const slicesOffered = slices > boards && strategy !== 'none' && (strategy !== undefined || capacity !== boards);
  const used = devices === null ? null : devices.reduce((sum, device) => sum + usedPieces(device, slicesOffered), 0);
  const known = devices === null || devices.every((device) => device.lost !== null || inUse(device) !== null);
  return {
    name,
    node,
    offered,
    gpus: machine,
    host,
    physical,
    slicesOffered,
    replicas: replicasOf(node, capacity, slicesOffered ? slices : boards),
    used: known ? used : null,
  };
}

/** How many pieces the device plugin makes of one GPU by time-slicing or MPS; 1 where it does not. */
function replicasOf(node: Node | null, capacity: number, pieces: number): number {
  const label = node?.labels.get('nvidia.com/gpu.replicas') ?? '';
  if (/^\d{1,4}$/.test(label) && Number(label) > 1) return Number(label);
  const shared = (node?.capacity.get('nvidia.com/gpu.shared') ?? 0) > 0;
  return shared && pieces > 0 && capacity % pieces === 0 ? Math.max(1, capacity / pieces) : 1;
}

function productOf({ gpus, offered }: Machine): string | null {
  const named = gpus?.report.status === 'ok' ? gpus.report.devices.find(({ name }) => name !== null)?.name : undefined;
  return shortProduct(named ?? offered?.product ?? null);
}

/** A board's name without its maker: `A100-SXM4-80GB`. */
export function shortProduct(name: string | null): string | null {
  return name === null ? null : name.replace(/^(?:NVIDIA|Tesla)[ -]/, '').replace(/^Tesla /, '');
}
