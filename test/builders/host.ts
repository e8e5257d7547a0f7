import { live, type Slice } from '../../src/state/freshness.js';
import type { HostFacts, HostState, XidEvent } from '../../src/state/hosts.js';
import type { Collection } from '../../src/state/snapshot.js';
import { now } from './snapshot.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const gib = 2 ** 30;

/** Keyed by name, as the feed keys it. */
export function hostsOf(...all: readonly HostState[]): Slice<Collection<HostState>> {
  return live(new Map(all.map((one) => [one.name, one])), now);
}

/** A GPU worker that answers over SSH and is in order. */
export function aHost(overrides: Partial<HostState> = {}): HostState {
  const name = overrides.name ?? 'gpu-1';
  return {
    name,
    node: name,
    road: 'ssh ops@10.0.0.11:22',
    contact: { status: 'connected', since: now - 42 * minute, roundTripMs: 4 },
    facts: someFacts(),
    ...overrides,
  };
}

export function someFacts(overrides: Partial<HostFacts> = {}): HostFacts {
  return {
    at: now - 3000,
    tookMs: 640,
    bootId: known('6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001'),
    bootedAt: known(now - 4 * minute),
    clockSkewMs: known(12),
    hostname: known('gpu-1'),
    osName: known('Ubuntu 24.04.3 LTS'),
    kernel: known('6.8.0-94-generic'),
    rebootRequired: known(true),
    timeSynchronized: known(true),
    failedUnits: known(['nvidia-persistenced.service']),
    services: known([
      { name: 'containerd', enabled: 'enabled', active: 'active' },
      { name: 'kubelet', enabled: 'disabled', active: 'active' },
      { name: 'nvidia-persistenced', enabled: 'static', active: 'failed' },
    ]),
    swap: known([]),
    swapSetup: known({ fstab: [], units: [] }),
    modules: known(['nvidia', 'br_netfilter', 'overlay']),
    modulesAtBoot: known(['overlay', 'br_netfilter']),
    sysctls: known({ 'net.ipv4.ip_forward': '1' }),
    cgroup: known('v2'),
    runtimeBinaries: known([{ path: '/usr/bin/containerd', version: '2.3.4' }]),
    runtimeConfig: known({ runtime: 'containerd', nvidiaHandler: true, defaultRuntime: 'runc' }),
    lowLevelRuntimes: known([{ path: '/usr/bin/runc', executable: true }]),
    cdi: known({ spec: '/var/run/cdi/nvidia.yaml', driverVersion: '580.173.02', devices: ['all', '0'] }),
    driver: known({ module: '580.173.02', library: '580.173.02', nextKernel: { kernel: '6.8.0-95-generic', hasModule: false } }),
    pciGpus: known(8),
    xids: known([]),
    filesystems: known([
      { mount: '/', device: '/dev/nvme0n1p2', sizeBytes: 440 * gib, availableBytes: 38 * gib, inodes: 29_000_000, inodesFree: 24_000_000 },
      { mount: '/data', device: '/dev/md0', sizeBytes: 7000 * gib, availableBytes: 4100 * gib, inodes: 400_000_000, inodesFree: 390_000_000 },
    ]),
    mounts: known([{ mount: '/data', source: 'UUID=8d1c', type: 'xfs', options: 'defaults,nofail', mounted: true }]),
    usage: known({ '/var/lib/containerd': 211 * gib, '/var/log': 14 * gib }),
    certificates: known([
      { path: '/etc/kubernetes/pki/apiserver.crt', endsAt: now + 12 * day },
      { path: '/var/lib/kubelet/pki/kubelet-client-current.pem', endsAt: now + 300 * day },
    ]),
    kubeconfigs: { known: false, why: 'needs root' },
    packageHolds: known(['kubelet', 'kubeadm']),
    nodePackages: known([
      { name: 'kubelet', version: '1.36.2-1.1' },
      { name: 'kubeadm', version: '1.36.2-1.1' },
    ]),
    aptHistory: known([]),
    load: known({ one: 71.2, five: 60.4, fifteen: 55, cpus: 64 }),
    memory: known({ totalBytes: 1008 * gib, availableBytes: 690 * gib }),
    pressure: { known: false, why: 'this kernel has no /proc/pressure' },
    ...overrides,
  };
}

/** GPU 3 fell off the bus four minutes ago (Xid 79), as kernel 6.8 logs it. */
export const fellOffTheBus: XidEvent = {
  at: now - 4 * minute,
  code: 79,
  pciBusId: '0000:1f:00',
  pid: 41_203,
  line: "NVRM: Xid (PCI:0000:1f:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
  meaning: 'The GPU has fallen off the bus: the driver can no longer reach it.',
  action: 'Drain the node and power-cycle it (a warm reboot is often not enough); if it comes back, check power, seating and risers.',
};

export function known<T>(value: T): { readonly known: true; readonly value: T } {
  return { known: true, value };
}

/** A GPU worker's facts without any trouble: eight GPUs, containerd, up for a day. */
export function soundFacts(overrides: Partial<HostFacts> = {}): HostFacts {
  return someFacts({
    bootedAt: known(now - day),
    rebootRequired: known(false),
    failedUnits: known([]),
    services: known([
      { name: 'containerd', enabled: 'enabled', active: 'active', sub: 'running', result: 'success', exitStatus: 0 },
      { name: 'kubelet', enabled: 'enabled', active: 'active', sub: 'running', result: 'success', exitStatus: 0 },
    ]),
    modules: known(['nvidia_uvm', 'nvidia', 'br_netfilter', 'overlay']),
    sysctls: known({
      'net.ipv4.ip_forward': '1',
      'net.bridge.bridge-nf-call-iptables': '1',
      'net.bridge.bridge-nf-call-ip6tables': '1',
      'fs.inotify.max_user_instances': '8192',
      'fs.inotify.max_user_watches': '1048576',
    }),
    runtimeBinaries: known([
      { path: '/usr/bin/containerd', version: '2.3.4' },
      { path: '/usr/bin/runc', version: '1.4.1' },
      { path: '/usr/bin/kubelet', version: '1.36.2' },
    ]),
    driver: known({ module: '580.173.02', library: '580.173.02', nextKernel: { kernel: '6.8.0-94-generic', hasModule: true } }),
    filesystems: known([{ mount: '/', device: '/dev/nvme0n1p2', sizeBytes: 440 * gib, availableBytes: 240 * gib, inodes: 29_000_000, inodesFree: 24_000_000 }]),
    certificates: known([{ path: '/var/lib/kubelet/pki/kubelet-client-current.pem', endsAt: now + 300 * day }]),
    kubeconfigs: known([]),
    ...overrides,
  });
}
