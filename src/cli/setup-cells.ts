import type { Cell, CellState, Setup, SetupOutline } from '../state/setup.js';
import type { Tone } from '../text/line.js';
import type { Chosen } from './setup-choice.js';
import type { SetupPlace } from './setup-place.js';

/** A step on a host, of those that are meant. */
export interface Place {
  readonly step: string;
  readonly column: string;
}

/** The cells that a choice is about, in the order of its steps. */
export function placesOf({ steps, columns }: Pick<Chosen, 'steps' | 'columns'>, outline: SetupOutline): readonly Place[] {
  return outline.steps.flatMap(({ id, on }) =>
    steps !== null && !steps.has(id) ? [] : on.filter((column) => columns === null || columns.has(column)).map((column) => ({ step: id, column })),
  );
}

export function cellOf(setup: Setup, { step, column }: Place): Cell {
  return setup.cells.get(`${step} ${column}`) ?? { step, column, state: { state: 'unknown', why: null }, at: 0 };
}

/** Sign and word of a state, and the tone of both. */
export const stateWords: Readonly<Record<CellState['state'], { readonly mark: string; readonly word: string; readonly tone: Tone }>> = {
  unknown: { mark: '?', word: 'unknown', tone: 'accent' },
  checking: { mark: '◌', word: 'looking', tone: 'dim' },
  done: { mark: '✓', word: 'done', tone: 'good' },
  missing: { mark: '✗', word: 'missing', tone: 'bad' },
  drifted: { mark: '!', word: 'drifted', tone: 'warn' },
  'not-applicable': { mark: '·', word: 'not applicable', tone: 'dim' },
  waiting: { mark: '·', word: 'waiting', tone: 'dim' },
  running: { mark: '▸', word: 'running', tone: 'accent' },
  rebooting: { mark: '▸', word: 'rebooting', tone: 'accent' },
  held: { mark: '◌', word: 'held', tone: 'warn' },
  asks: { mark: '!', word: 'asks', tone: 'warn' },
  failed: { mark: '✗', word: 'failed', tone: 'bad' },
  skipped: { mark: '·', word: 'skipped', tone: 'dim' },
};

/** What there is to say of a state beside its word; null for nothing. */
export function reasonOf(state: CellState): string | null {
  switch (state.state) {
    case 'checking':
      return null;
    case 'done':
    case 'running':
      return state.said;
    case 'waiting':
      return `for ${state.for}`;
    case 'rebooting':
      return state.seen;
    case 'held':
      return `by ${state.by}`;
    case 'asks':
      return state.question;
    default:
      return state.why;
  }
}

/** all: done, or nothing to do. some: something is missing, drifted or failed. unseen: none of that, and not all could be looked at. */
export function verdictOf(states: readonly CellState[]): 'all' | 'some' | 'unseen' {
  if (states.some(({ state }) => !isDone(state) && state !== 'unknown' && state !== 'checking')) return 'some';
  return states.every(({ state }) => isDone(state)) ? 'all' : 'unseen';
}

function isDone(state: CellState['state']): boolean {
  return state === 'done' || state === 'not-applicable';
}

/** What is shown once nothing is under way any more: what happened last is published a moment later. */
export async function shownAtLast(place: Pick<SetupPlace, 'setup' | 'subscribe'>): Promise<Setup> {
  const isQuiet = () => {
    const setup = place.setup();
    return (
      setup !== null &&
      setup.run !== 'checking' &&
      setup.run !== 'running' &&
      setup.run !== 'stopping' &&
      [...setup.cells.values()].every(({ state }) => state.state !== 'checking')
    );
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => isQuiet() && resolve();
  const unsubscribe = place.subscribe(look);
  const timers = [setTimeout(look, publishedMs), setTimeout(resolve, 2_000)];
  await promise;
  for (const timer of timers) clearTimeout(timer);
  unsubscribe();
  const setup = place.setup();
  if (setup === null) throw new Error('no setup is open');
  return setup;
}

/** Longer than it takes until a change is published. */
const publishedMs = 300;
