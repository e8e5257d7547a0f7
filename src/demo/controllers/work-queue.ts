import type { World } from './world.js';

export interface WorkQueue {
  /** Has the object with this key looked at soon; asking often before that is asking once. */
  add(key: string): void;
}

/**
 * The heart of a controller: keys of objects to bring into order, each looked at once per turn, whatever happened to it. One that fails is
 * tried again later, a bounded number of times: a strange object must not take the program down.
 */
export function workQueue(world: World, reconcile: (key: string) => void): WorkQueue {
  const keys = new Set<string>();
  const failures = new Map<string, number>();
  let called = false;

  function work(): void {
    called = false;
    const batch = [...keys];
    keys.clear();
    for (const key of batch) {
      try {
        reconcile(key);
        if (failures.size > 0) failures.delete(key);
      } catch {
        const failed = (failures.get(key) ?? 0) + 1;
        failures.set(key, failed);
        if (failed <= attempts) world.clock.after(1000 * 2 ** failed, () => add(key));
      }
    }
  }

  function add(key: string): void {
    keys.add(key);
    if (called) return;
    called = true;
    world.clock.soon(work);
  }

  return { add };
}

const attempts = 5;
