/** A time limit that stands still while a person is asked. */
export interface Patience {
  /** Starts anew: something happened. */
  again(): void;
  /** Waits without limit until `task` is done. */
  suspended<T>(task: () => Promise<T>): Promise<T>;
  end(): void;
}

export function createPatience(ms: number, expired: () => void): Patience {
  let timer: NodeJS.Timeout | undefined;
  let waiting = 0;
  let ended = false;
  const again = () => {
    clearTimeout(timer);
    if (!ended && waiting === 0) timer = setTimeout(expired, ms);
  };
  again();
  return {
    again,
    async suspended(task) {
      waiting += 1;
      clearTimeout(timer);
      try {
        return await task();
      } finally {
        waiting -= 1;
        again();
      }
    },
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
