import { isLost } from '../../controllers/machines.js';
import type { MigProfile } from '../../seed/gpu-models.js';
import type { ClusterModel } from './cluster-model.js';
import { hex } from './hash.js';
import type { NodeRecord } from './node-record.js';
import type { PodRecord } from './pod-record.js';
import type { Span } from './steps.js';

/** Who holds a device when. */
export interface Holder {
  readonly pod: PodRecord;
  readonly span: Span;
}

/** One GPU in a node's slot. */
export interface GpuDevice {
  readonly index: number;
  readonly uuid: string;
  readonly pciBusId: string;
  readonly model: string;
  readonly driver: string;
  /** Framebuffer in MiB. */
  readonly memory: number;
  /** Fallen off the bus. */
  readonly lost: boolean;
  /** Code of the last Xid error, 0 without. */
  readonly xid: number;
  /** Who held it when, in order; between them it lay idle. More than one at a time where it is shared. */
  readonly holders: readonly Holder[];
  /** The devices it is cut up into; empty while it is whole. */
  readonly mig: readonly MigDevice[];
}

export interface MigDevice {
  readonly index: number;
  readonly uuid: string;
  readonly profile: string;
  readonly size: MigProfile;
  readonly gpuInstanceId: number;
  readonly holders: readonly Holder[];
}

/** The GPUs of a node. */
export function gpuDevicesOf(model: ClusterModel, node: NodeRecord): GpuDevice[] {
  const whole = Array.from({ length: node.gpus }, (): Holder[] => []);
  const parts = Array.from({ length: node.gpus }, (): Holder[][] => []);
  for (const pod of model.podsEver()) {
    if (pod.node !== node.name) continue;
    for (const index of pod.gpus) for (const span of pod.held) whole[index]?.push({ pod, span });
    for (const { gpu, index } of pod.migDevices) {
      const devices = parts[gpu];
      if (devices !== undefined) devices[index] = [...(devices[index] ?? []), ...pod.held.map((span) => ({ pod, span }))];
    }
  }
  return whole.map((held, index) => ({
    index,
    uuid: gpuUuid(node.name, index),
    pciBusId: pciBusIds[index] ?? `00000000:${(index + 1).toString(16).padStart(2, '0').toUpperCase()}:00.0`,
    model: node.gpuModel,
    driver: node.driver,
    memory: node.gpuMemory,
    lost: node.machine !== null && isLost(node.machine, index),
    xid: node.machine?.xids.filter(({ gpu }) => gpu === index).at(-1)?.code ?? 0,
    holders: inOrder(held),
    mig: migDevicesOf(node, index, parts[index] ?? []),
  }));
}

/** The UUID of the GPU in a node's slot, as nvidia-smi -L prints it. */
export function gpuUuid(node: string, index: number): string {
  return `GPU-${uuid(`${node}/gpu${index}`)}`;
}

function migDevicesOf(node: NodeRecord, gpu: number, holders: readonly (readonly Holder[] | undefined)[]): MigDevice[] {
  const sizes: Readonly<Record<string, MigProfile>> = node.machine?.hardware.gpu?.mig ?? {};
  const profiles = node.machine?.hardware.mig[gpu] ?? [];
  const used = new Map<string, number>();
  return profiles.flatMap((profile, index) => {
    const size = sizes[profile];
    if (size === undefined) return [];
    const place = used.get(profile) ?? 0;
    used.set(profile, place + 1);
    // The smallest begin two ids later where a larger one lies before them.
    const ids = profile.startsWith('1g') && profiles.some((each) => each !== profile) ? size.ids.slice(2) : size.ids;
    const gpuInstanceId = ids[place] ?? index;
    return [{ index, uuid: `MIG-${uuid(`${node.name}/gpu${gpu}/mig${index}`)}`, profile, size, gpuInstanceId, holders: inOrder(holders[index] ?? []) }];
  });
}

function inOrder(holders: readonly Holder[]): Holder[] {
  return [...holders].sort((a, b) => a.span.from - b.span.from);
}

function uuid(name: string): string {
  const digits = hex(name, 32);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

// Where an HGX A100 board has its eight.
const pciBusIds = [
  '00000000:07:00.0',
  '00000000:0F:00.0',
  '00000000:47:00.0',
  '00000000:4E:00.0',
  '00000000:87:00.0',
  '00000000:90:00.0',
  '00000000:B7:00.0',
  '00000000:BD:00.0',
];
