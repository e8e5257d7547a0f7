/** How busy machines are. */
export interface Load {
  readonly cluster: LoadOf | null;
  /** By node. */
  readonly nodes: ReadonlyMap<string, LoadOf>;
  /** Where the numbers come from, in words: "Prometheus", "load averages of gpu-1". */
  readonly sources: readonly string[];
  /** What is not known, and why, in sentences. */
  readonly notes: readonly string[];
}

/** `level` holds until two looks in a row say another one. */
export interface LoadOf {
  readonly level: LoadLevel;
  /** Percent over 5 minutes; null where nothing tells. */
  readonly cpuPercent: number | null;
  readonly gpuPercent: number | null;
  /** Percent of wall time some task waited for the CPU, and all tasks for memory, over 5 minutes. */
  readonly cpuPressurePercent: number | null;
  readonly memoryPressurePercent: number | null;
  /** What raised the level by one: "CPU pressure 31 %"; null. */
  readonly raisedBy: string | null;
}

export type LoadLevel = 'Empty' | 'Light' | 'Modest' | 'Elevated' | 'High' | 'Critical';
