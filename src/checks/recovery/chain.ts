import type { RebootMemory } from '../../config/memory.js';
import type { RecoveryStep } from '../../state/recovery.js';
import type { CheckReport } from '../../state/report.js';
import type { NodeSight } from './node-sight.js';
import { road } from './road.js';
import type { Step, StepSeen } from './step.js';
import { troubleOf } from './trouble.js';

/** What is known of one step's end: ms since the epoch. */
export interface Moment {
  /** It was seen not done since the boot: so the first look at which it is done is about when it was. */
  readonly wasOpen: boolean;
  readonly doneAt: number | null;
  readonly exact: boolean;
}

export type Moments = ReadonlyMap<string, Moment>;

/** One look at all steps that this node has. */
export function lookAtSteps(sight: NodeSight): readonly (readonly [Step, StepSeen])[] {
  return road.flatMap((step) => {
    const seen = step.look(sight);
    return seen === null ? [] : [[step, seen] as const];
  });
}

/** The moments after another look. `watched`: somebody was looking when the node went down, so every step was open once. */
export function momentsAfter(before: Moments, looks: readonly (readonly [Step, StepSeen])[], sight: NodeSight, watched: boolean): Moments {
  const moments = new Map(before);
  for (const [{ id }, seen] of looks) {
    const known = moments.get(id) ?? { wasOpen: watched && seen.elsewhere !== true, doneAt: null, exact: false };
    if (seen.state === 'open') moments.set(id, { wasOpen: true, doneAt: null, exact: false });
    else if (seen.state === 'done') moments.set(id, doneMoment(known, seen, sight));
    else moments.set(id, known);
  }
  return moments;
}

function doneMoment(known: Moment, seen: StepSeen, { bootedAt, now }: NodeSight): Moment {
  const told = seen.doneAt ?? null;
  // What got Ready long after the boot, with nobody looking, got Ready for another reason.
  if (told !== null && (known.wasOpen || bootedAt === null || told - bootedAt < longestUnseen)) return { ...known, doneAt: told, exact: true };
  if (known.doneAt !== null || !known.wasOpen) return known;
  return { ...known, doneAt: Math.min(now, seen.seenAt ?? now) };
}

const longestUnseen = 30 * 60_000;

/** The steps as they are shown: what is done and when, what is next, and what only waits for it. */
export function chainOf(
  looks: readonly (readonly [Step, StepSeen])[],
  moments: Moments,
  sight: NodeSight,
  report: CheckReport | null,
  reboots: readonly RebootMemory[],
): readonly RecoveryStep[] {
  const names = new Map(looks.map(([{ id }, { name }]) => [id, name]));
  const holding = new Set<string>(looks.filter(([, seen]) => seen.state === 'open').map(([{ id }]) => id));
  const { bootedAt } = sight;
  return looks.map(([step, seen]) => {
    const { id } = step;
    const needs = seen.needs ?? step.needs;
    const before = seen.state === 'done' || seen.state === 'skipped' ? undefined : looks.find(([other]) => needs.includes(other.id) && holding.has(other.id));
    // What waits holds up what needs it in turn.
    if (before !== undefined) holding.add(id);
    const usualMs = median(reboots.flatMap(({ bootId, steps }) => (steps[id] === undefined || bootId === sight.bootId ? [] : [steps[id]])));
    const moment = moments.get(id);
    const trouble =
      seen.state === 'open' && before === undefined && isOverdue(step, seen, needs, moments, usualMs, sight) ? troubleOf(step.checks, sight, report) : null;
    const done = seen.state === 'done';
    return {
      id,
      name: seen.name,
      status: before !== undefined ? 'waiting' : trouble !== null ? 'failed' : seen.state,
      fact: trouble ?? seen.fact,
      sinceBootMs: done && moment?.doneAt != null && bootedAt !== null ? Math.max(0, moment.doneAt - bootedAt) : null,
      exact: done && moment?.exact === true,
      usualMs,
      waitsFor: before === undefined ? null : (names.get(before[0].id) ?? null),
    };
  });
}

/** Checks complain from the first moment; on the way back that counts only once a step takes longer than it should, or cannot come any more. */
function isOverdue(step: Step, seen: StepSeen, needs: readonly string[], moments: Moments, usualMs: number | null, { bootedAt, now }: NodeSight): boolean {
  if (seen.broken === true) return true;
  const begun = needs.map((id) => moments.get(id)?.doneAt ?? null).filter((at) => at !== null);
  const since = begun.length > 0 ? Math.max(...begun) : bootedAt;
  if (since === null) return true;
  // What the steps before it took longer than usual is not its own delay.
  const late = bootedAt === null ? 0 : Math.max(0, since - bootedAt);
  return now - since > step.patienceMs || (usualMs !== null && now - since > Math.max(0, usualMs - late) * 1.5 + 30_000);
}

/** null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  const lower = sorted[middle - 1];
  return sorted.length % 2 === 1 || lower === undefined ? upper : Math.round((lower + upper) / 2);
}
