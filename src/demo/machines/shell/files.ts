import { versions } from '../../seed/nodes.js';
import type { MachineHost } from '../machine-host.js';
import { nvrmLine } from './kernel-log.js';
import { loadedModules, mounted } from './kernel-state.js';

/** The text of a file on the machine; null for the many that the demo does not have. */
export function fileText(host: MachineHost, path: string): string | null {
  const { machine } = host;
  const loaded = machine.gpus > 0 && host.driverLoaded();
  const kept = machine.linux.files.get(path);
  if (kept !== undefined) return kept.kind === 'directory' ? null : kept.text;
  switch (path) {
    case '/proc/sys/kernel/random/boot_id':
      return `${machine.bootId}\n`;
    case '/proc/sys/kernel/osrelease':
      return `${host.kernel()}\n`;
    case '/proc/uptime':
      return `${((host.now() - machine.bootedAt) / 1000).toFixed(2)} 0.00\n`;
    case '/proc/loadavg':
      return `${loadAverages(host)} 2/1811 402113\n`;
    case '/proc/meminfo':
      return memoryLines(host)
        .map((line) => `${line}\n`)
        .join('');
    case '/proc/swaps':
      return [swapsHeading, ...swapRows(host)].map((line) => `${line}\n`).join('');
    case '/proc/modules':
      return loadedModules(host)
        .map((name) => `${name} 16384 0 - Live 0x0000000000000000\n`)
        .join('');
    case '/proc/mounts':
      return mounted(machine.linux.mounts)
        .map(([device, place, type]) => `${device} ${place} ${type} rw,relatime 0 0\n`)
        .join('');
    case '/etc/cni/net.d/10-calico.conflist':
      return machine.linux.cni ? '{"name": "k8s-pod-network", "cniVersion": "0.3.1", "plugins": [{"type": "calico"}]}\n' : null;
    case '/proc/driver/nvidia/version':
      return loaded
        ? `NVRM version: ${nvrmLine(machine.driver.module).replace('NVRM: loading ', '')}\nGCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04)\n`
        : null;
    case '/sys/module/nvidia/version':
      return loaded ? `${machine.driver.module}\n` : null;
    case '/etc/hostname':
      return `${host.hostname}\n`;
    case '/etc/os-release':
      return osRelease.map((line) => `${line}\n`).join('');
    default:
      return processFile(host, path);
  }
}

export const osRelease: readonly string[] = [
  `PRETTY_NAME="${versions.os}"`,
  'NAME="Ubuntu"',
  'VERSION_ID="24.04"',
  'VERSION="24.04.3 LTS (Noble Numbat)"',
  'VERSION_CODENAME=noble',
  'ID=ubuntu',
  'ID_LIKE=debian',
];

export const swapsHeading = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority';

/** Lines of /proc/swaps, one for each area in use. */
export function swapRows({ machine }: MachineHost): string[] {
  return machine.linux.swaps.filter(({ active }) => active).map(({ path, bytes }) => `${path.padEnd(40)}file\t\t${Math.round(bytes / 1024) - 4}\t\t0\t\t-2`);
}

/** `0.52 0.61 0.70` */
export function loadAverages(host: MachineHost): string {
  return ['node_load1', 'node_load5', 'node_load15'].map((name) => host.metric(name).toFixed(2)).join(' ');
}

/** Of /proc/meminfo, the lines that tell how much there is. */
export function memoryLines(host: MachineHost): string[] {
  return ['MemTotal', 'MemFree', 'MemAvailable', 'Buffers', 'Cached', 'SwapTotal', 'SwapFree'].map(
    (name) => `${`${name}:`.padEnd(16)}${String(Math.round(host.metric(`node_memory_${name}_bytes`) / 1024)).padStart(10)} kB`,
  );
}

function processFile(host: MachineHost, path: string): string | null {
  const [, pid, file] = /^\/proc\/(\d+)\/(cgroup|comm|cmdline)$/.exec(path) ?? [];
  const found =
    pid === undefined
      ? undefined
      : host
          .gpus()
          .flatMap(({ processes }) => processes)
          .find((process) => process.pid === Number(pid));
  if (found === undefined) return null;
  if (file === 'cgroup') return `${found.cgroup}\n`;
  return file === 'comm' ? `${found.name.replace(/^.*\//, '')}\n` : `${found.name}\0`;
}
