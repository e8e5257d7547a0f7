import type { ExperimentState, PhaseRecord } from '../../state/experiments.js';
import { duration } from '../../text/age.js';
import { clockTime } from '../../text/moment.js';
import type { WorkloadNow } from './bench.js';
import { workloadWords } from './bench.js';

/** Whether an experiment that broke off can be gone on with, and from where. */
export type Resumption = { readonly can: true; readonly state: ExperimentState } | { readonly can: false; readonly why: string };

/**
 * Where an experiment goes on that broke off, given how its workloads are now (in their order; null: gone). As long as nobody has touched them, the time without us counts too:
 * the replicas stood as the phase wants them and Prometheus went on measuring. `repeatPhase` begins the phase anew whatever became of it.
 */
export function resumption(
  state: ExperimentState,
  workloads: readonly (WorkloadNow | null)[],
  now: number,
  { repeatPhase = false }: { readonly repeatPhase?: boolean } = {},
): Resumption {
  const { stage, phases, spec } = state;
  const record = phases[state.phase];
  if (record === undefined || stage === 'scaling-back' || stage === 'exporting' || stage === 'ended') return { can: true, state };
  const number = `phase ${state.phase + 1}`;
  const ways = `--repeat-phase does ${number} again, gpuk8s-tui experiment stop puts everything back`;
  for (const [index, before] of state.workloads.entries()) {
    const found = workloads[index] ?? null;
    if (found === null) return { can: false, why: `${workloadWords(before)} is gone: gpuk8s-tui experiment stop ends the experiment` };
    if (found.uid !== before.uid)
      return { can: false, why: `${workloadWords(before)} is another one than the experiment began with: gpuk8s-tui experiment stop ends the experiment` };
    if (stage !== 'scaling' && !repeatPhase && found.wanted !== record.replicas)
      return {
        can: false,
        why: `${workloadWords(before)} has ${found.wanted} replicas and ${number} wants ${record.replicas}: somebody changed it since ${clockTime(state.seenAt)}. ${ways}`,
      };
  }
  const gap = now - state.seenAt;
  const brokeOff = `it broke off at ${clockTime(state.seenAt)} and goes on at ${clockTime(now)}`;
  if (repeatPhase) return { can: true, state: noted(againFrom(state, now, 'scaling'), now, `${brokeOff}: ${number} is done again`) };
  const longest = Math.max(record.dwellMs, leastGapMs);
  if (gap > longest) return { can: false, why: `it broke off ${duration(gap)} ago in ${number}: its phases would lie too far apart to be compared. ${ways}` };
  if (stage === 'scaling') return { can: true, state: noted({ ...state, stageAt: now }, now, `${brokeOff}: ${number} begins`) };
  if (stage === 'measuring' && isTouched(record, workloads))
    return {
      can: true,
      state: noted(againFrom(state, now, 'warming-up'), now, `${brokeOff}; meanwhile somebody changed a workload: ${number} counts from now`),
    };
  const left = stage === 'measuring' ? Math.max(0, (record.from ?? now) + record.dwellMs - now) : null;
  const rest = left === null ? '' : left === 0 ? ', which had its time meanwhile' : `, ${duration(left)} left`;
  return { can: true, state: noted(state, now, `${brokeOff}; the replicas were left alone meanwhile: ${number} of ${spec.phases.length} goes on${rest}`) };
}

function isTouched({ generations }: PhaseRecord, workloads: readonly (WorkloadNow | null)[]): boolean {
  return workloads.some((workload, index) => workload?.generation !== generations[index]);
}

function againFrom(state: ExperimentState, now: number, stage: 'scaling' | 'warming-up'): ExperimentState {
  const phases = state.phases.map((record, index) =>
    index === state.phase ? { ...record, from: null, to: null, generations: [], leastReady: null, gaps: [], measured: null } : record,
  );
  return { ...state, phases, stage, stageAt: now, marks: state.marks.filter(({ phase }) => phase !== state.phase + 1) };
}

function noted(state: ExperimentState, at: number, text: string): ExperimentState {
  return { ...state, notes: [...state.notes, { at, text }] };
}

/** So long an experiment with short phases may stand still all the same. */
const leastGapMs = 10 * 60_000;
