/** Waits that double from `firstMs` to `capMs`, each with up to a fifth of jitter, so that many clients do not come back at the same moment. */
export interface Backoff {
  /** The next wait, ms. */
  next(): number;
  reset(): void;
}

export function createBackoff(firstMs: number, capMs: number, random: () => number = Math.random): Backoff {
  let wait = firstMs;
  return {
    next() {
      const jittered = wait * (0.9 + 0.2 * random());
      wait = Math.min(wait * 2, capMs);
      return jittered;
    },
    reset() {
      wait = firstMs;
    },
  };
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
