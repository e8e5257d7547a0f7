import { live, type Slice } from '../../src/state/freshness.js';
import type { GpuDevice, GpuProcess, GpuReport, MachineGpus, MigDevice } from '../../src/state/gpu-devices.js';
import type { Collection } from '../../src/state/snapshot.js';
import { now } from './snapshot.js';

/** Keyed by machine, as the feed keys it. */
export function machines(...all: readonly MachineGpus[]): Slice<Collection<MachineGpus>> {
  return live(new Map(all.map((one) => [one.node, one])), now);
}

/** What nvidia-smi said over SSH three seconds ago. */
export function aMachine(node: string, devices: readonly GpuDevice[], overrides: Partial<MachineGpus> = {}): MachineGpus {
  const report: GpuReport = { status: 'ok', driverVersion: '580.173.02', cudaVersion: '13.0', devices, warnings: [] };
  return { node, source: 'ssh', at: now - 3000, report, ...overrides };
}

/** An A100-SXM4-80GB (driver 580) at work: one process of a pod. */
export function aGpu(overrides: Partial<GpuDevice> & { load?: number; usedMiB?: number; pod?: string | null } = {}): GpuDevice {
  const { load = 83, usedMiB = 62_668, pod = 'ai/resnet50-inference-7d9c5b8f4-x2x8p', ...fields } = overrides;
  const index = fields.index ?? 0;
  const totalMiB = fields.memory?.totalMiB ?? 81_920;
  return {
    index,
    uuid: `GPU-5d6f0b1c-00${index}0-4a7e-9a51-3f1d6a7c00${String(index).padStart(2, '0')}`,
    pciBusId: `00000000:${(0x07 + index * 8).toString(16).toUpperCase().padStart(2, '0')}:00.0`,
    name: 'NVIDIA A100-SXM4-80GB',
    serial: `15640220${String(index).padStart(5, '0')}`,
    memory: { totalMiB, usedMiB, freeMiB: totalMiB - usedMiB },
    utilization: { gpuPercent: load, memoryPercent: Math.round(load * 0.6) },
    temperatureC: Math.round(34 + load * 0.32),
    slowdownC: 89,
    power: { drawW: 58 + load * 3.1, limitW: 400 },
    clocks: { smMHz: load > 0 ? 1410 : 210, memoryMHz: 1593 },
    fanPercent: null,
    performanceState: 'P0',
    persistence: 'on',
    throttleReasons: [],
    ecc: { mode: 'on', correctable: 0, uncorrectable: 0 },
    mig: { mode: 'off', pending: 'off', devices: [] },
    virtualization: 'None',
    processes: pod === null ? [] : [aProcess({ pid: 41_200 + index, pod, usedMiB: usedMiB - 400 })],
    lost: null,
    unavailable: { fanPercent: '[N/A]' },
    ...fields,
  };
}

export function aProcess(overrides: Partial<GpuProcess> = {}): GpuProcess {
  return {
    pid: 41_200,
    name: '/opt/tritonserver/bin/tritonserver',
    type: 'C',
    usedMiB: 62_268,
    gpuInstanceId: null,
    pod: 'ai/resnet50-inference-7d9c5b8f4-x2x8p',
    ...overrides,
  };
}

/** An idle GPU of the same kind. */
export function anIdleGpu(overrides: Partial<GpuDevice> = {}): GpuDevice {
  return aGpu({ load: 0, usedMiB: 4, pod: null, temperatureC: 31, power: { drawW: 62, limitW: 400 }, performanceState: 'P0', ...overrides });
}

/** An A16's quarter in a workstation on its desk, with the fan it has not. */
export function anA16(overrides: Parameters<typeof aGpu>[0] = {}): GpuDevice {
  return aGpu({
    name: 'NVIDIA A16',
    uuid: 'GPU-a16c02f4-7d11-4c1b-8d53-9a0e5b7f0001',
    memory: { totalMiB: 15_356, usedMiB: 13_517, freeMiB: 1839 },
    usedMiB: 13_517,
    load: 91,
    temperatureC: 61,
    slowdownC: 102,
    power: { drawW: 48.2, limitW: 62.5 },
    clocks: { smMHz: 1755, memoryMHz: 7250 },
    unavailable: { fanPercent: 'N/A', 'mig.mode': 'N/A', 'mig.pending': 'N/A' },
    mig: { mode: null, pending: null, devices: [] },
    ...overrides,
  });
}

/** An H100 with its memory full and a fan it has not. */
export function anH100(overrides: Parameters<typeof aGpu>[0] = {}): GpuDevice {
  return aGpu({
    name: 'NVIDIA H100 80GB HBM3',
    memory: { totalMiB: 81_559, usedMiB: 74_210, freeMiB: 7349 },
    usedMiB: 74_210,
    load: 97,
    temperatureC: 68,
    slowdownC: 87,
    power: { drawW: 691, limitW: 700 },
    clocks: { smMHz: 1980, memoryMHz: 2619 },
    throttleReasons: ['sw_power_cap'],
    ...overrides,
  });
}

/** An A100 cut into seven slices of 1g.10gb, the first `used` of them with a process of a pod each. */
export function aMigGpu(index: number, used: number): GpuDevice {
  const devices = Array.from(
    { length: 7 },
    (_, slice): MigDevice => ({
      index: slice,
      gpuInstanceId: slice + 7,
      computeInstanceId: 0,
      memory: { totalMiB: 9728, usedMiB: slice < used ? 8130 : 13 },
    }),
  );
  return aGpu({
    index,
    usedMiB: 13 * 7 + used * 8117,
    mig: { mode: 'on', pending: 'on', devices },
    utilization: { gpuPercent: null, memoryPercent: null },
    unavailable: { fanPercent: '[N/A]', 'utilization.gpuPercent': '[N/A]', 'utilization.memoryPercent': '[N/A]' },
    temperatureC: 38,
    power: { drawW: 121, limitW: 400 },
    processes: devices
      .slice(0, used)
      .map(({ index: slice, gpuInstanceId }) =>
        aProcess({ pid: 52_000 + index * 10 + slice, pod: `ai/notebook-${index}-${slice}`, usedMiB: 8100, gpuInstanceId, name: 'python3' }),
      ),
  });
}

/** A GPU that no longer answers: the driver still lists it. */
export function aLostGpu(index: number): GpuDevice {
  const nothing = aGpu({ index, pod: null });
  return {
    ...nothing,
    uuid: null,
    serial: null,
    memory: { totalMiB: null, usedMiB: null, freeMiB: null },
    utilization: { gpuPercent: null, memoryPercent: null },
    temperatureC: null,
    slowdownC: null,
    power: { drawW: null, limitW: null },
    clocks: { smMHz: null, memoryMHz: null },
    performanceState: null,
    persistence: null,
    ecc: { mode: null, correctable: null, uncorrectable: null },
    mig: { mode: null, pending: null, devices: [] },
    lost: 'GPU is lost. Reboot the system to recover this GPU',
    unavailable: Object.fromEntries(
      ['uuid', 'serial', 'memory.totalMiB', 'memory.usedMiB', 'utilization.gpuPercent', 'temperatureC', 'power.drawW'].map((field) => [field, 'GPU is lost']),
    ),
  };
}
