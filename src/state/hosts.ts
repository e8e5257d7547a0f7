/** A machine as seen over a shell on it. Keyed by name: the node's name, or the name the settings give. */
export interface HostState {
  readonly name: string;
  /** The node it is, null for machines outside the cluster (a load balancer). */
  readonly node: string | null;
  /** How it is reached: `ssh ops@10.0.0.12:22 via bastion`, `this machine`. */
  readonly road: string;
  readonly contact: HostContact;
  /** The newest facts; kept, with their time, while contact is lost. */
  readonly facts: HostFacts | null;
}

/** Times are ms since the epoch. */
export type HostContact =
  | { readonly status: 'connecting'; readonly since: number }
  | { readonly status: 'connected'; readonly since: number; readonly roundTripMs: number }
  /** Waits for an answer of a person: a host key to accept, a passphrase, a password. */
  | { readonly status: 'asking'; readonly question: string }
  | { readonly status: 'lost'; readonly since: number; readonly why: string; readonly fix: string | null; readonly nextTryAt: number }
  /** Not tried again by itself: a changed host key, no way to authenticate. */
  | { readonly status: 'refused'; readonly why: string; readonly fix: string | null };

/** A fact, or why it could not be had ("needs root", "systemctl: not found", "no answer within 5 s"). */
export type Fact<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string };

/** What one run of the probe collected. */
export interface HostFacts {
  /** ms since the epoch when the answer was complete, this machine's clock. */
  readonly at: number;
  readonly tookMs: number;
  readonly bootId: Fact<string>;
  /** ms since the epoch by the host's own clock. */
  readonly bootedAt: Fact<number>;
  /** The host's clock minus ours, ms. */
  readonly clockSkewMs: Fact<number>;
  readonly hostname: Fact<string>;
  readonly osName: Fact<string>;
  readonly kernel: Fact<string>;
  readonly rebootRequired: Fact<boolean>;
  readonly timeSynchronized: Fact<boolean>;
  readonly failedUnits: Fact<readonly string[]>;
  /** Of crio, containerd, docker, kubelet, haproxy, nvidia-persistenced, … those that exist: `enabled` as systemctl is-enabled says, `active` as is-active. */
  readonly services: Fact<readonly { readonly name: string; readonly enabled: string; readonly active: string }[]>;
  readonly swap: Fact<readonly { readonly device: string; readonly bytes: number }[]>;
  readonly modules: Fact<readonly string[]>;
  /** By name, e.g. net.ipv4.ip_forward. */
  readonly sysctls: Fact<Readonly<Record<string, string>>>;
  readonly cgroup: Fact<'v2' | 'v1' | 'hybrid'>;
  /** Executables of the runtimes, by path, with their version where they tell. */
  readonly runtimeBinaries: Fact<readonly { readonly path: string; readonly version: string | null }[]>;
  readonly runtimeConfig: Fact<{ readonly runtime: string; readonly nvidiaHandler: boolean; readonly defaultRuntime: string | null }>;
  /** Paths that nvidia-container-runtime would run, and whether they can be. */
  readonly lowLevelRuntimes: Fact<readonly { readonly path: string; readonly executable: boolean }[]>;
  readonly cdi: Fact<{ readonly spec: string; readonly driverVersion: string | null; readonly devices: readonly string[] }>;
  readonly driver: Fact<{
    readonly module: string | null;
    readonly library: string | null;
    readonly nextKernel: { readonly kernel: string; readonly hasModule: boolean } | null;
  }>;
  /** NVIDIA devices on the PCI bus. */
  readonly pciGpus: Fact<number>;
  /** Lines `NVRM: Xid` of this boot's kernel log. */
  readonly xids: Fact<readonly XidEvent[]>;
  readonly filesystems: Fact<readonly HostFilesystem[]>;
  /** Bytes by store: `/var/lib/containerd`, `/var/log`, `journal`, … */
  readonly usage: Fact<Readonly<Record<string, number>>>;
  readonly certificates: Fact<readonly { readonly path: string; readonly endsAt: number }[]>;
  readonly kubeconfigs: Fact<readonly { readonly path: string; readonly owner: string; readonly mode: string }[]>;
  readonly packageHolds: Fact<readonly string[]>;
  readonly load: Fact<{ readonly one: number; readonly five: number; readonly fifteen: number; readonly cpus: number }>;
  readonly memory: Fact<{ readonly totalBytes: number; readonly availableBytes: number }>;
  /** avg10 percentages of /proc/pressure. */
  readonly pressure: Fact<{
    readonly cpuSome: number;
    readonly memorySome: number;
    readonly memoryFull: number;
    readonly ioSome: number;
    readonly ioFull: number;
  }>;
}

export interface HostFilesystem {
  readonly mount: string;
  readonly device: string;
  readonly sizeBytes: number;
  readonly availableBytes: number;
  readonly inodes: number | null;
  readonly inodesFree: number | null;
}

export interface XidEvent {
  /** ms since the epoch where the line has a time. */
  readonly at: number | null;
  readonly code: number;
  readonly pciBusId: string | null;
  readonly pid: number | null;
  readonly line: string;
  /** What the code stands for, in one sentence; left out where nobody knows. */
  readonly meaning?: string;
  /** What to do about it, in one sentence. */
  readonly action?: string;
  /** `namespace/name` of the pod it happened to, where the process could be traced. */
  readonly pod?: string;
}

/** Something only a person can answer. */
export interface Question {
  readonly id: string;
  readonly host: string;
  readonly kind: 'host-key' | 'passphrase' | 'password' | 'sudo-password';
  /** Whole sentences: the fingerprint, the key's file, the user. */
  readonly text: string;
}
