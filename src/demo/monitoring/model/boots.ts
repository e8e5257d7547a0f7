import type { NodeRecord } from './node-record.js';
import { stepAt } from './steps.js';

/** When the boot that held at a moment was (seconds). */
export function bootAt(node: NodeRecord, time: number): number {
  return stepAt(node.boots, time) ?? 0;
}

/** A counter of the machine: it grows by its rate from boot on, and begins anew with the next one. */
export function sinceBoot(node: NodeRecord, build: (from: number) => (time: number) => number): (time: number) => number {
  const perBoot = node.boots.map(({ from, value }) => ({ from, count: build(value) }));
  return (time) => {
    let count = perBoot[0]?.count;
    for (const boot of perBoot) if (boot.from <= time) count = boot.count;
    return count?.(time) ?? 0;
  };
}

/** The same function, quicker for those who ask for the same moments again: a machine's many cores share one history. */
export function remembered(compute: (time: number) => number): (time: number) => number {
  const known = new Map<number, number>();
  return (time) => {
    let value = known.get(time);
    if (value === undefined) {
      if (known.size > 2000) known.clear();
      value = compute(time);
      known.set(time, value);
    }
    return value;
  };
}
