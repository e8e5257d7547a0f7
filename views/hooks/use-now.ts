import { useEffect, useState } from 'react';

/** The time, anew each second on the second: the one ticker behind the clock and all ages. */
export function useNow(clock: () => number): number {
  const [now, setNow] = useState(clock);
  useEffect(() => {
    let timer: NodeJS.Timeout;
    const tick = () => {
      setNow(clock());
      timer = setTimeout(tick, 1000 - (clock() % 1000));
    };
    timer = setTimeout(tick, 1000 - (clock() % 1000));
    return () => clearTimeout(timer);
  }, [clock]);
  return now;
}
