import type { ClusterModel } from '../model/cluster-model.js';
import { type GpuDevice, gpuDevicesOf } from '../model/gpu-devices.js';
import { between } from '../model/hash.js';
import type { NodeRecord } from '../model/node-record.js';
import { noise } from '../model/noise.js';
import type { PodRecord } from '../model/pod-record.js';
import { round } from '../model/round.js';
import { appOfServer, loadAt, servicesOf } from '../model/service-model.js';
import { mapSteps, type Steps, stepAt } from '../model/steps.js';
import { counter, type Family, gauge, type LabelPairs, type Series } from './family.js';

/** What dcgm-exporter 4.5 tells of a node's GPUs with its default counters; `hostname` is the exporter pod's node. */
export function dcgmFamilies(model: ClusterModel, node: NodeRecord): Family[] {
  const gpus = gpuDevicesOf(model, node).map((device) => ({ device, load: gpuLoad(model, node, device) }));
  const family = (type: typeof gauge, name: string, help: string, value: (gpu: Gpu, time: number) => number): Family =>
    type(name, help, () => gpus.flatMap((gpu) => seriesOf(node, gpu.device, (time) => value(gpu, time))));
  const fixed = (type: typeof gauge, name: string, help: string): Family => family(type, name, help, () => 0);
  return [
    family(gauge, 'DCGM_FI_DEV_SM_CLOCK', 'SM clock frequency (in MHz).', ({ load }, time) => (load.busy(time) > 0.01 ? 1410 : 210)),
    family(gauge, 'DCGM_FI_DEV_MEM_CLOCK', 'Memory clock frequency (in MHz).', () => 1593),
    family(gauge, 'DCGM_FI_DEV_MEMORY_TEMP', 'Memory temperature (in C).', ({ load }, time) => Math.round(load.temperature(time) + 4)),
    family(gauge, 'DCGM_FI_DEV_GPU_TEMP', 'GPU temperature (in C).', ({ load }, time) => Math.round(load.temperature(time))),
    family(gauge, 'DCGM_FI_DEV_POWER_USAGE', 'Power draw (in W).', ({ load }, time) => round(load.power(time), 3)),
    family(counter, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'Total energy consumption since boot (in mJ).', ({ load }, time) => Math.floor(load.energy(time))),
    fixed(counter, 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER', 'Total number of PCIe retries.'),
    family(gauge, 'DCGM_FI_DEV_GPU_UTIL', 'GPU utilization (in %).', ({ load }, time) => Math.round(100 * load.busy(time))),
    family(gauge, 'DCGM_FI_DEV_MEM_COPY_UTIL', 'Memory utilization (in %).', ({ load }, time) => Math.round(38 * load.busy(time))),
    fixed(gauge, 'DCGM_FI_DEV_ENC_UTIL', 'Encoder utilization (in %).'),
    fixed(gauge, 'DCGM_FI_DEV_DEC_UTIL', 'Decoder utilization (in %).'),
    fixed(gauge, 'DCGM_FI_DEV_XID_ERRORS', 'Value of the last XID error encountered.'),
    family(gauge, 'DCGM_FI_DEV_FB_FREE', 'Framebuffer memory free (in MiB).', ({ device, load }, time) => device.memory - reserved - load.memory(time)),
    family(gauge, 'DCGM_FI_DEV_FB_USED', 'Framebuffer memory used (in MiB).', ({ load }, time) => load.memory(time)),
    family(gauge, 'DCGM_FI_DEV_FB_RESERVED', 'Framebuffer memory reserved (in MiB).', () => reserved),
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

// What the driver keeps for itself on an A100.
const reserved = 636;

interface Gpu {
  readonly device: GpuDevice;
  readonly load: GpuLoad;
}

interface GpuLoad {
  /** Share of time with work on it, 0 to 1. */
  busy(time: number): number;
  temperature(time: number): number;
  power(time: number): number;
  /** Millijoules since a fixed moment. */
  energy(time: number): number;
  /** Framebuffer in use, MiB. */
  memory(time: number): number;
}

function gpuLoad(model: ClusterModel, node: NodeRecord, device: GpuDevice): GpuLoad {
  const name = `${node.name}/gpu${device.index}`;
  const warmth = noise(`${name}/warmth`, 0.05);
  const holders = holdersOf(device);
  const ambient = between(name, 27, 33);
  const idlePower = between(`${name}/idle`, 48, 58);
  const busy = (time: number): number => {
    const pod = stepAt(holders, time) ?? null;
    return pod === null ? 0 : busyOf(model, pod, time);
  };
  const meanPower = mapSteps(holders, (pod) => idlePower + (pod === null ? 0 : 165));
  return {
    busy,
    temperature: (time) => (ambient + 38 * busy(time)) * warmth.at(time),
    power: (time) => (idlePower + 285 * busy(time)) * warmth.at(time),
    energy: (time) => energyOf(meanPower, node.boots.at(-1)?.value ?? 0, time) * 1000,
    memory: (time) => {
      const pod = stepAt(holders, time) ?? null;
      if (pod === null) return 4;
      const app = appOfServer(pod);
      return (app === null ? undefined : servicesOf(model).get(app)?.profile.gpuMemory) ?? Math.round(device.memory * 0.71);
    },
  };
}

function busyOf(model: ClusterModel, pod: PodRecord, time: number): number {
  const app = appOfServer(pod);
  const service = app === null ? undefined : servicesOf(model).get(app);
  if (service !== undefined) return pod.ready.some(({ from, to }) => from <= time && time < to) ? loadAt(service, pod, time) : 0;
  return pod.running.some(({ from, to }) => from <= time && time < to) ? 0.78 * noise(`${pod.name}/gpu`, 0.12).at(time) : 0;
}

function holdersOf(device: GpuDevice): Steps<PodRecord | null> {
  const steps: { from: number; value: PodRecord | null }[] = [{ from: Number.NEGATIVE_INFINITY, value: null }];
  for (const { pod, span } of device.holders) {
    steps.push({ from: span.from, value: pod });
    if (span.to !== Number.POSITIVE_INFINITY) steps.push({ from: span.to, value: null });
  }
  return steps;
}

function energyOf(power: Steps<number>, from: number, time: number): number {
  let joules = 0;
  for (const [index, { from: begin, value }] of power.entries()) {
    const end = Math.min(time, power[index + 1]?.from ?? time);
    joules += Math.max(0, end - Math.max(begin, from)) * value;
  }
  return joules;
}

/** A GPU's series change their labels with its holder: one for each, and one for the times between. */
function seriesOf(node: NodeRecord, device: GpuDevice, value: (time: number) => number): Series[] {
  const holders = holdersOf(device);
  const labels = (pod: PodRecord | null): LabelPairs => [
    ['gpu', String(device.index)],
    ['UUID', device.uuid],
    ['pci_bus_id', device.pciBusId],
    ['device', `nvidia${device.index}`],
    ['modelName', device.model],
    ['Hostname', node.name],
    ['DCGM_FI_DRIVER_VERSION', device.driver],
    ['container', pod?.containers[0]?.name ?? ''],
    ['namespace', pod?.namespace ?? ''],
    ['pod', pod?.name ?? ''],
  ];
  const pods = new Set([null, ...device.holders.map(({ pod }) => pod)]);
  return [...pods].map((pod) => ({ suffix: '', labels: labels(pod), value: (time) => ((stepAt(holders, time) ?? null) === pod ? value(time) : null) }));
}
