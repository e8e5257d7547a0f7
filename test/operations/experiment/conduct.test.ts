import { describe, expect, it } from 'vitest';
import { begun } from '../../../src/operations/experiment/begin.js';
import type { Bench } from '../../../src/operations/experiment/bench.js';
import { type ConductOptions, conduct } from '../../../src/operations/experiment/conduct.js';
import { resumedPlan } from '../../../src/operations/experiment/prepare.js';
import { resumption } from '../../../src/operations/experiment/resume.js';
import type { ExperimentSpec, ExperimentState } from '../../../src/state/experiments.js';
import { aBench, aSpec, aWorkload, noChronicle, plainClock, someFiles } from './a-bench.js';

function aBeginning(spec: ExperimentSpec = aSpec()): ExperimentState {
  const workloads = [{ ...aWorkload, uid: 'uid-1', replicas: 2 }];
  const plan = { spec, context: 'lab', file: null, before: [2], phases: [], totalMs: 0, dataBytes: 0, warnings: [], blockers: [], resumesIn: null };
  return begun(plan, workloads, Date.now());
}

function run(bench: Bench, start = aBeginning(), options: Partial<ConductOptions> = {}) {
  const files = someFiles();
  const interrupt = new AbortController().signal;
  const how = { bench, clock: plainClock, files, chronicle: noChronicle, interrupt, onState: () => undefined, everyMs: 2, backForMs: 50, ...options };
  return { files, end: conduct(start, how) };
}

describe('an experiment', () => {
  it('goes through its phases, measures each for its time, and puts the replicas back', async () => {
    const bench = aBench();
    const { end, files } = run(bench);
    const state = await end;
    expect(state).toMatchObject({ status: 'done', stage: 'ended', scaledBack: true, why: null });
    expect(bench.scaled).toEqual([1, 3, 8, 2]);
    for (const { from, to, leastReady, replicas, measured } of state.phases) {
      expect((to ?? 0) - (from ?? 0)).toBe(40);
      expect(leastReady).toBe(replicas);
      expect(measured?.load).toBe('Modest');
    }
    expect(state.marks.map(({ what, phase, replicas }) => `${what} ${phase} ${replicas}`)).toEqual([
      'begin 1 1',
      'end 1 1',
      'begin 2 3',
      'end 2 3',
      'begin 3 8',
      'end 3 8',
    ]);
    expect(bench.written).toHaveLength(1);
    expect(files.states.at(-1)).toEqual(state);
  });

  it('ends when its workload is deleted in the middle, with what was measured until then', async () => {
    const bench = aBench();
    const state = await run(bench, aBeginning(), {
      onState({ stage, phase }) {
        if (stage === 'measuring' && phase === 1) bench.now = null;
      },
    }).end;
    expect(state).toMatchObject({ status: 'failed', why: 'deployment ai/resnet50-inference was deleted' });
    expect(state.phases.map(({ measured }) => measured !== null)).toEqual([true, true, false]);
    expect(state.notes.map(({ text }) => text)).toContain('deployment ai/resnet50-inference is gone: there is nothing to put back');
  });

  it('ends when an autoscaler fights back, names it and puts the replicas back', async () => {
    const bench = aBench({ autoscalers: async () => ['HorizontalPodAutoscaler ai/resnet50'] });
    const state = await run(bench, aBeginning(), {
      onState({ stage, phase }) {
        if (stage === 'measuring' && phase === 1 && bench.now !== null) bench.now = { ...bench.now, wanted: 5 };
      },
    }).end;
    expect(state.why).toBe('HorizontalPodAutoscaler ai/resnet50 set deployment ai/resnet50-inference to 5 replicas in phase 2, which wants 3');
    expect(state).toMatchObject({ status: 'failed', scaledBack: true });
    expect(bench.scaled.at(-1)).toBe(2);
  });

  it('is stopped when asked to, and puts the replicas back', async () => {
    const bench = aBench();
    const files = someFiles();
    const state = await run(bench, aBeginning(), {
      files,
      onState({ stage }) {
        if (stage === 'measuring') files.stop = true;
      },
    }).end;
    expect(state).toMatchObject({ status: 'stopped', scaledBack: true, why: null });
    expect(bench.scaled).toEqual([1, 2]);
    expect(files.stop).toBe(false);
  });

  it('says loudly when the replicas cannot be put back, with the command that does it', async () => {
    const bench = aBench();
    const scale = bench.scale;
    bench.scale = (workload, replicas) => (replicas === 2 ? Promise.reject(new Error('the API server refuses connections')) : scale(workload, replicas));
    const state = await run(bench).end;
    expect(state).toMatchObject({ status: 'failed', scaledBack: false });
    expect(state.why).toBe(
      'NOT PUT BACK: deployment ai/resnet50-inference could not be scaled back to 2 (the API server refuses connections): kubectl -n ai scale deployment/resnet50-inference --replicas=2',
    );
    expect(bench.written).toHaveLength(1);
  });

  it('goes on while Prometheus is away, and tells of the gap', async () => {
    let asked = 0;
    const bench = aBench({
      async prometheusNow() {
        asked += 1;
        if (asked > 2 && asked < 6) throw new Error('connection refused');
        return Date.now();
      },
    });
    const state = await run(bench).end;
    expect(state.status).toBe('done');
    expect(state.notes.map(({ text }) => text)).toEqual(['Prometheus does not answer: connection refused', 'Prometheus answers again']);
    expect(state.phases[0]?.gaps).toEqual([expect.objectContaining({ why: 'Prometheus did not answer: connection refused' })]);
  });

  it('does not measure a phase whose replicas are not all ready in time, unless told to', async () => {
    const slow = () => {
      const bench = aBench();
      const scale = bench.scale;
      bench.scale = async (workload, replicas) => {
        await scale(workload, replicas);
        if (replicas === 8 && bench.now !== null) bench.now = { ...bench.now, ready: 5 };
      };
      return bench;
    };
    const strict = await run(slow(), aBeginning(aSpec({ readyMs: 20 }))).end;
    expect(strict.why).toBe('phase 3: 5 of 8 replicas are ready after 0 s');
    expect(strict.scaledBack).toBe(true);
    const lenient = await run(slow(), aBeginning(aSpec({ readyMs: 20, allowFewer: true }))).end;
    expect(lenient).toMatchObject({ status: 'done' });
    expect(lenient.phases[2]).toMatchObject({ leastReady: 5 });
  });

  it('can write its data later when Prometheus is gone at the end', async () => {
    let there = false;
    const bench = aBench({ writeResults: async () => (there ? [] : Promise.reject(new Error('Prometheus does not answer'))) });
    const state = await run(bench).end;
    expect(state).toMatchObject({ status: 'running', stage: 'exporting', scaledBack: true });
    expect(state.notes.at(-1)?.text).toContain('the data could not be written: Prometheus does not answer');
    there = true;
    expect(await run(bench, state).end).toMatchObject({ status: 'done' });
    expect(bench.scaled).toEqual([1, 3, 8, 2]);
  });
});

describe('an experiment that broke off', () => {
  async function brokenOff() {
    const bench = aBench();
    const interrupt = new AbortController();
    const { end } = run(bench, aBeginning(), {
      interrupt: interrupt.signal,
      onState({ stage, phase }) {
        if (stage === 'measuring' && phase === 1) interrupt.abort();
      },
    });
    return { bench, state: await end };
  }

  it('goes on in the phase it was in, and does none twice', async () => {
    const { bench, state } = await brokenOff();
    expect(state).toMatchObject({ status: 'running', stage: 'measuring', phase: 1 });
    expect(resumedPlan(state, 'lab')).toMatchObject({ resumesIn: 1 });
    const resumed = resumption(state, [bench.now], Date.now());
    if (!resumed.can) throw new Error(resumed.why);
    const end = await run(bench, resumed.state).end;
    expect(end.status).toBe('done');
    expect(bench.scaled).toEqual([1, 3, 8, 2]);
    expect((end.phases[1]?.to ?? 0) - (end.phases[1]?.from ?? 0)).toBe(40);
    expect(end.notes[0]?.text).toMatch(/^it broke off at .*; the replicas were left alone meanwhile: phase 2 of 3 goes on/);
  });

  it('does not go on where somebody changed the replicas meanwhile, and says what to do', async () => {
    const { state } = await brokenOff();
    const now = { uid: 'uid-1', generation: 9, wanted: 5, current: 5, ready: 5, observed: true };
    expect(resumption(state, [now], Date.now())).toMatchObject({
      can: false,
      why: expect.stringMatching(/has 5 replicas and phase 2 wants 3: somebody changed it since .*--repeat-phase/),
    });
    expect(resumption(state, [now], Date.now(), { repeatPhase: true })).toMatchObject({
      can: true,
      state: { stage: 'scaling', phase: 1, phases: [{}, { from: null }, {}] },
    });
    expect(resumption(state, [null], Date.now())).toMatchObject({ can: false, why: expect.stringContaining('is gone') });
    expect(resumption(state, [{ ...now, uid: 'uid-2' }], Date.now())).toMatchObject({ can: false, why: expect.stringContaining('another one') });
  });

  it('counts from anew where somebody changed the workload and the replicas are the same', async () => {
    const { bench, state } = await brokenOff();
    const touched = bench.now === null ? null : { ...bench.now, generation: bench.now.generation + 2 };
    expect(resumption(state, [touched], Date.now())).toMatchObject({ can: true, state: { stage: 'warming-up', marks: [{ phase: 1 }, { phase: 1 }] } });
  });

  it('does not go on after a gap that is too long', async () => {
    const { bench, state } = await brokenOff();
    expect(resumption(state, [bench.now], Date.now() + 3 * 3_600_000)).toMatchObject({
      can: false,
      why: expect.stringContaining('it broke off 3h ago in phase 2: its phases would lie too far apart'),
    });
  });
});
