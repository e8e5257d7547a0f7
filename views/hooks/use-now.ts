import { useEffect, useState } from 'react';

/** The time behind the clock and all ages. It moves on a second after the last picture, of whatever it was: a snapshot (`shownAt`, ms since the epoch) brings the time with it, and a picture for the clock alone would cost as much. */
export function useNow(clock: () => number, shownAt: number): number {
  const [ticked, setTicked] = useState(() => ({ at: clock(), shownAt }));
  // Once the clock has moved on from a picture it is the clock that counts: it may have been set back since.
  const now = ticked.shownAt === shownAt ? ticked.at : Math.max(ticked.at, shownAt);
  useEffect(() => {
    const timer = setTimeout(() => setTicked({ at: clock(), shownAt }), Math.max(0, Math.min(1000, now + 1000 - clock())));
    return () => clearTimeout(timer);
  }, [clock, now, shownAt]);
  return now;
}
