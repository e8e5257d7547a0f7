/** How many steps may be under way at once, found out while they are. */
export interface Pace {
  limit(): number;
  /** A step ended as it should, or in a way that says nothing about the server. */
  ended(): void;
  /** The server said that it is too much, or is in trouble. */
  held(): void;
}

/**
 * Begins with a few at once, and goes on to more as long as that gets more done in the same time: a server that is at its limit only answers each of them later.
 * Once more at a time gains nothing it stays at the number before, and tries again now and then. Told that it is too much it halves.
 */
export function createPace({ first = 16, most = 64, now = () => performance.now() }: { first?: number; most?: number; now?: () => number } = {}): Pace {
  const levels = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128].filter((level) => level <= most);
  let at = Math.max(
    0,
    levels.findIndex((level) => level >= first),
  );
  let best: { readonly at: number; readonly rate: number } | null = null;
  let since = now();
  let done = 0;
  /** Windows to stay as it is. */
  let rest = 0;

  const begin = () => {
    since = now();
    done = 0;
  };
  const decide = (rate: number) => {
    if (rest > 0) {
      rest -= 1;
      return;
    }
    if (best === null || rate > best.rate * gain) {
      best = { at, rate };
      at = Math.min(at + 1, levels.length - 1);
    } else if (at > best.at) {
      at = best.at;
      rest = restWindows;
    } else {
      // What was best a while ago need not be so now.
      best = { at, rate };
      at = Math.min(at + 1, levels.length - 1);
    }
  };
  return {
    limit: () => levels[at] ?? 1,
    ended() {
      done += 1;
      const took = now() - since;
      if (took < windowMs || done < 2 * (levels[at] ?? 1)) return;
      decide(done / took);
      begin();
    },
    held() {
      at = Math.max(0, at - 2);
      best = null;
      rest = restWindows;
      begin();
    },
  };
}

const windowMs = 200;
/** More at a time has to get so much more done to be worth it. */
const gain = 1.05;
const restWindows = 15;
