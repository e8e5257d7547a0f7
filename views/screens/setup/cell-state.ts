import type { CellState } from '../../../src/state/setup.js';
import { duration } from '../../../src/text/age.js';
import type { Segment, Tone } from '../../../src/text/line.js';
import type { GlyphLevel } from '../../glyphs.js';

/** The sign of a state; `spinning` stands in its place while something is under way. */
export function cellSign({ state }: CellState, spinning: string): Segment {
  const { sign, tone } = looks[state];
  return { text: sign === 'spinner' ? spinning : sign, tone };
}

/** The state in a word, and for how long where that matters. */
export function cellWord(state: CellState, now: number): string {
  switch (state.state) {
    case 'running':
      return `${phases[state.phase]} ${duration(now - state.since)}`;
    case 'rebooting':
      return `rebooting ${duration(now - state.since)}`;
    case 'held':
      return `held ${duration(now - state.since)}`;
    default:
      return looks[state.state].word;
  }
}

export function cellTone({ state }: CellState): Tone {
  return looks[state].tone;
}

/** The same without how long, for narrow columns and for searching. */
export function shortWord(state: CellState): string {
  return state.state === 'running' ? phases[state.phase] : looks[state.state].word;
}

/** What turns while a step runs, one shape at a time. */
export function spinner(frame: number, level: GlyphLevel): string {
  const shapes = level === 'unicode' ? braille : turning;
  return shapes.charAt(frame % shapes.length);
}

const braille = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const turning = '|/-\\';

const phases = { apply: 'running', verify: 'verifying', undo: 'undoing' } as const;

const looks: Readonly<Record<CellState['state'], { readonly sign: string; readonly word: string; readonly tone: Tone }>> = {
  unknown: { sign: '?', word: 'unknown', tone: 'dim' },
  checking: { sign: 'spinner', word: 'checking', tone: 'dim' },
  done: { sign: '✓', word: 'done', tone: 'good' },
  missing: { sign: '·', word: 'missing', tone: 'plain' },
  drifted: { sign: '!', word: 'drifted', tone: 'warn' },
  'not-applicable': { sign: '–', word: 'n/a', tone: 'dim' },
  waiting: { sign: '◌', word: 'waiting', tone: 'dim' },
  running: { sign: 'spinner', word: 'running', tone: 'accent' },
  rebooting: { sign: '↻', word: 'rebooting', tone: 'accent' },
  held: { sign: '⊘', word: 'held', tone: 'warn' },
  asks: { sign: '≠', word: 'asks', tone: 'warn' },
  failed: { sign: '✗', word: 'failed', tone: 'bad' },
  skipped: { sign: '»', word: 'skipped', tone: 'dim' },
};
