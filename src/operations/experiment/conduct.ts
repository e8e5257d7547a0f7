import { ownProcess } from '../../journal/writing-process.js';
import { pause } from '../../kube/backoff.js';
import type { ExperimentStage, ExperimentState, PhaseRecord } from '../../state/experiments.js';
import { clean } from '../../text/clean.js';
import { type Bench, isSettled, type WorkloadNow, workloadWords } from './bench.js';
import type { Chronicle } from './chronicle.js';
import { scaleBack } from './scale-back.js';
import type { ExperimentFiles } from './state-file.js';
import type { SteadyClock } from './steady-clock.js';

export interface ConductOptions {
  readonly bench: Bench;
  readonly clock: SteadyClock;
  readonly files: Pick<ExperimentFiles, 'write' | 'isAskedToStop' | 'forgetStop'>;
  readonly chronicle: Chronicle;
  /** The program has to end: all stays as it is, to be gone on with. */
  readonly interrupt: AbortSignal;
  /** Told of each change, and of each look. */
  readonly onState: (state: ExperimentState) => void;
  /** Between two looks; default 2 s. */
  readonly everyMs?: number;
  /** How long putting back is tried. */
  readonly backForMs?: number;
}

/**
 * Carries an experiment out from where its state stands, and puts the replicas back whatever happens. Resolves to the last state: `running` where it was interrupted, to be gone on with. Never rejects over
 * what happens in the cluster.
 */
export async function conduct(begun: ExperimentState, options: ConductOptions): Promise<ExperimentState> {
  const { bench, clock, files, chronicle, interrupt, onState, everyMs = 2_000 } = options;
  let state: ExperimentState = { ...begun, process: ownProcess() };
  let unwritable: string | null = null;

  const keep = async (change: Partial<ExperimentState>) => {
    state = { ...state, ...change, seenAt: clock.now() };
    onState(state);
    try {
      await files.write(state);
      unwritable = null;
    } catch (error) {
      const said = sentence(error);
      // It goes on all the same: data is measured elsewhere. Only a restart could not go on with it.
      if (unwritable === null) state = { ...state, notes: [...state.notes, { at: clock.now(), text: said }] };
      unwritable = said;
    }
  };
  const note = (text: string) => keep({ notes: [...state.notes, { at: clock.now(), text: clean(text) }] });
  const enter = (stage: ExperimentStage, change: Partial<ExperimentState> = {}) => keep({ ...change, stage, stageAt: clock.now() });
  const record = () => state.phases[state.phase];
  const change = (own: Partial<PhaseRecord>) => state.phases.map((each, index) => (index === state.phase ? { ...each, ...own } : each));

  /** Looks again and again until `isOver`; throws Ending where the experiment cannot go on. */
  const waitUntil = async (isOver: (seen: readonly WorkloadNow[] | null) => boolean | Promise<boolean>) => {
    for (;;) {
      if (interrupt.aborted) throw new Interrupted();
      if (await files.isAskedToStop(state.spec.name)) throw new Ending('stopped', 'it was stopped');
      const jump = await clock.look();
      if (jump !== null) await note(jump);
      const seen = await lookAtAll();
      if (await isOver(seen)) return;
      await keep({});
      await pause(everyMs, interrupt);
    }
  };

  /** The workloads as they are; null while the API server does not say. Throws where they are not what the phase wants. */
  const lookAtAll = async (): Promise<readonly WorkloadNow[] | null> => {
    const looks = await Promise.all(
      state.workloads.map((workload) =>
        bench.look(workload).then(
          (found) => ({ workload, found, why: null }),
          (error: unknown) => ({ workload, found: null, why: sentence(error) }),
        ),
      ),
    );
    const silent = looks.find(({ why }) => why !== null);
    await gap('the API server', silent?.why ?? null);
    for (const { workload, found, why } of looks) {
      if (why !== null) continue;
      if (found === null) throw new Ending('failed', `${workloadWords(workload)} was deleted`);
      if (found.uid !== workload.uid) throw new Ending('failed', `${workloadWords(workload)} was replaced by another one`);
    }
    return silent === undefined ? looks.flatMap(({ found }) => found ?? []) : null;
  };

  /** Replicas that are not the phase's any more void its figures. */
  const checkReplicas = async (seen: readonly WorkloadNow[] | null) => {
    const wanted = record()?.replicas;
    for (const [index, found] of (seen ?? []).entries()) {
      const workload = state.workloads[index];
      if (workload === undefined || found.wanted === wanted) continue;
      const autoscalers = await bench.autoscalers(workload).catch(() => []);
      const who = autoscalers[0] ?? 'somebody';
      throw new Ending('failed', `${who} set ${workloadWords(workload)} to ${found.wanted} replicas in phase ${state.phase + 1}, which wants ${wanted}`);
    }
  };

  const silences = new Map<string, { readonly from: number; readonly why: string }>();
  /** Keeps from when to when somebody did not answer. */
  const gap = async (who: string, why: string | null) => {
    const open = silences.get(who);
    if (why !== null) {
      if (open === undefined) {
        silences.set(who, { from: clock.now(), why });
        await note(`${who} does not answer: ${why}`);
      }
      return;
    }
    if (open === undefined) return;
    silences.delete(who);
    const to = clock.now();
    const gaps = [...(record()?.gaps ?? []), { from: open.from, to, why: `${who} did not answer: ${open.why}` }];
    await keep({ ...(state.stage === 'measuring' ? { phases: change({ gaps }) } : {}), notes: [...state.notes, { at: to, text: `${who} answers again` }] });
  };

  const steps: Readonly<Record<ExperimentStage, () => Promise<void>>> = {
    async scaling() {
      const { replicas = 0 } = record() ?? {};
      await chronicle.phaseBegins(state);
      await keep({ phases: change({ begunAt: clock.now() }) });
      const since = clock.now();
      const asked = new Set<string>();
      await waitUntil(async (seen) => {
        for (const [index, found] of (seen ?? []).entries()) {
          const workload = state.workloads[index];
          if (workload === undefined || found.wanted === replicas) continue;
          const words = workloadWords(workload);
          if (asked.has(words)) await checkReplicas(seen);
          try {
            await bench.scale(workload, replicas);
            asked.add(words);
          } catch (error) {
            throw new Ending('failed', `cannot scale ${words} to ${replicas}: ${sentence(error)}`);
          }
        }
        if (seen?.every((found) => isSettled(found, replicas)) === true) return true;
        if (clock.now() - since < state.spec.readyMs) return false;
        const ready = seen?.map((found) => found.ready).reduce((sum, own) => sum + own, 0) ?? null;
        const said = `${ready ?? 'unknown how many'} of ${replicas * state.workloads.length} replicas are ready after ${Math.round(state.spec.readyMs / 1000)} s`;
        if (!state.spec.allowFewer) throw new Ending('failed', `phase ${state.phase + 1}: ${said}`);
        await note(`phase ${state.phase + 1} goes on although only ${said}`);
        return true;
      });
      await enter('warming-up', { phases: change({ readyAt: clock.now() }) });
    },
    async 'warming-up'() {
      let last: readonly WorkloadNow[] | null = null;
      await waitUntil(async (seen) => {
        await checkReplicas(seen);
        last = seen ?? last;
        return last !== null && clock.now() >= state.stageAt + state.spec.warmUpMs;
      });
      const generations = [...(last ?? [])].map(({ generation }: WorkloadNow) => generation);
      const from = clock.now();
      await enter('measuring', { phases: change({ from, generations }), marks: [...state.marks, markOf(state, 'begin', from)] });
    },
    async measuring() {
      const { from, dwellMs = 0 } = record() ?? {};
      const end = (from ?? state.stageAt) + dwellMs;
      await waitUntil(async (seen) => {
        await checkReplicas(seen);
        const ready = seen?.map((found) => found.ready).reduce((sum, own) => sum + own, 0);
        if (ready !== undefined && ready < (record()?.leastReady ?? Number.POSITIVE_INFINITY)) await keep({ phases: change({ leastReady: ready }) });
        await gap('Prometheus', await bench.prometheusNow().then(() => null, sentence));
        return clock.now() >= end;
      });
      await endPhase(end);
      if (state.phase + 1 === state.phases.length) return enter('cooling-down');
      return state.spec.pauseMs > 0 ? enter('pausing') : enter('scaling', { phase: state.phase + 1 });
    },
    async pausing() {
      await waitUntil(() => clock.now() >= state.stageAt + state.spec.pauseMs);
      await enter('scaling', { phase: state.phase + 1 });
    },
    async 'cooling-down'() {
      await waitUntil(() => clock.now() >= state.stageAt + state.spec.coolDownMs);
      await enter('scaling-back');
    },
    async 'scaling-back'() {
      await chronicle.goesBack(state);
      const { why, notes } = await scaleBack(state.workloads, bench, { forMs: options.backForMs ?? 180_000, everyMs, interrupt });
      for (const text of notes) await note(text);
      if (interrupt.aborted && why !== null) throw new Interrupted();
      await chronicle.wentBack(state, why);
      await enter('exporting', why === null ? { scaledBack: true } : { outcome: 'failed', why: [state.why, why].filter((text) => text !== null).join('; ') });
    },
    async exporting() {
      await measureAll();
      try {
        for (const missing of await bench.writeResults(state)) await note(missing);
        await enter('ended');
      } catch (error) {
        await note(`the data could not be written: ${sentence(error)}; gpuk8s-tui experiment run with the same file tries it again`);
        throw new Interrupted();
      }
    },
    async ended() {},
  };

  const endPhase = async (at: number) => {
    const now = clock.now();
    const to = Math.min(now, at);
    for (const [who, { from, why }] of silences)
      await keep({ phases: change({ gaps: [...(record()?.gaps ?? []), { from, to: now, why: `${who} did not answer: ${why}` }] }) });
    await keep({ phases: change({ to }), marks: [...state.marks, markOf(state, 'end', to)] });
    await measureAll();
    await chronicle.phaseEnds(state, null);
  };

  /** What could not be had at once is asked for again before the data is written. */
  const measureAll = async () => {
    for (const [index, { from, to, measured }] of state.phases.entries()) {
      if (from === null || to === null || measured !== null) continue;
      try {
        const found = await bench.measure(state.spec.workloads, { from, to });
        await keep({ phases: state.phases.map((each, own) => (own === index ? { ...each, measured: found } : each)) });
      } catch (error) {
        await note(`the figures of phase ${index + 1} could not be had: ${sentence(error)}`);
      }
    }
  };

  while (state.stage !== 'ended') {
    try {
      await steps[state.stage]();
    } catch (error) {
      if (error instanceof Interrupted) {
        await keep({});
        return state;
      }
      const { outcome, message } = error instanceof Ending ? error : new Ending('failed', sentence(error));
      if (state.stage === 'measuring') await endPhase(clock.now());
      await chronicle.phaseEnds(state, message);
      await enter('scaling-back', { outcome, why: outcome === 'stopped' ? null : message });
    }
  }
  await keep({ status: state.outcome, endedAt: clock.now() });
  await files.forgetStop(state.spec.name);
  await chronicle.ends(state);
  return state;
}

/** The experiment goes no further: what was changed is put back. */
class Ending extends Error {
  readonly outcome: 'failed' | 'stopped';

  constructor(outcome: 'failed' | 'stopped', message: string) {
    super(message);
    this.outcome = outcome;
  }
}

class Interrupted extends Error {}

function markOf({ phase, phases, spec }: ExperimentState, what: 'begin' | 'end', at: number): ExperimentState['marks'][number] {
  const { name = '', replicas = 0 } = phases[phase] ?? {};
  return {
    at,
    what,
    phase: phase + 1,
    replicas,
    text: `${name}: ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}${what === 'end' ? ' end' : ''}`,
    services: spec.workloads.map((workload) => `${workload.namespace}/${workload.name}`),
  };
}

function sentence(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error), 400);
}
