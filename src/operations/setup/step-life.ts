import type { StepSpec } from '../../runbooks/playbook.js';
import type { CellState, StepDiagnosis } from '../../state/setup.js';
import { duration } from '../../text/age.js';
import { diffOf, lookedState, type PhaseEnd, reasonOf } from './cell-state.js';
import type { StepRecord } from './chronicle.js';
import { hostWords, mayPass } from './host-words.js';
import type { Diagnose } from './step-diagnosis.js';

/** One step in one column, as its life needs it. */
export interface LifeWorld {
  readonly step: StepSpec;
  /** Rejects with HostError. */
  phase(
    phase: 'check' | 'apply' | 'verify' | 'undo',
    options: { readonly overwrite?: boolean; readonly alone?: boolean; readonly onLine?: (line: string) => void },
  ): Promise<PhaseEnd>;
  readonly reboots: Reboots;
  show(state: CellState): void;
  /** Rejects with a sentence where it cannot be written down. */
  record(phase: 'apply' | 'undo'): Promise<StepRecord>;
  readonly diagnose: Diagnose;
  /** Secrets that it needs of other steps and that are not known. */
  lacking(): readonly string[];
  give(name: string, value: string): void;
  /** Why it must not be done; null: it may. */
  readonly refusal: string | null;
  readonly overwrite: boolean;
  /** Done anew although it is done: what it gives is needed. */
  readonly again: boolean;
  /** The person wants it tried again: what came of it earlier does not count. */
  readonly anew: boolean;
  /** No further step begins. */
  stopping(): boolean;
  /** The program leaves; what runs on machines goes on there. */
  readonly leaving: AbortSignal;
  pause(ms: number): Promise<void>;
  now(): number;
}

/** How the machine of a step is booted. Both resolve to null when it is back and takes pods as before, else to the reason. */
export interface Reboots {
  /** `drained`: it was emptied for this already. */
  reboot(drained: boolean, show: (seen: string) => void): Promise<string | null>;
  /** What is left to be done after a boot that has happened. */
  after(drained: boolean, show: (seen: string) => void): Promise<string | null>;
}

export type LifeEnd =
  | { readonly end: 'state'; readonly state: CellState }
  /** It needs these secrets first. */
  | { readonly end: 'lacks'; readonly names: readonly string[] }
  /** It was stopped before it began. */
  | { readonly end: 'stopped' };

/** Does a step in a column: looks first, does what is missing, sees that it is done. Never rejects. */
export async function liveStep(world: LifeWorld): Promise<LifeEnd> {
  try {
    return await live(world);
  } catch (error) {
    return failed(hostWords(error));
  }
}

async function live(world: LifeWorld): Promise<LifeEnd> {
  const { step } = world;
  world.show({ state: 'checking' });
  const found = await lookAlone(world);
  if (found === 'stopped') return { end: 'stopped' };
  const looked = lookedState(found);
  if (found.boot === 'new' && !(world.anew && looked.state !== 'done')) return applied(world, found, 'new');
  switch (looked.state) {
    case 'unknown':
      return failed(`it could not be looked at: ${looked.why ?? 'without a reason'}`);
    case 'not-applicable':
      return { end: 'state', state: looked };
    case 'done':
      if (world.again) break;
      // Nobody has seen that what was begun from here came to its end.
      if (found.mark === 'begun') return { end: 'state', state: await verified(world, null, null) };
      return { end: 'state', state: looked };
    case 'missing':
    case 'drifted':
      break;
  }
  if (step.apply === null)
    return failed(looked.state === 'done' ? 'it has nothing to do' : (looked.why ?? 'it is missing, and nothing a program could do mends it'));
  if (world.refusal !== null) return failed(world.refusal);
  const names = world.lacking();
  if (names.length > 0) return { end: 'lacks', names };
  if (world.stopping()) return { end: 'stopped' };
  return applied(world, found, found.boot === 'same' ? 'same' : 'none');
}

/** Takes a step back. */
export async function takeBack(world: LifeWorld): Promise<LifeEnd> {
  try {
    return await undone(world);
  } catch (error) {
    return failed(hostWords(error));
  }
}

async function undone(world: LifeWorld): Promise<LifeEnd> {
  if (world.refusal !== null) return failed(world.refusal);
  return recorded(world, 'undo', async (record) => {
    const ran = await carryOut(world, 'undo', record);
    if (ran === 'stopped') return 'stopped';
    if (ran.end === null) return { state: 'failed', why: ran.why, diagnosis: ran.diagnosis };
    const looked = lookedState(await world.phase('check', {}));
    return looked.state === 'done' ? { state: 'failed', why: 'it was taken back, and is there all the same', diagnosis: null } : looked;
  });
}

/** From a check on: apply, boot where it takes one, verify. */
async function applied(world: LifeWorld, found: PhaseEnd, begun: PhaseEnd['boot']): Promise<LifeEnd> {
  const { step } = world;
  return recorded(world, 'apply', async (record) => {
    let diagnosis: StepDiagnosis | null = null;
    let boot = begun;
    if (boot === 'none') {
      const ran = await carryOut(world, 'apply', record);
      if (ran === 'stopped') return 'stopped';
      diagnosis = ran.diagnosis;
      if (ran.end === null) return { state: 'failed', why: ran.why, diagnosis };
      if (ran.end.exit === 83) return { state: 'asks', question: reasonOf(ran.end.lines) ?? 'a file was edited by hand', diff: diffOf(ran.end.lines) };
      for (const [name, value] of ran.end.gives) world.give(name, value);
      boot = ran.end.boot;
    }
    if (step.reboots) {
      const since = world.now();
      const show = (seen: string) => {
        record.line(seen);
        world.show({ state: 'rebooting', since, seen });
      };
      const why = boot === 'new' ? await world.reboots.after(found.drained, show) : await world.reboots.reboot(found.drained, show);
      if (why !== null) return { state: 'failed', why, diagnosis };
    }
    return verified(world, record, diagnosis);
  });
}

/** What is done between a first and a last line of the journal. */
async function recorded(world: LifeWorld, phase: 'apply' | 'undo', work: (record: StepRecord) => Promise<CellState | 'stopped'>): Promise<LifeEnd> {
  const record = await world.record(phase);
  let state: CellState | 'stopped';
  try {
    state = await work(record);
  } catch (error) {
    state = { state: 'failed', why: hostWords(error), diagnosis: null };
  }
  if (state === 'stopped') {
    await record.end('cancelled', 'stopped before it began');
    return { end: 'stopped' };
  }
  const isGood = phase === 'undo' ? state.state !== 'failed' : state.state === 'done' || state.state === 'not-applicable';
  const left = world.leaving.aborted && !isGood;
  await record.end(
    left ? 'cancelled' : isGood ? 'done' : 'failed',
    left ? `this program was ended meanwhile; what was begun on the machine goes on there (${wordsOf(state) ?? 'no word of it'})` : wordsOf(state),
  );
  return { end: 'state', state };
}

/** Asks until it is seen to be done, or its patience is over. */
async function verified(world: LifeWorld, record: StepRecord | null, diagnosis: StepDiagnosis | null): Promise<CellState> {
  const { step } = world;
  const since = world.now();
  let said: string | null = null;
  let seen = diagnosis;
  const onLine = (line: string) => {
    said = line;
    seen = world.diagnose(line) ?? seen;
    record?.line(line);
    world.show({ state: 'running', phase: 'verify', since, said });
  };
  for (;;) {
    world.show({ state: 'running', phase: 'verify', since, said });
    const end = await persistently(world, since, 'verify', () => world.phase('verify', { onLine }));
    const looked = lookedState(end);
    if (looked.state === 'done') {
      if (end.unmarked !== null) record?.line(`it could not be noted as done: ${end.unmarked}`);
      return looked;
    }
    if (looked.state === 'not-applicable') return looked;
    const leftMs = since + step.patienceMs - world.now();
    const why = looked.why ?? 'it says no more';
    if (leftMs <= 0 || world.leaving.aborted) {
      const waited = step.patienceMs === 0 ? '' : ` within ${duration(step.patienceMs)}`;
      return { state: 'failed', why: `not seen to be done${waited}: ${why}`, diagnosis: seen };
    }
    await world.pause(Math.min(verifyEveryMs, leftMs));
  }
}

/** A check for which nobody else is at work there: what was begun earlier may still run. */
async function lookAlone(world: LifeWorld): Promise<PhaseEnd | 'stopped'> {
  const since = world.now();
  for (;;) {
    const end = await world.phase('check', { alone: true });
    if (end.heldBy === null) return end;
    world.show({ state: 'held', by: end.heldBy, since });
    await world.pause(heldEveryMs);
    if (world.stopping()) return 'stopped';
  }
}

type Ran =
  | { readonly end: PhaseEnd; readonly diagnosis: StepDiagnosis | null }
  | { readonly end: null; readonly why: string; readonly diagnosis: StepDiagnosis | null };

/** Runs apply or undo to its end, over a connection that is lost and comes back. */
async function carryOut(world: LifeWorld, phase: 'apply' | 'undo', record: StepRecord): Promise<Ran | 'stopped'> {
  const since = world.now();
  let said: string | null = null;
  let diagnosis: StepDiagnosis | null = null;
  const show = (line: string) => {
    said = line;
    world.show({ state: 'running', phase, since, said });
  };
  const onLine = (line: string) => {
    diagnosis = world.diagnose(line) ?? diagnosis;
    record.line(line);
    show(line);
  };
  for (let attempt = 1; ; attempt += 1) {
    world.show({ state: 'running', phase, since, said });
    let end: PhaseEnd;
    try {
      end = await world.phase(phase, { overwrite: world.overwrite, onLine });
    } catch (error) {
      if (world.leaving.aborted) return { end: null, why: 'this program was ended meanwhile; the step goes on there', diagnosis };
      if (!mayPass(error) || attempt === mostAttempts) return { end: null, why: hostWords(error), diagnosis };
      record.line(hostWords(error));
      show(`the connection was lost: ${hostWords(error)}`);
      const found = await persistently(world, since, phase, () => world.phase('check', { alone: true }));
      const looked = lookedState(found);
      // It went on there without us, and came to its end.
      if (phase === 'apply' && (looked.state === 'done' || found.boot !== 'none')) return { end: { ...found, exit: 0 }, diagnosis };
      if (looked.state === 'unknown')
        return { end: null, why: `after the connection was lost it could not be looked at: ${looked.why ?? 'without a reason'}`, diagnosis };
      continue;
    }
    if (end.heldBy !== null) {
      world.show({ state: 'held', by: end.heldBy, since });
      await world.pause(heldEveryMs);
      if (world.stopping()) return 'stopped';
      attempt -= 1;
      if (phase === 'undo' || world.again) continue;
      // They may have done just this.
      const found = await lookAlone(world).catch(passing);
      if (found === 'stopped') return 'stopped';
      if (found !== null && lookedState(found).state === 'done') return { end: { ...found, exit: 0 }, diagnosis };
      continue;
    }
    if (end.unleased !== null)
      record.line(`nobody on another computer is kept from working on this cluster meanwhile: its Lease cannot be taken: ${end.unleased}`);
    if (end.broken !== null) return { end: null, why: `it could not begin: ${end.broken}`, diagnosis };
    if (end.late) return { end: null, why: `it did not end within ${duration(world.step.timeoutMs)} and was stopped${lastWords(end)}`, diagnosis };
    if (end.exit === 0 || (end.exit === 83 && phase === 'apply')) return { end, diagnosis };
    return { end: null, why: reasonOf(end.lines) ?? `it ended with ${end.exit ?? 'a signal'} and said nothing`, diagnosis };
  }
}

/** Null for what may be otherwise in a while. */
function passing(error: unknown): null {
  if (!mayPass(error)) throw error;
  return null;
}

/** Asks again while the machine is away, and while what was begun there still runs. */
async function persistently(world: LifeWorld, since: number, phase: 'apply' | 'verify' | 'undo', ask: () => Promise<PhaseEnd>): Promise<PhaseEnd> {
  const giveUpAt = world.now() + awayMs;
  for (let wait = 1_000; ; wait = Math.min(wait * 2, 15_000)) {
    let said: string;
    try {
      const end = await ask();
      if (end.heldBy === null) return end;
      said = `the connection is back; ${end.heldBy} is still at work there`;
    } catch (error) {
      if (!mayPass(error) || world.leaving.aborted || world.now() + wait > giveUpAt) throw error;
      said = `the connection was lost: ${hostWords(error)}`;
    }
    world.show({ state: 'running', phase, since, said });
    await world.pause(wait);
    if (world.leaving.aborted) throw new Error('this program was ended meanwhile');
  }
}

function wordsOf(state: CellState): string | null {
  switch (state.state) {
    case 'done':
      return state.said;
    case 'failed':
      return state.diagnosis === null ? state.why : `${state.why}; ${state.diagnosis.cause}`;
    case 'asks':
      return state.question;
    case 'missing':
    case 'drifted':
    case 'unknown':
    case 'not-applicable':
      return state.why;
    default:
      return null;
  }
}

function failed(why: string): LifeEnd {
  return { end: 'state', state: { state: 'failed', why, diagnosis: null } };
}

function lastWords({ lines }: PhaseEnd): string {
  const said = reasonOf(lines);
  return said === null ? '' : `; it said last: ${said}`;
}

const heldEveryMs = 3_000;
const verifyEveryMs = 3_000;
/** A machine that is away for longer does not come back by itself. */
const awayMs = 10 * 60_000;
const mostAttempts = 3;
