import type { CellAnswer, CellState, RunWish } from '../../state/setup.js';
import type { SetupBook } from './book.js';
import type { Checked } from './phases.js';
import { scopeOf } from './scope.js';
import type { LifeEnd } from './step-life.js';
import { type CellRef, cellKey, type Work } from './work.js';

/** How one step is done in one column. */
export interface DoOptions {
  readonly job: 'do' | 'undo';
  readonly overwrite: boolean;
  /** Done although it is done: others need what it gives. */
  readonly again: boolean;
  /** Tried again by the person. */
  readonly anew: boolean;
  readonly typed: string | null;
  readonly stopping: () => boolean;
}

export interface EngineOptions {
  readonly work: Work;
  readonly book: SetupBook;
  /** Never rejects. */
  readonly carryOut: (cell: CellRef, options: DoOptions) => Promise<LifeEnd>;
  /** Looks at many cells; tells of each. Never rejects. */
  readonly look: (cells: readonly CellRef[], onChecked: (cell: CellRef, checked: Checked) => void) => Promise<void>;
  /** The machine of a column: on each one step at a time. */
  readonly machine: (column: string) => string;
  /** Who makes a secret that a step needs. */
  readonly giver: (name: string) => CellRef | null;
  /** What the step was given before does not count any more. */
  readonly forget: (step: string) => void;
}

/** Carries out steps in columns: in the order of their needs, side by side on several machines. */
export interface Engine {
  look(cells: readonly CellRef[]): Promise<void>;
  /** Rejects with a sentence where it must not begin. Resolves once it has begun. */
  run(wish: RunWish): Promise<void>;
  next(): void;
  answer(cell: CellRef, answer: CellAnswer): void;
  undo(cell: CellRef, typed: string | null): void;
  stop(): void;
  settled(): Promise<void>;
}

interface Task {
  readonly cell: CellRef;
  status: 'todo' | 'active' | 'good' | 'open';
  job: 'do' | 'undo';
  overwrite: boolean;
  again: boolean;
  anew: boolean;
  /** Needed besides what its step needs: who gives it its secrets. */
  also: readonly string[];
}

export function setupEngine({ work, book, carryOut, look, machine, giver, forget }: EngineOptions): Engine {
  const tasks = new Map<string, Task>();
  /** What was seen last of each: shown again when a step does not begin after all. */
  const seen = new Map<string, CellState>();
  const steps = new Map(work.steps.map((step) => [step.id, step]));
  let typed: string | null = null;
  let stepwise = false;
  let permits = 0;
  let looking = 0;
  let stopping = false;
  let waiting: (() => void)[] = [];

  const show = (cell: CellRef, state: CellState) => {
    if (isSeen(state)) seen.set(cellKey(cell), state);
    book.show(cell, state);
  };

  const take = (cell: CellRef, changes: Partial<Omit<Task, 'cell'>> = {}): Task => {
    const fresh: Task = { cell, status: 'todo', job: 'do', overwrite: false, again: false, anew: false, also: [], ...changes };
    tasks.set(cellKey(cell), fresh);
    return fresh;
  };

  const active = () => [...tasks.values()].filter(({ status }) => status === 'active');
  const todo = () => [...tasks.values()].filter(({ status }) => status === 'todo');

  /** The first that it waits for; null where it could begin. */
  const obstacle = (task: Task): string | null => {
    const needs = task.job === 'undo' ? [] : [...work.needsOf(task.cell.step, task.cell.column).map(cellKey), ...task.also];
    const need = needs.find((key) => {
      const other = tasks.get(key);
      return other !== undefined && other !== task && other.status !== 'good';
    });
    if (need !== undefined) return tasks.get(need)?.cell.step ?? need;
    const spec = steps.get(task.cell.step);
    const busy = active().find(({ cell }) => {
      if (machine(cell.column) === machine(task.cell.column)) return true;
      if (cell.step === task.cell.step) return spec?.serial === true || spec?.reboots === true;
      // Two machines of one cluster do not go down at once.
      return spec?.reboots === true && steps.get(cell.step)?.reboots === true;
    });
    if (busy !== undefined) return busy.cell.step;
    return null;
  };

  const begin = (task: Task) => {
    task.status = 'active';
    const { job, overwrite, again, anew } = task;
    void carryOut(task.cell, { job, overwrite, again, anew, typed, stopping: () => stopping }).then((end) => {
      finish(task, end);
      pump();
    });
  };

  const finish = (task: Task, end: LifeEnd) => {
    const { cell } = task;
    if (end.end === 'stopped') {
      tasks.delete(cellKey(cell));
      book.show(cell, seen.get(cellKey(cell)) ?? { state: 'unknown', why: null });
    } else if (end.end === 'lacks') {
      askFor(task, end.names);
    } else {
      show(cell, end.state);
      task.status = end.state.state === 'done' || end.state.state === 'not-applicable' ? 'good' : 'open';
      // Taken back, it holds up what needs it, and nothing else.
      const isNeeded = todo().some((other) => work.needsOf(other.cell.step, other.cell.column).some((need) => cellKey(need) === cellKey(cell)));
      if (task.job === 'undo' && end.state.state !== 'failed' && !isNeeded) tasks.delete(cellKey(cell));
    }
  };

  const askFor = (task: Task, names: readonly string[]) => {
    const also: string[] = [];
    for (const name of names) {
      const from = giver(name);
      const why =
        from === null
          ? `${name} is a secret that was not given: open this setup again and give it`
          : task.also.includes(cellKey(from))
            ? `${from.step} was done and did not give ${name}`
            : null;
      if (from === null || why !== null) {
        task.status = 'open';
        show(task.cell, { state: 'failed', why: why ?? '', diagnosis: null });
        return;
      }
      const known = tasks.get(cellKey(from));
      if (known === undefined || known.status === 'good') take(from, { again: true });
      also.push(cellKey(from));
    }
    task.status = 'todo';
    task.also = also;
  };

  /** Gives up what has not begun. */
  const drop = () => {
    for (const { cell } of todo()) {
      tasks.delete(cellKey(cell));
      book.show(cell, seen.get(cellKey(cell)) ?? { state: 'unknown', why: null });
    }
  };

  function pump(): void {
    if (stopping) drop();
    for (const task of todo()) {
      const why = obstacle(task);
      if (why !== null) {
        book.show(task.cell, { state: 'waiting', for: why });
        continue;
      }
      if (stepwise && (permits === 0 || active().length > 0)) {
        book.show(task.cell, { state: 'waiting', for: 'the next key' });
        continue;
      }
      permits -= stepwise ? 1 : 0;
      begin(task);
    }
    showRun();
  }

  function showRun(): void {
    if (active().length > 0 || looking > 0) {
      book.showRun(active().length === 0 ? 'checking' : stopping ? 'stopping' : 'running');
      return;
    }
    const waits = todo().length > 0;
    const isOpen = [...tasks.values()].some(({ status }) => status === 'open');
    if (tasks.size > 0) book.showRun(!stopping && (isOpen || waits) ? 'paused' : 'ended');
    else book.showRun(book.run() === 'idle' || book.run() === 'checking' ? 'idle' : 'ended');
    if (book.run() === 'ended') tasks.clear();
    // Step by step, what waits for a key is still to come.
    if (stepwise && waits && !isOpen) return;
    const resolve = waiting;
    waiting = [];
    for (const done of resolve) done();
  }

  /** Looks at cells that nobody works on. */
  const lookAt = async (cells: readonly CellRef[], onChecked: (cell: CellRef, checked: Checked) => void) => {
    const free = cells.filter((cell) => {
      const task = tasks.get(cellKey(cell));
      return task === undefined || task.status === 'good';
    });
    looking += 1;
    for (const cell of free) book.show(cell, { state: 'checking' });
    showRun();
    const missed = new Set(free.map(cellKey));
    await look(free, (cell, checked) => {
      missed.delete(cellKey(cell));
      const task = tasks.get(cellKey(cell));
      if (task !== undefined && task.status !== 'good') return;
      show(cell, checked.state);
      onChecked(cell, checked);
    });
    looking -= 1;
    for (const cell of free) if (missed.has(cellKey(cell))) show(cell, { state: 'unknown', why: 'it was not looked at' });
    showRun();
  };

  const start = () => {
    stopping = false;
    pump();
  };

  return {
    look: (cells) => lookAt(cells, () => undefined),
    async run(wish) {
      if (active().length > 0 || looking > 0) throw new Error('something runs already: wait for its end, or stop it');
      const scope = scopeOf(work, wish);
      if (scope.length === 0) throw new Error('there is no such step in these columns');
      drop();
      tasks.clear();
      typed = wish.typed;
      stopping = false;
      stepwise = wish.stepByStep;
      permits = 0;
      const done = new Set<string>();
      await lookAt(scope, (cell, { state, mark }) => {
        if (state.state === 'done' && mark !== 'begun') done.add(cellKey(cell));
      });
      if (stopping) {
        showRun();
        return;
      }
      const destroys = scope.find(
        (cell) =>
          !done.has(cellKey(cell)) &&
          steps.get(cell.step)?.risk === 'destructive' &&
          steps.get(cell.step)?.apply !== null &&
          book.state(cell).state !== 'not-applicable',
      );
      if (destroys !== undefined && typed?.trim() !== work.clusterName) {
        throw new Error(`${destroys.step} on ${destroys.column} destroys what does not come back: type ${work.clusterName} to confirm`);
      }
      for (const cell of scope) take(cell, { status: done.has(cellKey(cell)) ? 'good' : 'todo' });
      pump();
    },
    next() {
      if (!stepwise) return;
      permits = 1;
      pump();
    },
    answer(cell, answer) {
      const task = tasks.get(cellKey(cell));
      if (task?.status === 'active') throw new Error(`${cell.step} on ${cell.column} is being done just now`);
      if (answer === 'skip') {
        take(cell, { status: 'good' });
        book.show(cell, { state: 'skipped', why: 'left out by you' });
        start();
        return;
      }
      if (answer === 'retry') forget(cell.step);
      take(cell, { job: answer === 'undo' ? 'undo' : 'do', overwrite: answer === 'overwrite', anew: answer === 'retry' });
      start();
    },
    undo(cell, word) {
      if (tasks.get(cellKey(cell))?.status === 'active') throw new Error(`${cell.step} on ${cell.column} is being done just now`);
      typed = word;
      take(cell, { job: 'undo' });
      start();
    },
    stop() {
      stopping = true;
      pump();
    },
    settled() {
      if (active().length === 0 && looking === 0 && !(stepwise && todo().length > 0)) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

function isSeen({ state }: CellState): boolean {
  return state !== 'checking' && state !== 'waiting' && state !== 'running' && state !== 'rebooting' && state !== 'held';
}
