/** Prometheus' time, told by this machine without asking again and again, and whatever becomes of this machine's own clock. */
export interface SteadyClock {
  /** ms since the epoch. */
  now(): number;
  /** Looks whether this machine's clock was moved, or the machine slept, since the last look: a sentence on it; null where neither. */
  look(): Promise<string | null>;
}

export interface SteadyClockOptions {
  readonly wall?: () => number;
  /** ms that only ever grow, by one for each that passes. */
  readonly steady?: () => number;
}

/** Starts from Prometheus' time, or where that is not to be had, from this machine's. */
export async function createSteadyClock(
  ask: () => Promise<number>,
  { wall = Date.now, steady = () => performance.now() }: SteadyClockOptions = {},
): Promise<SteadyClock> {
  let anchor = { at: await ask().catch(wall), steady: steady() };
  let seen = { wall: wall(), steady: steady() };
  const now = () => anchor.at + (steady() - anchor.steady);
  return {
    now,
    async look() {
      const before = seen;
      seen = { wall: wall(), steady: steady() };
      const moved = seen.wall - before.wall - (seen.steady - before.steady);
      if (Math.abs(moved) < noticedMs) return null;
      const told = await ask().catch(() => null);
      // The steady clock stands still while a machine sleeps; Prometheus' does not.
      const slept = told === null ? 0 : told - now();
      if (told !== null) anchor = { at: told, steady: steady() };
      const seconds = Math.round(Math.abs(moved) / 1000);
      if (slept > noticedMs) return `this machine slept for ${Math.round(slept / 1000)} s`;
      return `this machine's clock was put ${moved > 0 ? 'forward' : 'back'} by ${seconds} s; the experiment counts on as before`;
    },
  };
}

const noticedMs = 2_000;
