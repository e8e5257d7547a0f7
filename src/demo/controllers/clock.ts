/** Time as the demo cluster lives it. All moments are ms since the epoch. */
export interface Clock {
  now(): number;
  /** Runs once, `ms` from now. Returns the way to cancel. */
  after(ms: number, run: () => void): () => void;
  /** Runs when the current change has been heard by everybody. */
  soon(run: () => void): void;
}

/**
 * A clock that first lives through the cluster's past without waiting and then goes on in real time. In real time it holds one
 * unref'd timer, whatever waits for it. `speed` shortens all waits of the present: a test sees a minute in two seconds.
 */
export interface DemoClock extends Clock {
  /** Lives through everything due up to that moment of the past, then stands there. */
  liveTo(moment: number): void;
  /** From now on waits are real. */
  goLive(): void;
  close(): void;
}

/** @param start where the past begins, ms since the epoch. */
export function createClock(start: number, speed = 1): DemoClock {
  const waiting: Entry[] = [];
  let past: number | null = start;
  let soon: (() => void)[] = [];
  let order = 0;
  let timer: NodeJS.Timeout | null = null;
  let immediate: NodeJS.Immediate | null = null;
  let closed = false;
  const now = () => past ?? Date.now();

  function drain(): void {
    while (soon.length > 0) {
      const runs = soon;
      soon = [];
      for (const run of runs) run();
    }
  }

  function takeDue(until: number): Entry | null {
    const first = waiting[0];
    if (first === undefined || first.due > until) return null;
    return pop(waiting);
  }

  function arm(): void {
    if (past !== null || closed) return;
    if (timer !== null) clearTimeout(timer);
    const first = waiting[0];
    timer = first === undefined ? null : setTimeout(fire, Math.min(Math.max(0, first.due - now()), 2 ** 31 - 1)).unref();
  }

  function fire(): void {
    timer = null;
    for (let entry = takeDue(now()); entry !== null; entry = takeDue(now())) {
      entry.run();
      drain();
    }
    arm();
  }

  return {
    now,
    after(ms, run) {
      const entry: Entry = { due: now() + (past === null ? ms / speed : ms), order: order++, run };
      push(waiting, entry);
      if (waiting[0] === entry) arm();
      return () => {
        entry.run = () => {};
      };
    },
    soon(run) {
      if (closed) return;
      soon.push(run);
      if (past === null && immediate === null) {
        immediate = setImmediate(() => {
          immediate = null;
          if (!closed) drain();
        });
      }
    },
    liveTo(moment) {
      drain();
      for (let entry = takeDue(moment); entry !== null; entry = takeDue(moment)) {
        past = Math.max(past ?? 0, entry.due);
        entry.run();
        drain();
      }
      past = moment;
    },
    goLive() {
      drain();
      past = null;
      arm();
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      if (immediate !== null) clearImmediate(immediate);
      waiting.length = 0;
      soon = [];
    },
  };
}

interface Entry {
  readonly due: number;
  readonly order: number;
  run: () => void;
}

function before(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** A binary heap: with tens of thousands of pods starting at once a sorted list would not do. */
function push(heap: Entry[], entry: Entry): void {
  let place = heap.length;
  heap.push(entry);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!before(entry, heap[parent])) break;
    swap(heap, place, parent);
    place = parent;
  }
}

function pop(heap: Entry[]): Entry | null {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) return null;
  if (heap.length === 0) return first;
  heap[0] = last;
  for (let place = 0; ; ) {
    const left = place * 2 + 1;
    const least = before(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!before(heap[least], heap[place])) return first;
    swap(heap, place, least);
    place = least;
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first === undefined || second === undefined) return;
  heap[a] = second;
  heap[b] = first;
}
