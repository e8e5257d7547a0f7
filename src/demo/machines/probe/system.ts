import type { MachineHost } from '../machine-host.js';
import { loadAverages, memoryLines, osRelease, swapsHeading } from '../shell/files.js';
import { ok, type Section } from './section.js';

/** Clock, boot, kernel, load, memory, and how the kernel is set up. */
export function systemSections(host: MachineHost): Section[] {
  const { machine } = host;
  const loaded = machine.gpus > 0 && host.driverLoaded();
  return [
    ok('clock', [(host.now() / 1000).toFixed(9)]),
    ok('boot', [machine.bootId, `btime ${Math.floor(machine.bootedAt / 1000)}`]),
    ok('system', [`hostname ${machine.name}`, `kernel ${host.kernel()}`, ...osRelease]),
    ok('load', [`${loadAverages(host)} 2/1811 402113`, `cpus ${machine.hardware.cpus}`]),
    ok('memory', memoryLines(host)),
    ok('pressure', pressureLines(host)),
    ok('swap', [swapsHeading]),
    ok('modules', [...(loaded ? ['nvidia_uvm', 'nvidia_drm', 'nvidia_modeset', 'nvidia'] : []), ...modules]),
    ok('sysctls', sysctls),
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
    const id = name.includes('.') ? name : `${name}.${state.kind}`;
    return [`Id=${id}`, 'LoadState=loaded', `ActiveState=${state.active}`, `UnitFileState=${state.enabled}`];
  });
  return [
    ok('reboot-required', upgraded ? ['yes', `libnvidia-compute-${machine.driver.library.split('.')[0]}-server`] : ['no']),
    ok('time-sync', ['NTPSynchronized=yes']),
    ok('failed-units', []),
    ok('services', shown),
    ok('holds', ['kubeadm', 'kubectl', 'kubelet', ...(machine.hardware.runtime === 'cri-o' ? ['cri-o'] : [])]),
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
  return [
    ok('filesystems', [
      '== blocks',
      'Filesystem 1024-blocks Used Available Capacity Mounted on',
      ...rows.map(({ blocks }) => blocks),
      '== inodes',
      'Filesystem Inodes IUsed IFree IUse% Mounted on',
      ...rows.map(({ inodes }) => inodes),
    ]),
    ok('usage', ['bytes 412876800 /var/cache/apt/archives', 'bytes 0 /var/crash', `bytes ${Math.round(0.0011 * filled)} /var/log/*`]),
    ok('stores', [
      `journal Archived and active journals take up ${(1.2 + filled / 2 ** 38).toFixed(1)}G in the file system.`,
      `bytes ${Math.round(0.004 * filled)} /var/log/pods`,
      '== imagefs',
      JSON.stringify({ status: { imageFilesystems: [{ fsId: { mountpoint: imageStore(host) }, usedBytes: { value: String(Math.round(0.42 * filled)) } }] } }),
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

const modules = ['overlay', 'br_netfilter', 'bridge', 'stp', 'llc', 'vxlan', 'nf_conntrack', 'ip_set', 'xt_set', 'nvme', 'mlx5_core', 'ext4'];

const sysctls = [
  'net.ipv4.ip_forward = 1',
  'net.ipv6.conf.all.forwarding = 0',
  'net.bridge.bridge-nf-call-iptables = 1',
  'net.bridge.bridge-nf-call-ip6tables = 1',
  'fs.inotify.max_user_instances = 8192',
  'fs.inotify.max_user_watches = 1048576',
  'vm.overcommit_memory = 1',
  'vm.swappiness = 60',
  'kernel.panic = 10',
  'kernel.pid_max = 4194304',
];
