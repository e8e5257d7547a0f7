import { live } from '../../state/freshness.js';
import type { Cell, CellState, Setup, SetupOutline } from '../../state/setup.js';
import type { Store } from '../../state/store.js';
import { type CellRef, cellKey } from './work.js';

/** Keeps the slice `setup`. */
export interface SetupBook {
  state(cell: CellRef): CellState;
  show(cell: CellRef, state: CellState): void;
  run(): Setup['run'];
  showRun(run: Setup['run']): void;
  close(): void;
}

export interface SetupBookOptions {
  readonly store: Pick<Store, 'write'>;
  readonly outline: SetupOutline;
  readonly now: () => number;
  /** How often what a step says is written, at most. */
  readonly everyMs?: number;
}

/** Begins with everything unknown. A change of state is written at once, what a running step says now and then. */
export function setupBook({ store, outline, now, everyMs = 150 }: SetupBookOptions): SetupBook {
  const first: CellState = { state: 'unknown', why: null };
  let cells = new Map<string, Cell>();
  for (const { id, on } of outline.steps) for (const column of on) cells.set(cellKey({ step: id, column }), { step: id, column, state: first, at: now() });
  let run: Setup['run'] = 'idle';
  let startedAt: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isWriting = false;
  let closed = false;

  const write = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (!closed) store.write('setup', live({ outline, cells: new Map(cells), run, startedAt }, now()));
  };

  /** Many cells change at once: they are written once. */
  const writeSoon = () => {
    if (isWriting) return;
    isWriting = true;
    queueMicrotask(() => {
      isWriting = false;
      write();
    });
  };

  write();
  return {
    state: (cell) => cells.get(cellKey(cell))?.state ?? first,
    show(cell, state) {
      const key = cellKey(cell);
      const before = cells.get(key);
      if (before === undefined || closed) return;
      if (before.state.state === 'waiting' && state.state === 'waiting' && before.state.for === state.for) return;
      cells.set(key, { ...cell, state, at: now() });
      if (before.state.state === 'running' && state.state === 'running' && before.state.phase === state.phase) timer ??= setTimeout(write, everyMs);
      else writeSoon();
    },
    run: () => run,
    showRun(next) {
      if (next === run || closed) return;
      if (next === 'running' && run !== 'paused' && run !== 'stopping') startedAt = now();
      run = next;
      writeSoon();
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      cells = new Map();
    },
  };
}
