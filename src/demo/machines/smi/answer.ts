import { hasMismatch, type Machine } from '../../controllers/machines.js';
import type { GpuReading } from '../gpu-readings.js';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What nvidia-smi describes. */
export interface SmiScene {
  readonly machine: Machine;
  readonly gpus: readonly GpuReading[];
  /** ms since the epoch. */
  readonly now: number;
}

/** The version of CUDA that the 580 branch of the driver brings. */
export const cudaVersion = '13.0';

/** What keeps nvidia-smi from saying anything about any GPU; null while it works. */
export function smiTrouble(machine: Machine, driverLoaded: boolean): CommandResult | null {
  if (!driverLoaded) {
    const stdout =
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n";
    return { stdout, stderr: '', exitCode: 9 };
  }
  if (hasMismatch(machine)) {
    const library = machine.driver.library.split('.').slice(0, 2).join('.');
    return { stdout: `Failed to initialize NVML: Driver/library version mismatch\nNVML library version: ${library}\n`, stderr: '', exitCode: 18 };
  }
  return null;
}

/** Whether all is well: nvidia-smi ends with 15 when a GPU is lost, whatever else it could print. */
export function smiExitCode(gpus: readonly GpuReading[]): number {
  return gpus.some(({ device }) => device.lost) ? 15 : 0;
}

export function lostSentence({ device }: GpuReading): string {
  return `Unable to determine the device handle for GPU${device.index}: ${shortBusId(device.pciBusId)}: GPU is lost.  Reboot the system to recover this GPU\n`;
}

/** `0000:07:00.0`: with the domain's four digits, as the kernel writes it. */
export function shortBusId(pciBusId: string): string {
  return pciBusId.slice(4);
}

/** `Mon Nov  2 14:02:11 2026`, as ctime(3) prints it. */
export function ctime(moment: number): string {
  const date = new Date(moment);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${days[date.getDay()]} ${months[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${clock} ${date.getFullYear()}`;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
