import { type EndedPodGroup, type EndedPodInventory, wouldGo } from '../../../src/state/ended-pods.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { pressureWords } from '../../../src/text/pressure.js';
import { wrap } from '../../../src/text/width.js';
import { counted } from '../../../src/text/wording.js';
import type { Choice } from './choice.js';

/** The cause first: nodes that go on evicting; then why nobody has cleared up so far. Of many causes the first few. */
export function causeLines({ pressures, collector, groups }: EndedPodInventory, now: number, width: number, isSmall: boolean): readonly Line[] {
  const causes = pressures.slice(0, isSmall ? 1 : 4).flatMap((pressure) => {
    const key = pressure.type === 'DiskPressure' ? ' [d]' : '';
    return wrap(`${pressureWords(pressure, now)}${key}`, width - 2).map((text, index) => line(index === 0 ? ['warn', '! '] : '  ', ['warn', text]));
  });
  const total = groups.reduce((sum, { endedAt, terminating }) => sum + endedAt.length + terminating, 0);
  const { threshold, known } = collector;
  const why =
    threshold === 0
      ? 'the controller-manager never clears up (terminated-pod-gc-threshold is 0)'
      : `the controller-manager clears up only above ${count(threshold)} ${isSmall ? '' : ` (terminated-pod-gc-threshold${known ? '' : ', its default'})`}`;
  // Where there is little room the cause is worth more than the reason why nobody clears up.
  if (isSmall && causes.length > 0) return causes;
  return [
    ...(causes.length > 0 ? causes : [line(['good', '✓ '], 'no node runs short now: what is cleared stays cleared')]),
    ...wrap(`${counted(total, 'ended pod')}: ${why}`, width - 2).map((text, index) => line(index === 0 ? '· ' : '  ', ['dim', text])),
  ];
}

/** What `c` would delete, and by which choice. */
export function choiceLine(
  chosen: readonly EndedPodGroup[],
  { age, keep }: Choice,
  now: number,
  { ticked, readOnly }: { readonly ticked: boolean; readonly readOnly: boolean },
): Line {
  const pods = wouldGo(chosen, { olderThanMs: age.ms, keep, now });
  const what =
    chosen.length === 0 ? 'nothing chosen: space ticks a group' : `${counted(pods, 'pod')} of ${counted(chosen.length, `${ticked ? 'ticked ' : ''}group`)}`;
  return line(
    readOnly ? ['dim', 'read-only; a clean-up would delete '] : line(['accent', 'c'], ' deletes '),
    ['strong', what],
    ['accent', '   o'],
    ['dim', age.ms === 0 ? ' of any age' : ` ended over ${age.text} ago`],
    ['accent', '   n'],
    ['dim', keep === 0 ? ' keeps none' : ` keeps the newest ${keep === 1 ? '' : `${keep} `}of each owner`],
  );
}
