import type { Hardware } from '../seed/hardware.js';
import { createSetupRecord, type SetupRecord } from './setup-record.js';
import { createUnits, type Unit } from './units.js';

/** What of a machine's system can be changed by hand. Moments are ms since the epoch, amounts bytes. */
export interface Linux {
  swaps: readonly Swap[];
  /** Loaded kernel modules, but for those of the GPU driver. */
  readonly modules: Set<string>;
  /** Modules of the GPU driver that are not loaded although the driver is. */
  readonly unloaded: Set<string>;
  readonly files: Map<string, TextFile>;
  readonly sysctls: Map<string, string>;
  /** By full name, as in `kubelet.service`. */
  readonly units: Map<string, Unit>;
  readonly holds: Set<string>;
  clock: { readonly ntp: boolean; readonly synchronized: boolean };
  persistence: boolean;
  /** Version of the driver's libraries that the CDI specification names; null: there is none. */
  cdi: string | null;
  /** Whether /etc/cni/net.d holds a configuration. */
  cni: boolean;
  /** Ends of certificates by path. */
  readonly certificates: Map<string, number>;
  /** What can be won back of the disk, beside what is there for good. */
  readonly disk: { journal: number; packages: number; images: number; other: number };
  /** What fstab mounts besides the usual. */
  mounts: readonly Mount[];
  /** What guided setup has left there. */
  readonly record: SetupRecord;
}

export interface Swap {
  readonly path: string;
  readonly bytes: number;
  readonly active: boolean;
}

export interface TextFile {
  readonly text: string;
  readonly owner: string;
  /** As stat writes it: `600`. */
  readonly mode: string;
  readonly kind: 'file' | 'directory';
}

export interface Mount {
  readonly device: string;
  readonly place: string;
  readonly type: string;
  readonly options: string;
  readonly mounted: boolean;
}

/** A system as kubeadm and the NVIDIA packages leave it; `installed` is when its certificates were made. */
export function createLinux(hardware: Hardware, driver: string, installed: number): Linux {
  const controlPlane = hardware.role === 'control-plane';
  return {
    swaps: [],
    modules: new Set(usualModules),
    unloaded: new Set(),
    files: new Map([
      ['/etc/fstab', file(fstab)],
      ['/etc/modules-load.d/k8s.conf', file('overlay\nbr_netfilter\n')],
      ['/etc/sysctl.d/99-zz-k8s.conf', file(sysctlFile)],
      ...(controlPlane
        ? ([
            ['/etc/kubernetes/admin.conf', secret('root')],
            ['/etc/kubernetes/super-admin.conf', secret('root')],
            ['/home/ops/.kube', { text: '', owner: 'ops', mode: '700', kind: 'directory' }],
            ['/home/ops/.kube/config', secret('ops')],
          ] as const)
        : []),
    ]),
    sysctls: new Map(usualSysctls),
    units: createUnits(hardware, installed),
    holds: new Set(['kubeadm', 'kubectl', 'kubelet', hardware.runtime === 'cri-o' ? 'cri-o' : 'containerd.io']),
    clock: { ntp: true, synchronized: true },
    persistence: hardware.gpus > 0,
    cdi: hardware.gpus > 0 ? driver : null,
    cni: true,
    certificates: new Map(certificatePaths(controlPlane).map((path) => [path, installed + (isAuthority(path) ? 10 : 1) * year])),
    disk: { journal: 1.9 * gigabyte, packages: 0.4 * gigabyte, images: 3 * gigabyte, other: 0 },
    mounts: [],
    record: createSetupRecord(hardware.name),
  };
}

/** The system starts anew: what is set up for the next boot takes effect, what was only done by hand is gone. */
export function bootLinux(linux: Linux, library: string, now: number): void {
  const swapLines = linesOf(linux, '/etc/fstab').filter((line) => /^\S+\s+\S+\s+swap\s/.test(line));
  const masked = (path: string) => linux.units.get(swapUnit(path))?.enabled === 'masked';
  linux.swaps = linux.swaps.map((swap) => ({ ...swap, active: swapLines.some((line) => line.startsWith(`${swap.path} `)) && !masked(swap.path) }));
  linux.modules.clear();
  for (const module of [...hardwareModules, ...linesOf(linux, '/etc/modules-load.d/k8s.conf')]) linux.modules.add(module);
  linux.unloaded.clear();
  applySysctls(linux, linesOf(linux, '/etc/sysctl.d/99-zz-k8s.conf'));
  if (linux.cdi !== null) linux.cdi = library;
  linux.mounts = linux.mounts.map((mount) => ({ ...mount, mounted: !mount.options.includes('noauto') }));
  for (const unit of linux.units.values()) {
    unit.state = unit.enabled === 'enabled' || unit.oneShot ? (unit.oneShot ? 'stopped' : 'running') : 'stopped';
    unit.since = now;
    unit.result = 'success';
    unit.exitCode = 0;
    unit.restarts = 0;
    unit.log = [];
  }
}

/** Sets kernel parameters from lines as in a file of /etc/sysctl.d; returns them as `sysctl -p` prints them. */
export function applySysctls(linux: Linux, lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, name, value] = /^\s*-?([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    linux.sysctls.set(name, value);
    return [`${name} = ${value}`];
  });
}

/** The lines of a file that are neither empty nor comments; none where it is missing. */
export function linesOf(linux: Linux, path: string): string[] {
  return (linux.files.get(path)?.text ?? '').split('\n').filter((line) => line.trim() !== '' && !/^\s*[#;]/.test(line));
}

/** What systemd calls the unit of a swap file: `swap.img.swap`. */
export function swapUnit(path: string): string {
  return `${path.replace(/^\//, '').replaceAll('/', '-')}.swap`;
}

/** Bytes of the disk that are taken beside what a machine of its kind always has. */
export function reclaimable({ disk }: Linux): number {
  return disk.journal + disk.packages + disk.images + disk.other;
}

export function file(text: string): TextFile {
  return { text, owner: 'root', mode: '644', kind: 'file' };
}

/** A kubeconfig: nobody reads what stands in it. */
function secret(owner: string): TextFile {
  return { text: 'apiVersion: v1\nkind: Config\n', owner, mode: '600', kind: 'file' };
}

const gigabyte = 1e9;
const year = 365 * 86_400_000;

const fstab = [
  '# /etc/fstab: static file system information.',
  'UUID=4d7c1c0e-58b5-4a8e-9d7e-1f6a2f8b7c11 / ext4 defaults 0 1',
  'UUID=A1B2-C3D4 /boot/efi vfat umask=0077 0 1',
  '',
].join('\n');

const hardwareModules = ['bridge', 'stp', 'llc', 'vxlan', 'nf_conntrack', 'ip_set', 'xt_set', 'nvme', 'mlx5_core', 'ext4'];
const usualModules = ['overlay', 'br_netfilter', ...hardwareModules];

const usualSysctls = [
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '0'],
  ['net.bridge.bridge-nf-call-iptables', '1'],
  ['net.bridge.bridge-nf-call-ip6tables', '1'],
  ['fs.inotify.max_user_instances', '8192'],
  ['fs.inotify.max_user_watches', '1048576'],
  ['vm.overcommit_memory', '1'],
  ['vm.swappiness', '60'],
  ['kernel.panic', '10'],
  ['kernel.pid_max', '4194304'],
] as const;

const sysctlFile = usualSysctls
  .filter(([name]) => /^(?:net\.bridge|net\.ipv4|fs\.)/.test(name))
  .map(([name, value]) => `${name} = ${value}\n`)
  .join('');

/** The certificates of a kubeadm machine, in the order in which they are looked at. */
export function certificatePaths(controlPlane: boolean): string[] {
  const kubelet = '/var/lib/kubelet/pki/kubelet-client-current.pem';
  if (!controlPlane) return [kubelet];
  const names = ['apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'front-proxy-client', 'etcd/server', 'etcd/peer', 'etcd/healthcheck-client'];
  const configs = ['admin', 'super-admin', 'controller-manager', 'scheduler'];
  return [
    ...[...names, 'ca', 'front-proxy-ca', 'etcd/ca'].map((name) => `/etc/kubernetes/pki/${name}.crt`),
    kubelet,
    ...configs.map((name) => `/etc/kubernetes/${name}.conf`),
  ];
}

function isAuthority(path: string): boolean {
  return /\/(?:front-proxy-)?ca\.crt$/.test(path);
}

/** Whether kubeadm renews that certificate: not those of authorities, nor the kubelet's own. */
export function isRenewable(path: string): boolean {
  return path.startsWith('/etc/kubernetes/') && !isAuthority(path);
}
