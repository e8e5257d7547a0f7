import type { GpuDevice, MachineGpus } from '../state/gpu-devices.js';

/** What `gpus --output json` prints. A value that a device does not give is null, with its reason under `unavailable` by its path in this object. */
export interface GpusJson {
  readonly schemaVersion: 1;
  readonly gpus: readonly GpuJson[];
}

export interface GpuJson {
  /** Null for a saved document, which does not say where it comes from. */
  readonly node: string | null;
  readonly source: MachineGpus['source'];
  readonly index: number;
  readonly uuid: string | null;
  readonly name: string | null;
  readonly serial: string | null;
  readonly driverVersion: string | null;
  readonly cudaVersion: string | null;
  readonly memory: GpuDevice['memory'];
  readonly utilization: GpuDevice['utilization'];
  readonly temperatureC: number | null;
  readonly power: GpuDevice['power'];
  readonly fanPercent: number | null;
  readonly performanceState: string | null;
  readonly throttleReasons: readonly string[];
  /** Errors since the driver was loaded. */
  readonly ecc: { readonly mode: Mode | null; readonly correctable: number | null; readonly uncorrectable: number | null };
  readonly mig: {
    readonly mode: Mode | null;
    readonly pending: Mode | null;
    readonly devices: readonly {
      readonly index: number;
      readonly gpuInstanceId: number | null;
      readonly computeInstanceId: number | null;
      readonly memory: { readonly totalMiB: number | null; readonly usedMiB: number | null };
    }[];
  };
  readonly processes: readonly {
    readonly pid: number;
    readonly name: string | null;
    readonly type: string | null;
    readonly usedMiB: number | null;
    /** `namespace/name` */
    readonly pod: string | null;
  }[];
  readonly unavailable: Readonly<Record<string, string>>;
}

/** Of machines that gave a report; the others have their sentence on stderr. */
export function gpusJson(machines: readonly MachineGpus[]): GpusJson {
  return {
    schemaVersion: 1,
    gpus: machines.flatMap((machine) => {
      const { report } = machine;
      if (report.status !== 'ok') return [];
      return report.devices.map((device) => gpuJson(machine, report, device));
    }),
  };
}

/** As nvidia-smi writes it. */
type Mode = 'Enabled' | 'Disabled';

function modeOf(mode: 'on' | 'off' | null): Mode | null {
  if (mode === null) return null;
  return mode === 'on' ? 'Enabled' : 'Disabled';
}

type Described = Omit<GpuJson, 'unavailable'>;

function gpuJson(
  { node, source }: MachineGpus,
  { driverVersion, cudaVersion }: { readonly driverVersion: string | null; readonly cudaVersion: string | null },
  device: GpuDevice,
): GpuJson {
  const described: Described = {
    node: source === 'file' ? null : node,
    source,
    index: device.index,
    uuid: device.uuid,
    name: device.name,
    serial: device.serial,
    driverVersion,
    cudaVersion,
    memory: { totalMiB: device.memory.totalMiB, usedMiB: device.memory.usedMiB, freeMiB: device.memory.freeMiB },
    utilization: { gpuPercent: device.utilization.gpuPercent, memoryPercent: device.utilization.memoryPercent },
    temperatureC: device.temperatureC,
    power: { drawW: device.power.drawW, limitW: device.power.limitW },
    fanPercent: device.fanPercent,
    performanceState: device.performanceState,
    throttleReasons: device.throttleReasons,
    ecc: { mode: modeOf(device.ecc.mode), correctable: device.ecc.correctable, uncorrectable: device.ecc.uncorrectable },
    mig: {
      mode: modeOf(device.mig.mode),
      pending: modeOf(device.mig.pending),
      devices: device.mig.devices.map(({ index, gpuInstanceId, computeInstanceId, memory }) => ({
        index,
        gpuInstanceId,
        computeInstanceId,
        memory: { totalMiB: memory.totalMiB, usedMiB: memory.usedMiB },
      })),
    },
    processes: device.processes.map(({ pid, name, type, usedMiB, pod }) => ({ pid, name, type, usedMiB, pod })),
  };
  return { ...described, unavailable: reasonsFor(described, device) };
}

/** A reason for each null, the device's own first, and those for lists that are empty because nothing could be said. */
function reasonsFor(described: Described, device: GpuDevice): Readonly<Record<string, string>> {
  const lists = ['throttleReasons', 'processes'].filter((path) => device.unavailable[path] !== undefined);
  const paths = [...nullsIn(described, ''), ...lists];
  return Object.fromEntries(paths.map((path) => [path, device.unavailable[path] ?? device.lost ?? usualReason(path, described.source)]));
}

function usualReason(path: string, source: MachineGpus['source']): string {
  if (path === 'node') return 'read from a saved document';
  if (path.endsWith('.pod')) return source === 'file' ? 'a saved document does not say' : 'not known';
  return path === 'driverVersion' || path === 'cudaVersion' ? 'not given' : 'not known';
}

function nullsIn(value: unknown, path: string): readonly string[] {
  if (value === null) return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => nullsIn(item, `${path}[${index}]`));
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => nullsIn(inner, path === '' ? name : `${path}.${name}`));
}
