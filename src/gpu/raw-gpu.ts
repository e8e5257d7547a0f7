import type { MigShare } from '../state/gpu-devices.js';
import type { Raw } from './reading.js';

/** One GPU as a source words it, before anything is understood. Each source only finds the places; what stands there is read in one way for all. */
export interface RawGpu {
  /** What to say of a field that the source does not have ("not in the document"). */
  readonly whyMissing: string;
  readonly values: Readonly<Partial<Record<RawField, Raw>>>;
  /** Names of the reasons that are active; null where `values.throttleReasons` says why there are none. */
  readonly throttleReasons: readonly string[] | null;
  /** The counters to add up. */
  readonly correctable: readonly Raw[];
  readonly uncorrectable: readonly Raw[];
  readonly migDevices: readonly RawMigDevice[];
  readonly processes: readonly RawProcess[];
  /** Why there is no list of processes; null where there is one. */
  readonly whyNoProcesses: string | null;
  readonly pods?: readonly string[];
}

export type RawField =
  | 'uuid'
  | 'pciBusId'
  | 'name'
  | 'serial'
  | 'memory.totalMiB'
  | 'memory.usedMiB'
  | 'memory.freeMiB'
  | 'utilization.gpuPercent'
  | 'utilization.memoryPercent'
  | 'temperatureC'
  | 'slowdownC'
  | 'power.drawW'
  | 'power.limitW'
  | 'clocks.smMHz'
  | 'clocks.memoryMHz'
  | 'fanPercent'
  | 'performanceState'
  | 'persistence'
  | 'throttleReasons'
  | 'ecc.mode'
  | 'mig.mode'
  | 'mig.pending'
  | 'virtualization'
  | 'displayActive'
  | 'computeMode';

export interface RawMigDevice {
  readonly index: Raw;
  readonly gpuInstanceId: Raw;
  readonly computeInstanceId: Raw;
  readonly totalMiB: Raw;
  readonly usedMiB: Raw;
  readonly profile?: string;
  readonly share?: MigShare;
}

export interface RawProcess {
  readonly pid: Raw;
  readonly name: Raw;
  readonly type: Raw;
  readonly used: Raw;
  readonly gpuInstanceId: Raw;
}
