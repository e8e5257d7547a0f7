/** What is remembered of a context from one visit to the next. Times are ms since the epoch, by our clock. */
export interface ContextMemory {
  /** null before the first visit. */
  readonly lastVisitAt: number | null;
  readonly nodes: Readonly<Record<string, NodeMemory>>;
  /** By node, oldest first, the last ten. */
  readonly reboots: Readonly<Record<string, readonly RebootMemory[]>>;
  /** As things were at the end of the last visit; null before. */
  readonly last: LastLook | null;
  /** What was seen has been offered as what is expected: that is asked once. */
  readonly offered?: boolean;
}

/** A node as it was seen last; also how to find its machine while the API server is silent. */
export interface NodeMemory {
  readonly bootId: string | null;
  readonly bootedAt: number | null;
  readonly address: string | null;
  readonly kernel: string | null;
  readonly kubelet: string | null;
  readonly runtime: string | null;
  readonly driver: string | null;
  /** Accelerators it offered, in pieces. */
  readonly gpus: number | null;
  readonly ready: boolean;
  /** Tells the machine this program runs on from another with its address. */
  readonly machineId?: string | null;
  /** The way back from its last boot was not complete when it was seen last. */
  readonly recovering?: boolean;
}

export interface RebootMemory {
  readonly bootId: string;
  readonly bootedAt: number;
  /** By id of the recovery step: ms from boot until it was done. */
  readonly steps: Readonly<Record<string, number>>;
}

export interface LastLook {
  /** Targets that were down, as `job/instance`. */
  readonly targetsDown: readonly string[];
  readonly targets: number;
  /** `namespace/name` of pods that were in trouble. */
  readonly badPods: readonly string[];
  readonly deadPods: number;
}

/** What is remembered of the one context in use. */
export interface ContextMemoryStore {
  read(): ContextMemory;
  keep(memory: ContextMemory): void;
  /** As the memory's own. */
  problem(): string | null;
}

/** Keeps what is remembered. */
export interface Memory {
  context(name: string): ContextMemory;
  /** Kept at once; trouble with the file is told by the next `problem()`. */
  keep(name: string, memory: ContextMemory): void;
  /** What went wrong with reading or writing, in one sentence; null while all is well. */
  problem(): string | null;
}

/** The part of a memory that is about one context. */
export function memoryOf(memory: Memory, context: string): ContextMemoryStore {
  return { read: () => memory.context(context), keep: (seen) => memory.keep(context, seen), problem: memory.problem };
}

export const nothingRemembered: ContextMemory = { lastVisitAt: null, nodes: {}, reboots: {}, last: null };

/** Where the machines of the nodes were at earlier visits, by node. */
export function rememberedMachines({ nodes }: ContextMemory): ReadonlyMap<string, { readonly address: string; readonly machineId: string | null }> {
  return new Map(Object.entries(nodes).flatMap(([name, { address, machineId = null }]) => (address === null ? [] : [[name, { address, machineId }] as const])));
}
