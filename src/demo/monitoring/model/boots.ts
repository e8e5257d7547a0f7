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
