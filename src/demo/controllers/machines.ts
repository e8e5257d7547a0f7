import { migResource, wholeGpu } from '../seed/gpu-models.js';
import type { Hardware } from '../seed/hardware.js';
import { type Linux, reclaimable } from './linux.js';

/** The computer behind a node. Moments are ms since the epoch. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** First three parts of the node's pod network, as in `10.244.1`. */
  readonly podNetwork: string;
  readonly hardware: Hardware;
  /** GPUs in the slots, whatever Kubernetes knows of them. */
  readonly gpus: number;
  bootId: string;
  bootedAt: number;
  /** When its system began to let people log in. */
  loginSince: number;
  /** Whether the machine has no system running: nobody can log in. */
  off: boolean;
  /** Null while its kubelet reports; else the moment of the last sign of life. */
  downSince: number | null;
  /** Whether calico-node has set up the pod network since the machine booted. */
  network: boolean;
  /** Devices that a device plugin has registered since the machine booted: 0 before the first time. */
  knownGpus: number;
  /** The kernel module that is loaded and the libraries that are installed; `since` when they differ. */
  driver: { readonly module: string; readonly library: string; readonly since: number };
  /** Xid errors of the kernel log since the machine booted. */
  xids: readonly Xid[];
  /** What of its system can be changed by hand. */
  readonly linux: Linux;
  /** Reclaimable bytes on its disk over time, moments in seconds; empty while that never changed. */
  diskHistory: readonly { readonly from: number; readonly value: number }[];
}

/** Notes that the disk holds more or less than before; `now` in ms since the epoch. */
export function diskChanged(machine: Machine, before: number, now: number): void {
  const known = machine.diskHistory.length === 0 ? [{ from: Number.NEGATIVE_INFINITY, value: before }] : machine.diskHistory.slice(-50);
  machine.diskHistory = [...known, { from: now / 1000, value: reclaimable(machine.linux) }];
}

export interface Xid {
  readonly at: number;
  readonly gpu: number;
  readonly code: number;
  /** What the kernel says behind the code. */
  readonly text: string;
}

export interface Machines {
  get(name: string): Machine | null;
  all(): readonly Machine[];
  add(machine: Machine): void;
  /** A free address of the machine's pod network. */
  podAddress(machine: Machine): string;
  /** Called after a machine went off or came on. */
  subscribe(listener: () => void): void;
  changed(): void;
}

export function createMachines(): Machines {
  const machines = new Map<string, Machine>();
  const addresses = new Map<string, number>();
  const listeners: (() => void)[] = [];
  return {
    get: (name) => machines.get(name) ?? null,
    all: () => [...machines.values()],
    add: (machine) => machines.set(machine.name, machine),
    subscribe: (listener) => listeners.push(listener),
    changed() {
      for (const listener of listeners) listener();
    },
    podAddress(machine) {
      const next = (addresses.get(machine.name) ?? 1) + 1;
      addresses.set(machine.name, next);
      // A node's block is a /24; counting on past its end only happens where more pods than that are forced upon a node.
      return `${machine.podNetwork}.${((next - 2) % 253) + 2}`;
    },
  };
}

/** A machine's kubelet as the source of events. */
export function source(machine: Machine): { component: string; host: string } {
  return { component: 'kubelet', host: machine.name };
}

/** Whether a GPU has fallen off the bus since the machine booted (Xid 79). */
export function isLost(machine: Machine, gpu: number): boolean {
  return machine.xids.some((xid) => xid.gpu === gpu && xid.code === 79);
}

/** Whether the loaded module and the libraries are of different versions, so that nothing new can use the GPUs. */
export function hasMismatch({ driver }: Machine): boolean {
  return driver.module !== driver.library;
}

/** What a device plugin that works offers of the machine's GPUs, by resource: how many there are and how many of them are well. */
export function offeredDevices(machine: Machine): ReadonlyMap<string, { readonly known: number; readonly healthy: number }> {
  const offered = new Map<string, { known: number; healthy: number }>();
  for (const resource of machine.hardware.resources) offered.set(resource, { known: 0, healthy: 0 });
  for (let gpu = 0; gpu < machine.gpus; gpu++) {
    const profiles = machine.hardware.mig[gpu] ?? [];
    const resources = profiles.length > 0 ? profiles.map(migResource) : Array.from({ length: machine.hardware.replicas }, () => wholeGpu);
    for (const resource of resources) {
      const before = offered.get(resource) ?? { known: 0, healthy: 0 };
      offered.set(resource, { known: before.known + 1, healthy: before.healthy + (isLost(machine, gpu) ? 0 : 1) });
    }
  }
  return offered;
}
