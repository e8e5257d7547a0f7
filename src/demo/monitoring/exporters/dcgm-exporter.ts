import type { ClusterModel } from '../model/cluster-model.js';
import { type GpuDevice, gpuDevicesOf, type Holder, type MigDevice } from '../model/gpu-devices.js';
import { type GpuLoad, gpuLoad, holdersOver, partLoad } from '../model/gpu-load.js';
import type { NodeRecord } from '../model/node-record.js';
import type { PodRecord } from '../model/pod-record.js';
import { round } from '../model/round.js';
import { stepAt } from '../model/steps.js';
import { counter, type Family, gauge, type LabelPairs, type Series } from './family.js';

/**
 * What dcgm-exporter 4.5 tells of a node's GPUs with its default counters; `hostname` is the exporter pod's node. Of a GPU that is cut up it tells
 * everything once for each part, the parts' own values where there are some, and no utilisation; of one that fell off the bus only its last error.
 */
export function dcgmFamilies(model: ClusterModel, node: NodeRecord): Family[] {
  const reserved = node.machine?.hardware.gpu?.reservedMi ?? 636;
  const clocks = node.machine?.hardware.gpu?.clocks ?? { idle: 210, busy: 1410, memory: 1593 };
  const gpus = gpuDevicesOf(model, node).flatMap((device): Gpu[] => {
    const whole = { device, part: null, memory: device.memory - reserved, load: gpuLoad(model, node, device) };
    if (device.mig.length === 0) return [whole];
    return device.mig.map((part) => ({ device, part, memory: part.size.memoryMi, load: { ...whole.load, ...partLoad(model, part) } }));
  });
  const family = (type: typeof gauge, name: string, help: string, value: (gpu: Gpu, time: number) => number): Family =>
    type(name, help, () => gpus.filter(({ device }) => !device.lost).flatMap((gpu) => seriesOf(node, gpu, (time) => value(gpu, time))));
  // Engines are not to be had for the parts of a GPU.
  const engine = (name: string, help: string, value: (gpu: Gpu, time: number) => number): Family =>
    gauge(name, help, () => gpus.filter(({ device, part }) => !device.lost && part === null).flatMap((gpu) => seriesOf(node, gpu, (time) => value(gpu, time))));
  const fixed = (type: typeof gauge, name: string, help: string): Family => family(type, name, help, () => 0);
  return [
    family(gauge, 'DCGM_FI_DEV_SM_CLOCK', 'SM clock frequency (in MHz).', ({ load }, time) => (load.busy(time) > 0.01 ? clocks.busy : clocks.idle)),
    family(gauge, 'DCGM_FI_DEV_MEM_CLOCK', 'Memory clock frequency (in MHz).', () => clocks.memory),
    family(gauge, 'DCGM_FI_DEV_MEMORY_TEMP', 'Memory temperature (in C).', ({ load }, time) => Math.round(load.temperature(time) + 4)),
    family(gauge, 'DCGM_FI_DEV_GPU_TEMP', 'GPU temperature (in C).', ({ load }, time) => Math.round(load.temperature(time))),
    family(gauge, 'DCGM_FI_DEV_POWER_USAGE', 'Power draw (in W).', ({ load }, time) => round(load.power(time), 3)),
    family(counter, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'Total energy consumption since boot (in mJ).', ({ load }, time) => Math.floor(load.energy(time))),
    fixed(counter, 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER', 'Total number of PCIe retries.'),
    engine('DCGM_FI_DEV_GPU_UTIL', 'GPU utilization (in %).', ({ load }, time) => Math.round(100 * load.busy(time))),
    engine('DCGM_FI_DEV_MEM_COPY_UTIL', 'Memory utilization (in %).', ({ load }, time) => Math.round(38 * load.busy(time))),
    engine('DCGM_FI_DEV_ENC_UTIL', 'Encoder utilization (in %).', () => 0),
    engine('DCGM_FI_DEV_DEC_UTIL', 'Decoder utilization (in %).', () => 0),
    gauge('DCGM_FI_DEV_XID_ERRORS', 'Value of the last XID error encountered.', () => gpus.flatMap((gpu) => seriesOf(node, gpu, () => gpu.device.xid))),
    family(gauge, 'DCGM_FI_DEV_FB_FREE', 'Framebuffer memory free (in MiB).', ({ memory, load }, time) => memory - load.memory(time)),
    family(gauge, 'DCGM_FI_DEV_FB_USED', 'Framebuffer memory used (in MiB).', ({ load }, time) => load.memory(time)),
    family(gauge, 'DCGM_FI_DEV_FB_RESERVED', 'Framebuffer memory reserved (in MiB).', ({ part }) => (part === null ? reserved : 0)),
    fixed(counter, 'DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL', 'Total number of NVLink bandwidth counters for all lanes.'),
    fixed(gauge, 'DCGM_FI_DEV_VGPU_LICENSE_STATUS', 'vGPU License status'),
    fixed(counter, 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS', 'Number of remapped rows for uncorrectable errors'),
    fixed(counter, 'DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS', 'Number of remapped rows for correctable errors'),
    fixed(gauge, 'DCGM_FI_DEV_ROW_REMAP_FAILURE', 'Whether remapping of rows has failed'),
    family(gauge, 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'Ratio of time the graphics engine is active.', ({ load }, time) => round(load.busy(time) * 0.97, 6)),
    family(gauge, 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 'Ratio of cycles the tensor (HMMA) pipe is active.', ({ load }, time) => round(load.busy(time) * 0.31, 6)),
    family(gauge, 'DCGM_FI_PROF_DRAM_ACTIVE', 'Ratio of cycles the device memory interface is active sending or receiving data.', ({ load }, time) =>
      round(load.busy(time) * 0.36, 6),
    ),
    family(
      gauge,
      'DCGM_FI_PROF_PCIE_TX_BYTES',
      'The rate of data transmitted over the PCIe bus - including both protocol headers and data payloads - in bytes per second.',
      ({ load }, time) => Math.round(load.busy(time) * 4.1e7),
    ),
    family(
      gauge,
      'DCGM_FI_PROF_PCIE_RX_BYTES',
      'The rate of data received over the PCIe bus - including both protocol headers and data payloads - in bytes per second.',
      ({ load }, time) => Math.round(load.busy(time) * 2.6e8),
    ),
  ];
}

/** What series are told of: a GPU, or a part of one. */
interface Gpu {
  readonly device: GpuDevice;
  readonly part: MigDevice | null;
  /** Framebuffer for programs, MiB. */
  readonly memory: number;
  readonly load: GpuLoad;
}

/** A GPU's series change their labels with its holder: one for each, and one for the times between. Of several holders the exporter names the last. */
function seriesOf(node: NodeRecord, { device, part }: Gpu, value: (time: number) => number): Series[] {
  const held: readonly Holder[] = part?.holders ?? device.holders;
  const holders = holdersOver(held);
  const labels = (pod: PodRecord | null): LabelPairs => [
    ['gpu', String(device.index)],
    ['UUID', device.uuid],
    ['pci_bus_id', device.pciBusId],
    ['device', `nvidia${device.index}`],
    ['modelName', device.model],
    ...migLabels(part),
    ['Hostname', node.name],
    ['DCGM_FI_DRIVER_VERSION', device.driver],
    ['container', pod?.containers[0]?.name ?? ''],
    ['namespace', pod?.namespace ?? ''],
    ['pod', pod?.name ?? ''],
  ];
  const pods = new Set([null, ...held.map(({ pod }) => pod)]);
  return [...pods].map((pod) => ({
    suffix: '',
    labels: labels(pod),
    value: (time) => ((stepAt(holders, time)?.at(-1) ?? null) === pod ? value(time) : null),
  }));
}

function migLabels(part: MigDevice | null): LabelPairs {
  if (part === null) return [];
  return [
    ['GPU_I_PROFILE', part.profile],
    ['GPU_I_ID', String(part.gpuInstanceId)],
  ];
}
