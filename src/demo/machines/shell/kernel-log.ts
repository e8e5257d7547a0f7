import type { MachineHost } from '../machine-host.js';
import { shortBusId } from '../smi/answer.js';

/** The kernel's lines of this boot that the demo knows, as journalctl or dmesg print them. */
export function kernelLog(host: Pick<MachineHost, 'machine' | 'kernel' | 'gpus' | 'driverLoaded'>, form: 'journal' | 'short-unix' | 'dmesg'): string {
  const { machine } = host;
  const lines = [
    { at: machine.bootedAt, text: `Linux version ${host.kernel()} (buildd@lcy02-amd64-041) #97-Ubuntu SMP PREEMPT_DYNAMIC` },
    ...(machine.gpus > 0 && host.driverLoaded() ? [{ at: machine.bootedAt + 7_214, text: nvrmLine(machine.driver.module) }] : []),
    ...xidLines(host),
  ];
  return lines.map(({ at, text }) => `${prefix(at, machine.bootedAt, machine.name, form)}${text}\n`).join('');
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

function prefix(at: number, bootedAt: number, host: string, form: 'journal' | 'short-unix' | 'dmesg'): string {
  if (form === 'dmesg') return `[${((at - bootedAt) / 1000).toFixed(6).padStart(12)}] `;
  if (form === 'short-unix') return `${(at / 1000).toFixed(6)} ${host} kernel: `;
  const [, month = '', day = '', , clock = ''] = new Date(at).toString().split(' ');
  return `${month} ${day} ${clock} ${host} kernel: `;
}
