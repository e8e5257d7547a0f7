import type { ClusterModel } from './cluster-model.js';
import { hex } from './hash.js';
import type { NodeRecord } from './node-record.js';
import type { PodRecord } from './pod-record.js';
import type { Span } from './steps.js';

/** One GPU in a node's slot. */
export interface GpuDevice {
  readonly index: number;
  readonly uuid: string;
  readonly pciBusId: string;
  readonly model: string;
  readonly driver: string;
  /** Framebuffer in MiB. */
  readonly memory: number;
  /** Who held it when, in order; between them it lay idle. */
  readonly holders: readonly { readonly pod: PodRecord; readonly span: Span }[];
}

/** The GPUs of a node. */
export function gpuDevicesOf(model: ClusterModel, node: NodeRecord): GpuDevice[] {
  const holders = Array.from({ length: node.gpus }, (): { pod: PodRecord; span: Span }[] => []);
  for (const pod of model.podsEver()) {
    if (pod.node !== node.name) continue;
    for (const index of pod.gpus) for (const span of pod.held) holders[index]?.push({ pod, span });
  }
  return holders.map((held, index) => ({
    index,
    uuid: gpuUuid(node.name, index),
    pciBusId: pciBusIds[index] ?? `00000000:${(index + 1).toString(16).padStart(2, '0').toUpperCase()}:00.0`,
    model: node.gpuModel,
    driver: node.driver,
    memory: Number(/(\d+)GB/.exec(node.gpuModel)?.[1] ?? 40) * 1024,
    holders: held.sort((a, b) => a.span.from - b.span.from),
  }));
}

/** The UUID of the GPU in a node's slot, as nvidia-smi -L prints it. */
export function gpuUuid(node: string, index: number): string {
  const digits = hex(`${node}/gpu${index}`, 32);
  return `GPU-${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
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
