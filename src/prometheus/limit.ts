import { MonitoringError } from './monitoring-error.js';

/** Runs work, but never more than so many at once; what is no longer wanted leaves the queue without having run. */
export type Limit = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createLimit(most: number): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw unwanted();
    if (running < most) {
      running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(unwanted());
      };
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(begin);
    });
  }

  return async (work, signal) => {
    await turn(signal);
    try {
      return await work();
    } finally {
      // The place is handed on, not given back, so that nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

function unwanted(): MonitoringError {
  return new MonitoringError('aborted', 'not asked: it is no longer wanted');
}
