import type { KubeObject } from '../../api/object-store.js';
import type { Machine } from '../../controllers/machines.js';
import { conditionStatus } from '../../controllers/objects.js';
import { quantity } from '../../controllers/quantity.js';
import { at, listAt, textAt } from '../../fields.js';
import { seconds } from './pod-record.js';
import type { Steps } from './steps.js';

/** What the metrics need to know of a node. Times are seconds since 1970. */
export interface NodeRecord {
  readonly name: string;
  address: string;
  cores: number;
  memory: number;
  /** GPUs in the machine, whatever the kubelet offers of them. */
  gpus: number;
  gpuModel: string;
  /** Framebuffer of each, MiB. */
  gpuMemory: number;
  /** The computer itself, where it is known. */
  machine: Machine | null;
  driver: string;
  kernel: string;
  bootId: string;
  diskPressure: boolean;
  memoryPressure: boolean;
  /** Since when the kubelet reports nothing or not ready; null while it is ready. */
  downSince: number | null;
  /** GPUs that the kubelet offered over time. */
  gpusOffered: Steps<number>;
  /** When it was booted, as far as known: the last one counts now. */
  boots: Steps<number>;
}

/** A record of a node seen for the first time; `bootedAt` in seconds, null when nobody knows. */
export function nodeRecordOf(node: KubeObject, now: number, bootedAt: number | null, machine: Machine | null = null): NodeRecord {
  const boot = bootedAt ?? bootFromStatus(node) ?? now - 12 * day;
  const record: NodeRecord = {
    name: node.metadata.name,
    address: '',
    cores: 1,
    memory: 0,
    gpus: 0,
    gpuModel: '',
    gpuMemory: 0,
    machine,
    driver: '',
    kernel: '',
    bootId: '',
    diskPressure: false,
    memoryPressure: false,
    downSince: null,
    gpusOffered: [],
    // Before its last boot the machine was up, too: since when, does not matter.
    boots: [
      { from: Number.NEGATIVE_INFINITY, value: boot - 23 * day },
      { from: boot, value: boot },
    ],
  };
  updateNodeRecord(record, node, now, bootedAt);
  return record;
}

/** Takes over what has changed; a new boot id is a new boot. */
export function updateNodeRecord(record: NodeRecord, node: KubeObject, now: number, bootedAt: number | null): void {
  const labels = node.metadata.labels ?? {};
  const ready = conditionStatus(node, 'Ready') === 'True';
  const bootId = textAt(node, 'status', 'nodeInfo', 'bootID') ?? '';
  if (record.bootId !== '' && bootId !== record.bootId) {
    const boot = bootedAt ?? now - 50;
    record.boots = [...record.boots.filter(({ from }) => from < boot), { from: boot, value: boot }].slice(-20);
  }
  record.bootId = bootId;
  const addresses = listAt(node, 'status', 'addresses');
  record.address =
    textAt(
      addresses.find((address) => textAt(address, 'type') === 'InternalIP'),
      'address',
    ) ?? record.name;
  record.cores = Math.max(1, quantity(at(node, 'status', 'capacity', 'cpu')));
  record.memory = quantity(at(node, 'status', 'capacity', 'memory')) || 8 * 2 ** 30;
  // A plugin that lost its GPUs may report fewer than there are; what feature discovery saw is still in the slots.
  const count = Number(labels['nvidia.com/gpu.count'] ?? 0) || 0;
  record.gpus = record.machine?.gpus ?? Math.max(record.gpus, quantity(at(node, 'status', 'capacity', 'nvidia.com/gpu')), count);
  offer(record, quantity(at(node, 'status', 'allocatable', 'nvidia.com/gpu')), now);
  const product = labels['nvidia.com/gpu.product'] ?? 'NVIDIA-A100-SXM4-80GB';
  record.gpuModel = record.machine?.hardware.gpu?.name ?? product.replace(/^(?:NVIDIA-)?/, 'NVIDIA ').replace(/^NVIDIA (\w+)-/, 'NVIDIA $1-');
  const told = record.machine?.hardware.gpu?.memoryMi ?? Number(labels['nvidia.com/gpu.memory'] ?? 0);
  record.gpuMemory = told > 0 ? told : Number(/(\d+)GB/.exec(record.gpuModel)?.[1] ?? 40) * 1024;
  record.driver = labels['nvidia.com/cuda.driver-version.full'] ?? driverFromParts(labels) ?? '580.105.08';
  record.kernel = textAt(node, 'status', 'nodeInfo', 'kernelVersion') ?? '6.8.0-94-generic';
  record.diskPressure = conditionStatus(node, 'DiskPressure') === 'True';
  record.memoryPressure = conditionStatus(node, 'MemoryPressure') === 'True';
  record.downSince = ready ? null : (record.downSince ?? transitionOf(node) ?? now);
}

/** What is missing at the first look has been so since the boot: it is then that GPUs get lost. */
function offer(record: NodeRecord, offered: number, now: number): void {
  if (record.gpusOffered.length === 0) {
    const boot = record.boots.at(-1)?.value ?? now;
    record.gpusOffered = [
      { from: Number.NEGATIVE_INFINITY, value: record.gpus },
      { from: boot, value: offered },
    ];
  } else if (record.gpusOffered.at(-1)?.value !== offered) record.gpusOffered = [...record.gpusOffered, { from: now, value: offered }].slice(-100);
}

const day = 86_400;

/** The kubelet is ready about forty seconds after the kernel starts. */
function bootFromStatus(node: KubeObject): number | null {
  const moved = transitionOf(node);
  return moved === null || conditionStatus(node, 'Ready') !== 'True' ? null : moved - 42;
}

function transitionOf(node: KubeObject): number | null {
  const condition = listAt(node, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  return seconds(textAt(condition, 'lastTransitionTime'));
}

function driverFromParts(labels: Readonly<Record<string, string>>): string | null {
  const parts = ['major', 'minor', 'rev'].map((part) => labels[`nvidia.com/cuda.driver.${part}`]);
  return parts.includes(undefined) ? null : parts.join('.');
}
