import type { JournalEntry } from '../../../src/state/journal.js';
import type { Segment, Tone } from '../../../src/text/line.js';
import { clockTime, localDay } from '../../../src/text/moment.js';

type Result = JournalEntry['result'];

export const resultTones: Readonly<Record<Result, Tone>> = { running: 'accent', interrupted: 'warn', done: 'good', failed: 'bad', cancelled: 'warn' };

export const resultSigns: Readonly<Record<Result, Segment>> = {
  running: { text: '◌', tone: 'accent' },
  interrupted: { text: '!', tone: 'warn' },
  done: { text: '✓', tone: 'good' },
  failed: { text: '✗', tone: 'bad' },
  cancelled: { text: '!', tone: 'warn' },
};

/** `14:02:11` today, else `2026-11-02 14:02`. Both are ms since the epoch. */
export function dayAndTime(at: number, now: number): string {
  return localDay(at) === localDay(now) ? clockTime(at) : `${localDay(at)} ${clockTime(at).slice(0, 5)}`;
}
