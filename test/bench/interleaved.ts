/** Samples by name, in the order in which they came. */
export interface Samples {
  add(name: string, value: number): void;
  of(name: string): readonly number[];
}

export function collect(): Samples {
  const samples = new Map<string, number[]>();
  return {
    add(name, value) {
      samples.set(name, [...(samples.get(name) ?? []), value]);
    },
    of: (name) => samples.get(name) ?? [],
  };
}

/** Runs each in turn, round after round, so that whatever else the machine does meets all of them alike. Each round begins with another one. */
export async function interleaved(rounds: number, runs: readonly (() => Promise<void>)[]): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let place = 0; place < runs.length; place += 1) await runs[(place + round) % runs.length]?.();
  }
}
