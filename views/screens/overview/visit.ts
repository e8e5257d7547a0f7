import type { VisitChange, VisitChanges } from '../../../src/state/visit.js';
import { age } from '../../../src/text/age.js';
import { fitLine, type Line, line, lineWidth, type Tone } from '../../../src/text/line.js';

/**
 * `Since you left (17h ago): gpu-2 not Ready, kernel 6.8.0-90 → 6.8.0-94 on gpu-2 … +2 more`, in one row of at most `width` columns: what matters
 * most first, and how much more there is. Trouble with what is remembered comes before all that. Empty at the first visit. `now` is ms since the epoch.
 */
export function visitLine({ lastVisitAt, changes, problem, offer }: VisitChanges, now: number, width: number): Line {
  if (problem !== null) return cutTo(line(['warn', '! '], problem), width);
  if (lastVisitAt === null) return offer === null ? [] : cutTo(line(['dim', offer.text]), width);
  const opening = line(['dim', `Since you left (${age(lastVisitAt, now)} ago): `]);
  if (changes.length === 0) return cutTo(offer === null ? line(opening, ['dim', 'nothing changed']) : line(['dim', offer.text]), width);
  for (let shown = changes.length; shown > 1; shown -= 1) {
    const row = rowOf(opening, changes, shown);
    if (lineWidth(row) <= width) return row;
  }
  return cutTo(rowOf(opening, changes, 1), width);
}

function rowOf(opening: Line, changes: readonly VisitChange[], shown: number): Line {
  const pieces = changes.slice(0, shown).map(({ text, tone }, index): Line => line(index === 0 ? '' : ', ', [toneOf[tone], text]));
  const left = changes.length - shown;
  return line(opening, ...pieces, ...(left === 0 ? [] : [['dim', ` … ${left} more`] as const]));
}

function cutTo(row: Line, width: number): Line {
  return lineWidth(row) > width ? fitLine(row, width) : row;
}

const toneOf: Readonly<Record<VisitChange['tone'], Tone>> = { bad: 'bad', warn: 'warn', plain: 'plain', good: 'good' };
