import type { ObjectStore } from '../api/object-store.js';
import type { Clock } from './clock.js';
import type { EventRecorder } from './event-recorder.js';
import type { Machines } from './machines.js';
import type { PodFaults } from './pod-faults.js';
import type { PodIndex } from './pod-index.js';

/** What all controllers share. */
export interface World {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly pods: PodIndex;
  /** The computers behind the nodes: what no API object knows. */
  readonly machines: Machines;
  /** Containers that the scenario keeps from working. */
  readonly faults: PodFaults;
  /** Random but the same in every run: from 0 up to 1. */
  random(): number;
}

/** The five random characters at the end of a generated name; without vowels, as Kubernetes makes them. */
export function nameSuffix(world: World, length = 5): string {
  let suffix = '';
  while (suffix.length < length) suffix += alphabet[Math.floor(world.random() * alphabet.length)] ?? '';
  return suffix;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A small generator of random numbers (mulberry32): demo clusters look alike, so pictures and tests of them do. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
