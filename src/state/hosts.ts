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
  /** Of crio, containerd, docker, kubelet, haproxy, nvidia-persistenced, … those that exist. */
  readonly services: Fact<readonly HostService[]>;
  readonly swap: Fact<readonly { readonly device: string; readonly bytes: number }[]>;
  /** What brings swap back at the next boot: entries of fstab, and swap units with systemctl's words for them. */
  readonly swapSetup: Fact<{
    readonly fstab: readonly { readonly device: string; readonly options: string }[];
    readonly units: readonly { readonly name: string; readonly enabled: string; readonly active: string }[];
  }>;
  /** Kernel modules that are loaded, or built in where it matters. */
  readonly modules: Fact<readonly string[]>;
  /** Kernel modules that are loaded at each boot, as modules-load.d and /etc/modules say. */
  readonly modulesAtBoot: Fact<readonly string[]>;
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
  /** What fstab mounts at boot, and whether it is mounted now. */
  readonly mounts: Fact<readonly HostMount[]>;
  /** Bytes by store: `/var/lib/containerd`, `/var/log`, `journal`, … */
  readonly usage: Fact<Readonly<Record<string, number>>>;
  readonly certificates: Fact<readonly { readonly path: string; readonly endsAt: number }[]>;
  /** `homeOf`: the user whose home it lies in, root for those in /etc/kubernetes; null where that cannot be told. Mode in octal digits. */
  readonly kubeconfigs: Fact<readonly { readonly path: string; readonly owner: string; readonly mode: string; readonly homeOf: string | null }[]>;
  readonly packageHolds: Fact<readonly string[]>;
  /** Of kubelet, kubeadm, kubectl and the container runtimes those that a package manager installed. */
  readonly nodePackages: Fact<readonly { readonly name: string; readonly version: string }[]>;
  /** The last runs of apt, oldest first. */
  readonly aptHistory: Fact<readonly AptRun[]>;
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

export interface HostService {
  /** Without `.service`. */
  readonly name: string;
  /** As systemctl is-enabled says: enabled, disabled, static, masked, … */
  readonly enabled: string;
  /** As systemctl is-active says: active, activating, inactive, failed, … */
  readonly active: string;
  /** systemd's finer word (running, dead, auto-restart, …), how it ended (success, exit-code, signal, …) and its last exit code: 203 where the program cannot be run. Left out where systemd does not say. */
  readonly sub?: string;
  readonly result?: string;
  readonly exitStatus?: number;
  /** ms from the boot until it was last active; left out where systemd does not say. */
  readonly activeSinceBootMs?: number;
}

export interface HostMount {
  readonly mount: string;
  readonly source: string;
  /** ext4, nfs4, … */
  readonly type: string;
  readonly options: string;
  readonly mounted: boolean;
}

/** One run of apt. */
export interface AptRun {
  /** ms since the epoch; null where its time is not understood. */
  readonly at: number | null;
  readonly command: string;
  /** `action` is apt's word: Install, Upgrade, Remove, …; `packages` are those of them that a GPU node depends on. */
  readonly changes: readonly { readonly action: string; readonly count: number; readonly packages: readonly string[] }[];
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
  /** `application`: the program is at fault and the GPU stays healthy; `critical`: the GPU needs a reset, a reboot or a person. */
  readonly severity?: 'application' | 'warning' | 'critical';
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
