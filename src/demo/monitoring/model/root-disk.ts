import { reclaimable } from '../../controllers/linux.js';
import type { Machine } from '../../controllers/machines.js';
import { between } from './hash.js';
import { noise } from './noise.js';
import { stepAt } from './steps.js';

/** A machine's root file system in bytes. */
export interface RootDisk {
  readonly size: number;
  /** Available to users at a moment (seconds since 1970). */
  available(time: number): number;
}

/** The root file system of a node: what is always there, and what has piled up on it lately. */
export function rootDisk(name: string, machine: Machine | null): RootDisk {
  const size = machine === null ? 937_376_022_528 : machine.hardware.diskKi * 1024;
  const share = baseShare(name);
  const swing = noise(`${name}/disk`, 0.04);
  return {
    size,
    available: (time) => {
      const extra = machine === null ? 0 : (stepAt(machine.diskHistory, time) ?? reclaimable(machine.linux));
      // It fills slowly, and log rotation wins a little back every day.
      return Math.max(0, Math.round((size * (1 - share * swing.at(time)) - extra) / 4096) * 4096);
    },
  };
}

/** Part of the disk that system, images in use and volumes take. */
export function baseShare(name: string): number {
  return between(`${name}/used`, 0.38, 0.6);
}
