import type { EndedPodGroup, NodePressure } from '../../../src/state/ended-pods.js';
import type { OperationRef } from '../../../src/state/operations.js';
import { diskWish } from './disk-store-rows.js';

/** How long ago a pod must have ended, as `o` goes through it. */
export const ages = [
  { text: 'any', ms: 0 },
  { text: '1h', ms: 3_600_000 },
  { text: '24h', ms: 86_400_000 },
  { text: '7d', ms: 7 * 86_400_000 },
] as const;

/** How many stay of each owner, as `n` goes through it. */
export const keeps = [0, 1, 3, 10] as const;

export interface Choice {
  readonly age: (typeof ages)[number];
  readonly keep: number;
}

/** What `c` takes: the ticked groups; without any, all that the filter shows but the record of Jobs and what nothing makes anew. */
export function chosenGroups(groups: readonly EndedPodGroup[], shown: readonly EndedPodGroup[], marks: ReadonlySet<string>): readonly EndedPodGroup[] {
  const marked = groups.filter(({ id }) => marks.has(id));
  return marked.length > 0 ? marked : shown.filter(({ fate }) => fate === 'replaced' || fate === 'unreplaced');
}

/** The wish to clean these groups up. */
export function cleanWish(groups: readonly EndedPodGroup[], { age, keep }: Choice): OperationRef {
  const input = {
    groups: groups.map(({ id }) => id).join('\n'),
    ...(age.ms === 0 ? {} : { olderThan: age.text }),
    ...(keep === 0 ? {} : { keep: String(keep) }),
    // Who ticks the pods of a Job says that their history is not wanted.
    ...(groups.some(({ fate }) => fate === 'history') ? { jobs: 'yes' } : {}),
  };
  return { id: 'clean-pods', input };
}

/** The wish to win back room on the node that runs short of it. */
export function pressedWish(pressures: readonly NodePressure[]): OperationRef | null {
  const pressed = pressures.find(({ type }) => type === 'DiskPressure');
  return pressed === undefined ? null : diskWish(pressed.node);
}
