import type { MachineHost } from '../machine-host.js';
import { shortBusId } from '../smi/answer.js';

/** The kernel's lines of this boot that the demo knows, as dmesg prints them. */
export function kernelLog(host: KernelSource): string {
  const { bootedAt } = host.machine;
  return kernelLines(host)
    .map(({ at, text }) => `[${((at - bootedAt) / 1000).toFixed(6).padStart(12)}] ${text}\n`)
    .join('');
}

type KernelSource = Pick<MachineHost, 'machine' | 'kernel' | 'gpus' | 'driverLoaded'>;

/** The same with their moments, ms since the epoch. */
export function kernelLines(host: KernelSource): { readonly at: number; readonly text: string }[] {
  const { machine } = host;
  const { bootedAt, linux } = machine;
  const swaps = linux.swaps.filter(({ active }) => active);
  return [
    { at: bootedAt, text: `Linux version ${host.kernel()} (buildd@lcy02-amd64-041) #97-Ubuntu SMP PREEMPT_DYNAMIC` },
    ...swaps.map(({ path, bytes }) => ({
      at: bootedAt + 4_108,
      text: `Adding ${Math.round(bytes / 1024) - 4}k swap on ${path}.  Priority:-2 extents:7 across:${Math.round(bytes / 1024)}k`,
    })),
    ...(machine.gpus > 0 && host.driverLoaded() ? [{ at: bootedAt + 7_214, text: nvrmLine(machine.driver.module) }] : []),
    ...mismatchLines(host),
    ...xidLines(host),
  ];
}

/** What the module says when a program of another version talks to it. */
function mismatchLines({ machine: { driver } }: KernelSource): { readonly at: number; readonly text: string }[] {
  if (driver.module === driver.library) return [];
  const said = [
    `NVRM: API mismatch: the client has the version ${driver.library}, but`,
    `NVRM: this kernel module has the version ${driver.module}.  Please`,
    'NVRM: make sure that this kernel module and all NVIDIA driver',
    'NVRM: components have the same version.',
  ];
  return said.map((text, place) => ({ at: driver.since + 60_000 + place, text }));
}

/** The Xid errors of this boot with their times, ms since the epoch. */
export function xidLines({ machine, gpus }: Pick<MachineHost, 'machine' | 'gpus'>): { readonly at: number; readonly text: string }[] {
  if (machine.xids.length === 0) return [];
  const devices = gpus();
  return machine.xids.map(({ at, gpu, code, text }) => {
    const bus = shortBusId(devices[gpu]?.device.pciBusId ?? '00000000:00:00.0').toLowerCase();
    return { at, text: `NVRM: Xid (PCI:${bus.replace(/\.0$/, '')}): ${code}, ${text}` };
  });
}

export function nvrmLine(version: string): string {
  return `NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  ${version}  Release Build  (dvs-builder@U22-I3-AE18-23-3)`;
}
