import type { World } from './world.js';

export interface WorkQueue {
  /** Has the object with this key looked at soon; asking often before that is asking once. */
  add(key: string): void;
  /** The same after 1 s, 2 s, 4 s, … (at most half a minute) for each time in a row. */
  addLater(key: string): void;
  /** The object is fine: its next trouble is the first again. */
  forget(key: string): void;
}

/**
 * The heart of a controller: keys of objects to bring into order, each looked at once per turn, whatever happened to it. One that fails is
 * tried again later, a bounded number of times: a strange object must not take the program down.
 */
export function workQueue(world: World, reconcile: (key: string) => void): WorkQueue {
  const keys = new Set<string>();
  const troubles = new Map<string, number>();
  const failures = new Map<string, number>();
  let called = false;

  function work(): void {
    called = false;
    const batch = [...keys];
    keys.clear();
    for (const key of batch) {
      try {
        reconcile(key);
        failures.delete(key);
      } catch {
        const failed = (failures.get(key) ?? 0) + 1;
        failures.set(key, failed);
        if (failed <= attempts) addLater(key);
      }
    }
  }

  function add(key: string): void {
    keys.add(key);
    if (called) return;
    called = true;
    world.clock.soon(work);
  }

  function addLater(key: string): void {
    const times = (troubles.get(key) ?? 0) + 1;
    troubles.set(key, times);
    world.clock.after(Math.min(30_000, 500 * 2 ** times), () => add(key));
  }

  return { add, addLater, forget: (key) => troubles.delete(key) };
}

const attempts = 5;
