/** What nvidia-smi (or, last of all, the DCGM exporter) said about the GPUs of one machine. */
export interface MachineGpus {
  /** Name of the node or host. */
  readonly node: string;
  /** How it was asked. */
  readonly source: GpuSource;
  /** ms since the epoch, this machine's clock. */
  readonly at: number;
  readonly report: GpuReport;
}

export type GpuSource = 'local' | 'ssh' | 'pod-exec' | 'dcgm' | 'file';

/** Either devices, or the one reason why there are none to show; devices that are lost stand among the devices with their reason. */
export type GpuReport =
  | {
      readonly status: 'ok';
      readonly driverVersion: string | null;
      readonly cudaVersion: string | null;
      readonly devices: readonly GpuDevice[];
      /** Where only some of the GPUs answered, or the exit code or a warning says so. */
      readonly warnings: readonly string[];
      /** When the document says it was made, as it words it; left out where it does not say. */
      readonly writtenAt?: string;
    }
  | { readonly status: GpuTrouble; readonly why: string };

/**
 * not-installed: no nvidia-smi. driver-not-loaded: exit 9. library-mismatch: exit 18 or "Driver/library version mismatch". no-devices: "No devices were found".
 * gpu-lost: exit 15 or "GPU is lost". nvml-missing: exit 12. info-rom: exit 14. permission: "Insufficient Permissions". hung: no answer in time. unreadable: truncated, empty or
 * not a document of nvidia-smi.
 */
export type GpuTrouble =
  | 'not-installed'
  | 'driver-not-loaded'
  | 'library-mismatch'
  | 'no-devices'
  | 'gpu-lost'
  | 'nvml-missing'
  | 'info-rom'
  | 'permission'
  | 'hung'
  | 'unreadable';

/** One physical GPU. A value that the device does not give is null, with its reason under `unavailable` by the field's name (e.g. `fanPercent`, `power.drawW`). */
export interface GpuDevice {
  readonly index: number;
  readonly uuid: string | null;
  readonly pciBusId: string | null;
  readonly name: string | null;
  readonly serial: string | null;
  readonly memory: { readonly totalMiB: number | null; readonly usedMiB: number | null; readonly freeMiB: number | null };
  readonly utilization: { readonly gpuPercent: number | null; readonly memoryPercent: number | null };
  readonly temperatureC: number | null;
  /** The temperature at which the board slows down; null where it does not say. */
  readonly slowdownC: number | null;
  readonly power: { readonly drawW: number | null; readonly limitW: number | null };
  readonly clocks: { readonly smMHz: number | null; readonly memoryMHz: number | null };
  readonly fanPercent: number | null;
  readonly performanceState: string | null;
  readonly persistence: 'on' | 'off' | null;
  /** Reasons that are active now, by nvidia-smi's names without their prefix (`sw_power_cap`, `hw_slowdown`, …); idle and application clocks settings are no throttling and are left out. */
  readonly throttleReasons: readonly string[];
  /** Counts since the driver was loaded (volatile), over all memories that are counted. */
  readonly ecc: { readonly mode: 'on' | 'off' | null; readonly correctable: number | null; readonly uncorrectable: number | null };
  readonly mig: { readonly mode: 'on' | 'off' | null; readonly pending: 'on' | 'off' | null; readonly devices: readonly MigDevice[] };
  /** `None`, `Pass-Through`, `VGPU` (a guest), `Host VGPU`, …; null where the document has none. */
  readonly virtualization: string | null;
  readonly processes: readonly GpuProcess[];
  /** Whether a display is active on it; left out where the source does not say. */
  readonly displayActive?: 'on' | 'off';
  /** `Default`, `Exclusive_Process`, `Prohibited`; left out where the source does not say. */
  readonly computeMode?: string;
  /** `namespace/name` of the pods that hold it, from a source that knows pods but no processes (the DCGM exporter). */
  readonly pods?: readonly string[];
  /** Why this GPU gives nothing more ("GPU is lost"); null while it answers. */
  readonly lost: string | null;
  readonly unavailable: Readonly<Record<string, string>>;
}

export interface MigDevice {
  readonly index: number;
  readonly gpuInstanceId: number | null;
  readonly computeInstanceId: number | null;
  readonly memory: { readonly totalMiB: number | null; readonly usedMiB: number | null };
  /** `1g.5gb`; left out by nvidia-smi's document, which does not name it. */
  readonly profile?: string;
  /** What the instance has of the board; left out where the source does not say. */
  readonly share?: MigShare;
}

/** Engines of a MIG device, and its window of BAR1 memory; null where the document has no number. */
export interface MigShare {
  readonly multiprocessors: number | null;
  readonly copyEngines: number | null;
  readonly encoders: number | null;
  readonly decoders: number | null;
  readonly ofas: number | null;
  readonly jpegs: number | null;
  readonly bar1: { readonly totalMiB: number | null; readonly usedMiB: number | null };
  /** Uncorrectable errors since the driver was loaded. */
  readonly uncorrectable: number | null;
}

export interface GpuProcess {
  readonly pid: number;
  readonly name: string | null;
  /** C compute, G graphics, and their combinations as nvidia-smi prints them. */
  readonly type: string | null;
  readonly usedMiB: number | null;
  readonly gpuInstanceId: number | null;
  /** `namespace/name` of the pod whose cgroup the process is in; null where unknown. */
  readonly pod: string | null;
}
