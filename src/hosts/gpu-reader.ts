import type { GpuReport } from '../state/gpu-devices.js';
import type { XidEvent } from '../state/hosts.js';

/** Makes sense of what was fetched; the session brings it together from src/gpu, which does no input or output. */
export interface GpuReader {
  /** What `nvidia-smi -q -x` printed, and how it ended. */
  nvidiaSmi(text: string, end: { readonly exitCode: number | null; readonly stderr: string }): GpuReport;
  /** The metrics of a DCGM exporter, by the host name in them. */
  dcgm(text: string): ReadonlyMap<string, GpuReport>;
  /** Puts the names of pods to processes: text of /proc/PID/cgroup by process, `namespace/name` by pod uid. */
  withPods(report: GpuReport, cgroupOf: ReadonlyMap<number, string>, podOf: ReadonlyMap<string, string>): GpuReport;
  /** Kernel log lines with `NVRM: Xid`, as journalctl's short-unix has them. */
  xids(lines: readonly string[]): readonly XidEvent[];
}
