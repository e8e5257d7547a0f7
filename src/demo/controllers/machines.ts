/** The computer behind a node. Moments are ms since the epoch. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** First three parts of the node's pod network, as in `10.244.1`. */
  readonly podNetwork: string;
  /** GPUs in the slots, whatever Kubernetes knows of them. */
  readonly gpus: number;
  bootId: string;
  bootedAt: number;
  /** False while the machine is off or its kubelet does not run: the moment of its last sign of life. */
  downSince: number | null;
  /** Whether calico-node has set up the pod network since the machine booted. */
  network: boolean;
  /** GPUs that a device plugin has registered since the machine booted: 0 before the first time. */
  knownGpus: number;
}

export interface Machines {
  get(name: string): Machine | null;
  all(): readonly Machine[];
  add(machine: Machine): void;
  /** A free address of the machine's pod network. */
  podAddress(machine: Machine): string;
}

export function createMachines(): Machines {
  const machines = new Map<string, Machine>();
  const addresses = new Map<string, number>();
  return {
    get: (name) => machines.get(name) ?? null,
    all: () => [...machines.values()],
    add: (machine) => machines.set(machine.name, machine),
    podAddress(machine) {
      const next = (addresses.get(machine.name) ?? 1) + 1;
      addresses.set(machine.name, next);
      // A node's block is a /24; counting on past its end only happens where more pods than that are forced upon a node.
      return `${machine.podNetwork}.${((next - 2) % 253) + 2}`;
    },
  };
}
