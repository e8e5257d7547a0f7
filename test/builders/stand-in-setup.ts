import type { SetupDesk } from '../../src/state/setup.js';

/** A setup desk behind which nobody sits: says so, whatever it is asked. */
export function standInSetup(why: string): SetupDesk {
  const refuse = () => Promise.reject(new Error(why));
  return {
    catalogue: refuse,
    lastChoice: refuse,
    outline: refuse,
    detect: refuse,
    open: refuse,
    check: refuse,
    page: refuse,
    run: refuse,
    next: () => undefined,
    answer: refuse,
    undo: refuse,
    stop: () => undefined,
    shell: refuse,
    script: refuse,
    settled: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
