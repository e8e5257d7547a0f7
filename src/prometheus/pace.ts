/** How long to wait between two rounds, in ms, by what the last one met and by whether somebody looks. */
export interface Pace {
  next(): number;
  /** A cluster that is coming back is asked again soon. */
  afterTrouble(): number;
  /** What is not installed, or not allowed, need not be looked for often. */
  absent(): number;
}

export function createPace(everyMs: number, isLookedAt: () => boolean): Pace {
  const next = () => (isLookedAt() ? Math.min(everyMs, soon) : everyMs);
  return { next, afterTrouble: () => Math.min(everyMs, soon), absent: () => next() * 4 };
}

const soon = 5_000;
