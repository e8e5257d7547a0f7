import { type Freshness, type Slice, whyMissing } from '../../src/state/freshness.js';
import { type Line, line } from '../../src/text/line.js';
import { ageOf } from '../../src/text/moment.js';
import { wrap } from '../../src/text/width.js';

/** For a panel's title row: nothing while live, else how old what it shows is. */
export function freshnessNote(freshness: Freshness, now: number): Line {
  return freshness.status === 'stale' ? line(['warn', `${ageOf(freshness.since, now)} old`]) : [];
}

/** The lines in the place of a value that is missing: why. */
export function missingLines(slice: Slice<object>, what: string, width: number): readonly Line[] {
  const why = whyMissing(slice) ?? '';
  const { status } = slice.freshness;
  if (status === 'loading') {
    const said = why === 'loading' ? `loading ${what}` : `${what}: ${why}`;
    return wrap(said, Math.max(10, width - 2)).map((text, index) => line(['dim', `${index === 0 ? '◌ ' : '  '}${text}`]));
  }
  const sign = status === 'denied' ? line(['warn', '! ']) : line(['dim', '· ']);
  return wrap(why, Math.max(10, width - 2)).map((text, index) => line(index === 0 ? sign : '  ', text));
}

/** A value that was true some time ago: the same words without the colours that claim to be now. */
export function dimmed(row: Line): Line {
  return row.map(({ text }) => ({ text, tone: 'dim' }));
}
