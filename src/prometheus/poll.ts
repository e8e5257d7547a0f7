export interface Poll {
  /** Runs a round at once; one that is under way is followed by another. */
  now(): void;
  stop(): void;
}

/** Runs `round` now and then as often as each round says: it resolves to the ms until the next, and takes care of its own trouble. Never two at once. */
export function poll(round: () => Promise<number>): Poll {
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    again = running;
    if (running || stopped) return;
    running = true;
    const wait = await round();
    running = false;
    if (stopped) return;
    timer = setTimeout(() => void run(), again ? 0 : wait);
  }

  void run();
  return {
    now: () => void run(),
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
