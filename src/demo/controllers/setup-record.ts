/** What guided setup has left on a machine, and what somebody did to it by hand since. */
export interface SetupRecord {
  /** Steps that are not done, of those that nothing else of the machine tells of. */
  readonly open: Set<string>;
  /** As in /var/lib/gpuk8s-tui/steps: what was begun and what was seen to be done; null until somebody looks for the first time. */
  marks: Map<string, 'begun' | 'verified'> | null;
  /** Steps that take effect at the next boot, with the id of the boot in which they were applied. */
  readonly boots: Map<string, string>;
  /** Those of them for whose boot the node was emptied. */
  readonly drained: Set<string>;
  /** Text that somebody has added by hand to a file that a step wrote, by path. */
  readonly additions: Map<string, string>;
  /** Who is at work there, and with which step. */
  heldBy: string | null;
}

/** A machine that was set up from here when its cluster was made; a few things have come up since. */
export function createSetupRecord(machine: string): SetupRecord {
  return {
    open: new Set([...open, ...(openOf[machine] ?? [])]),
    marks: null,
    boots: new Map(),
    drained: new Set(),
    additions: new Map(tuned.has(machine) ? [[sysctlPath, rdmaTuning]] : []),
    heldBy: null,
  };
}

/** Where the kernel parameters stand that Kubernetes needs. */
export const sysctlPath = '/etc/sysctl.d/99-zz-k8s.conf';

/** Newer than these clusters, or done only when it is needed. */
const open = [
  'etcd-snapshot',
  'journald-vacuum',
  'kubelet-reserved',
  'kubelet-reserved-config',
  'etcd-encryption-prepare',
  'etcd-encryption',
  'cp-metrics',
  'haproxy-install',
  'haproxy-config',
  'keepalived-vip',
  'nfs-server',
];

const openOf: Readonly<Record<string, readonly string[]>> = { 'gpu-2': ['unattended-upgrades'], 'gpu-1': ['nvidia-hold'] };

/** Machines on which somebody has tuned the network. */
const tuned: ReadonlySet<string> = new Set(['gpu-1', 'a16']);

const rdmaTuning = '# RDMA tuning, jk\nnet.core.rmem_max = 268435456\nnet.core.wmem_max = 268435456\n';
