import { linesOf, reclaimable } from '../../controllers/linux.js';
import type { MachineHost } from '../machine-host.js';
import { loadAverages, memoryLines, osRelease, swapRows, swapsHeading } from '../shell/files.js';
import { loadedModules } from '../shell/kernel-state.js';
import { packagesOf } from '../shell/system-commands.js';
import { activeSwaps, properties } from '../shell/systemctl.js';
import { ok, type Section } from './section.js';

/** Clock, boot, kernel, load, memory, and how the kernel is set up. */
export function systemSections(host: MachineHost): Section[] {
  const { machine } = host;
  return [
    ok('clock', [(host.now() / 1000).toFixed(9)]),
    ok('boot', [machine.bootId, `btime ${Math.floor(machine.bootedAt / 1000)}`]),
    ok('system', [`hostname ${machine.name}`, `kernel ${host.kernel()}`, ...osRelease]),
    ok('load', [`${loadAverages(host)} 2/1811 402113`, `cpus ${machine.hardware.cpus}`]),
    ok('memory', memoryLines(host)),
    ok('pressure', pressureLines(host)),
    ok('swap', [swapsHeading, ...swapRows(host)]),
    swapSetup(host),
    ok('modules', loadedModules(host)),
    ok('modules-load', ['== /etc/modules-load.d/k8s.conf', ...linesOf(machine.linux, '/etc/modules-load.d/k8s.conf')]),
    ok(
      'sysctls',
      [...machine.linux.sysctls]
        .filter(([name]) => !name.startsWith('net.bridge.') || machine.linux.modules.has('br_netfilter'))
        .map(([name, value]) => `${name} = ${value}`),
    ),
    ok('cgroup', ['v2']),
  ];
}

/** What systemd and apt know. */
export function serviceSections(host: MachineHost): Section[] {
  const { machine } = host;
  const upgraded = machine.driver.module !== machine.driver.library;
  const runtime = machine.hardware.runtime === 'cri-o' ? 'crio' : 'containerd';
  const units = [runtime, 'kubelet', 'nvidia-persistenced', 'nvidia-cdi-refresh.path', 'nvidia-cdi-refresh', 'chrony'];
  const shown = units.flatMap((name) => {
    const state = host.unit(name);
    if (state === null) return [];
    return properties(state.name, state)
      .filter(([key]) => shownProperties.includes(key))
      .map(([key, value]) => `${key}=${value}`);
  });
  const failed = [...machine.linux.units.values()]
    .filter(({ state }) => state === 'failed')
    .map(({ name, description }) => `${name} loaded failed failed ${description}`);
  return [
    ok('reboot-required', upgraded ? ['yes', `libnvidia-compute-${machine.driver.library.split('.')[0]}-server`] : ['no']),
    ok('time-sync', [`NTPSynchronized=${machine.linux.clock.synchronized ? 'yes' : 'no'}`]),
    ok('failed-units', failed),
    ok('services', shown),
    ok('holds', [...machine.linux.holds].sort()),
    ok(
      'packages',
      [...packagesOf(host)].filter(([name]) => name !== 'chrony').map(([name, version]) => `installed ${name} ${version}`),
    ),
    ok('apt-history', aptHistory(host)),
  ];
}

/** File systems and what fills them. */
export function diskSections(host: MachineHost): Section[] {
  const mounts = [
    { device: '/dev/nvme0n1p2', mount: '/' },
    { device: '/dev/nvme0n1p1', mount: '/boot/efi' },
  ];
  const rows = mounts.map(({ device, mount }) => {
    const value = (name: string) => host.metric(`node_filesystem_${name}`, { mountpoint: mount });
    const [size, free, available, files, filesFree] = ['size_bytes', 'free_bytes', 'avail_bytes', 'files', 'files_free'].map(value);
    const kilobytes = (bytes: number | undefined) => Math.round((bytes ?? 0) / 1024);
    const used = kilobytes(size) - kilobytes(free);
    const share = (part: number, whole: number) => (whole === 0 ? '-' : `${Math.ceil((100 * part) / whole)}%`);
    return {
      blocks: `${device} ${kilobytes(size)} ${used} ${kilobytes(available)} ${share(used, used + kilobytes(available))} ${mount}`,
      inodes: `${device} ${files} ${(files ?? 0) - (filesFree ?? 0)} ${filesFree} ${share((files ?? 0) - (filesFree ?? 0), files ?? 0)} ${mount}`,
      used: used * 1024,
    };
  });
  const filled = rows[0]?.used ?? 0;
  const { disk } = host.machine.linux;
  return [
    ok('filesystems', [
      '== blocks',
      'Filesystem 1024-blocks Used Available Capacity Mounted on',
      ...rows.map(({ blocks }) => blocks),
      '== inodes',
      'Filesystem Inodes IUsed IFree IUse% Mounted on',
      ...rows.map(({ inodes }) => inodes),
    ]),
    ok('mounts', ['yes ext4 UUID=4d7c1c0e-58b5-4a8e-9d7e-1f6a2f8b7c11 / defaults', 'yes vfat UUID=A1B2-C3D4 /boot/efi umask=0077', ...setUp(host)]),
    ok('usage', [`bytes ${Math.round(disk.packages)} /var/cache/apt/archives`, 'bytes 0 /var/crash', `bytes ${Math.round(0.0011 * filled)} /var/log/*`]),
    ok('stores', [
      `journal Archived and active journals take up ${(disk.journal / 2 ** 30).toFixed(1)}G in the file system.`,
      `bytes ${Math.round(0.004 * filled)} /var/log/pods`,
      '== imagefs',
      JSON.stringify({
        status: {
          imageFilesystems: [
            {
              fsId: { mountpoint: imageStore(host) },
              usedBytes: { value: String(Math.round(0.42 * (filled - reclaimable(host.machine.linux)) + disk.images)) },
            },
          ],
        },
      }),
    ]),
  ];
}

function imageStore({ machine }: MachineHost): string {
  return machine.hardware.runtime === 'cri-o' ? '/var/lib/containers/storage/overlay-images' : '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs';
}

/** The kernel's averages over ten seconds, from the same counters as the node exporter's. */
function pressureLines(host: MachineHost): string[] {
  const share = (counter: string) => {
    const name = `node_pressure_${counter}_seconds_total`;
    return Math.max(0, (host.metric(name) - host.metric(name, {}, 10)) * 10);
  };
  const line = (resource: string, kind: 'some' | 'full', percent: number) =>
    `${resource} ${kind} avg10=${percent.toFixed(2)} avg60=${percent.toFixed(2)} avg300=${percent.toFixed(2)} total=${Math.round(percent * 1e9)}`;
  return [
    line('cpu', 'some', share('cpu_waiting')),
    line('cpu', 'full', 0),
    line('memory', 'some', share('memory_waiting')),
    line('memory', 'full', share('memory_stalled')),
    line('io', 'some', share('io_waiting')),
    line('io', 'full', share('io_stalled')),
  ];
}

const shownProperties = ['Id', 'LoadState', 'ActiveState', 'SubState', 'Result', 'ExecMainStatus', 'UnitFileState'];

/** Swap in fstab, the units that systemd makes of it, and those that are masked. */
function swapSetup(host: MachineHost): Section {
  const { linux } = host.machine;
  const fstab = linesOf(linux, '/etc/fstab').flatMap((line) => {
    const [device = '', , type = '', options = ''] = line.split(/\s+/);
    return type === 'swap' ? [`fstab ${device} ${options}`] : [];
  });
  const made = activeSwaps(host).flatMap((name) => [
    `Id=${name}`,
    `ActiveState=${linux.swaps.some(({ active }) => active) ? 'active' : 'inactive'}`,
    'UnitFileState=generated',
  ]);
  const masked = [...linux.units.values()].filter(({ name, enabled }) => name.endsWith('.swap') && enabled === 'masked').map(({ name }) => `masked ${name}`);
  return ok('swap-setup', [...fstab, ...made, ...masked]);
}

function setUp({ machine }: MachineHost): string[] {
  return machine.linux.mounts.map(({ device, place, type, options, mounted }) => `${mounted ? 'yes' : 'no'} ${type} ${device} ${place} ${options}`);
}

/** The runs of apt: the last upgrade of everything, and that of the driver where it was not followed by a reboot. */
function aptHistory({ machine, kernel }: MachineHost): string[] {
  const run = (at: number, command: string, change: string) => [
    `Start-Date: ${new Date(at).toISOString().slice(0, 19).replace('T', '  ')}`,
    `Commandline: ${command}`,
    change,
  ];
  const { module, library, since } = machine.driver;
  const branch = library.split('.')[0] ?? '';
  const version = (driver: string) => `${driver}-0ubuntu0.24.04.1`;
  const kernelName = kernel();
  return [
    'zone +0000',
    ...run(
      machine.bootedAt - 3_600_000,
      'apt-get -y dist-upgrade',
      `Install: 1; linux-image-${kernelName}:amd64 (${kernelName.replace('-generic', '')}.97, automatic`,
    ),
    ...(module === library
      ? []
      : run(
          since,
          '/usr/bin/unattended-upgrade',
          `Upgrade: 2; libnvidia-compute-${branch}-server:amd64 (${version(module)}, ${version(library)}; nvidia-utils-${branch}-server:amd64 (${version(module)}, ${version(library)}`,
        )),
  ];
}
