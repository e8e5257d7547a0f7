import { describe, expect, it } from 'vitest';
import type { ExperimentPlan, ExperimentState, SeenExperiment } from '../../src/state/experiments.js';
import { live } from '../../src/state/freshness.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aWorkload, now } from '../builders/snapshot.js';
import { aSpec, someMeasures } from '../operations/experiment/a-bench.js';

const spec = aSpec({
  phases: [1, 3, 8].map((replicas, index) => ({ name: ['Baseline', 'Modest', 'High'][index] ?? '', replicas, dwellMs: 3_600_000 })),
  warmUpMs: 300_000,
  coolDownMs: 60_000,
  stepMs: 15_000,
  folder: '/home/ops/results',
});

function aPlan(overrides: Partial<ExperimentPlan> = {}): ExperimentPlan {
  const phases = spec.phases.map((phase, index) => ({
    ...phase,
    from: 300_000 + index * 3_900_000,
    to: 3_900_000 * (index + 1),
    forecast: { ready: phase.replicas, wanted: phase.replicas, why: null },
  }));
  return {
    spec,
    context: 'lab',
    file: '/home/ops/replicas.yaml',
    before: [1],
    phases,
    totalMs: 3 * 3_900_000 + 60_000,
    dataBytes: 130_000,
    warnings: [],
    blockers: [],
    resumesIn: null,
    ...overrides,
  };
}

function seen(overrides: Partial<ExperimentState> = {}, alive = true): SeenExperiment {
  const record = { begunAt: null, readyAt: null, from: null, to: null, generations: [], leastReady: null, gaps: [], measured: null };
  const [first, second, third] = spec.phases;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three phases');
  return {
    alive,
    state: {
      spec,
      file: '/home/ops/replicas.yaml',
      context: 'lab',
      status: 'running',
      outcome: 'done',
      stage: 'measuring',
      phase: 1,
      stageAt: now - 1_200_000,
      startedAt: now - 5_400_000,
      endedAt: null,
      seenAt: now,
      workloads: [{ kind: 'Deployment', namespace: 'ai', name: 'resnet50-inference', uid: 'u', replicas: 1 }],
      phases: [
        { ...record, ...first, from: now - 5_000_000, to: now - 1_400_000, leastReady: 1, measured: someMeasures },
        { ...record, ...second, from: now - 1_200_000 },
        { ...record, ...third },
      ],
      marks: [],
      notes: [{ at: now - 600_000, text: 'Prometheus answers again' }],
      process: { host: 'headnode', pid: 4711, started: null },
      results: '/home/ops/results/replicas-2026-11-02T123211Z',
      scaledBack: false,
      why: null,
      ...overrides,
    },
  };
}

/** Opens the palette and types a command. */
async function opened(session: ReturnType<typeof aSession>, command: string, size = { columns: 80, rows: 24 }) {
  const app = anApp(session, size);
  await app.until((screen) => screen.includes('? help'));
  app.type(':');
  await app.until((screen) => screen.includes('Go to'));
  app.type(`${command}\r`);
  return app;
}

describe('an experiment', () => {
  it('is planned from a file and started on y, never on enter, as this picture', async () => {
    const session = aSession(aLab(), { experiments: { plan: async () => aPlan({ warnings: ['Prometheus looks every 60 s'] }), seen: async () => [seen()] } });
    const app = await opened(session, 'experiment ./replicas.yaml');
    const screen = await app.until((shown) => shown.includes('y starts it'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
      ▸1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Experiment replicas ────────────────────────────────────────────────────────╮
      │ ! Prometheus looks every 60 s                                                │
      │                                                                              │
      │ PHASE  NAME        REPLICAS   DWELL  COUNTS FROM  FORECAST                   │
      │     1  Baseline           1     60m   14:07:11  1 of 1 run                   │
      │     2  Modest             3     60m   15:12:11  3 of 3 run                   │
      │     3  High               8     60m   16:17:11  8 of 8 run                   │
      │                                                                              │
      │ ends       about 17:18:11, 3h16m from now; as much later as replicas take to │
      │            be ready                                                          │
      │ times      warm-up 5m, pause 0s, cool-down 60s                               │
      │ data       every 15 s into /home/ops/results, about 127 KiB                  │
      │ then back  ai/resnet50-inference 1                                           │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ disruptive: replicas come and go until it ends, then they are as before      │
      │ y starts it   esc leaves all as it is                                        │
      ╰─────────────────────────────────────── choose ─ plan ─ CONFIRM ─ run ─ done ─╯
       ? help  : go to  / search  p pause  esc back  q quit  r refresh"
    `);
    app.type('\r');
    app.type('yy');
    await app.until((shown) => shown.includes('phase 2 of 3, measuring'));
    expect(session.asked).toEqual(['experiment replicas']);
    await app.close();
  });

  it('that runs shows its phase, how far it is and what came before, as this picture', async () => {
    const session = aSession(aLab(), { experiments: { seen: async () => [seen()] } });
    const app = await opened(session, 'experiment');
    await app.until((shown) => shown.includes('phase 2 of 3, measuring'));
    app.type('\r');
    const screen = await app.until((shown) => shown.includes('RUN'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
      ▸1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Experiment replicas ────────────────────────────────────────────────────────╮
      │ ◌ phase 2 of 3, measuring, 40m left                                          │
      │                                                                              │
      │   PHASE       REPLICAS   DWELL  FIGURES                                      │
      │ ✓ Baseline           1     60m  p95 38 ms, 212 req/s, load Modest            │
      │ ◌ Modest             3     60m  ▆▆▆▆▆▆▆░░░░░░░░░░░░░ 33 %                    │
      │ · High               8     60m                                               │
      │                                                                              │
      │ then back  ai/resnet50-inference 1                                           │
      │ results    /home/ops/results/replicas-2026-11-02T123211Z                     │
      │                                                                              │
      │ 13:52:11  Prometheus answers again                                           │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ esc leaves it running; it runs without the app too                           │
      ╰─────────────────────────────────────── choose ─ plan ─ confirm ─ RUN ─ done ─╯
       ? help  : go to  x stop  / search  p pause  esc back  q quit  r refresh"
    `);
    app.type('x');
    await app.until(() => session.asked.includes('stop experiment replicas'));
    await app.close();
  });

  it('that would not fit cannot be started, and says why', async () => {
    const session = aSession(aLab(), {
      experiments: {
        plan: async () =>
          aPlan({ blockers: ['phase 3 (8 replicas): only 5 of 8 would run; 3 stay Pending: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'] }),
      },
    });
    const app = await opened(session, 'experiment a.yaml');
    const screen = await app.until((shown) => shown.includes('cannot be done as things are'));
    expect(screen).toContain('✗ phase 3 (8 replicas): only 5 of 8 would run');
    app.type('y\r');
    await app.until((shown) => shown.includes('cannot be done'));
    expect(session.asked).toEqual([]);
    await app.close();
  });

  it('that broke off says so, and can be gone on with or stopped', async () => {
    const session = aSession(aLab(), { experiments: { seen: async () => [seen({}, false)], plan: async () => aPlan({ resumesIn: 1 }) } });
    const app = await opened(session, 'experiment');
    await app.until((shown) => shown.includes('broke off in phase 2'));
    app.type('\r');
    await app.until((shown) => shown.includes('enter goes on with it'));
    app.type('\r');
    await app.until((shown) => shown.includes('goes on in phase 2 of 3') && shown.includes('y starts it'));
    await app.close();
  });

  it('of a workload is offered with the guides’ phases', async () => {
    const asked: unknown[] = [];
    const deployments = live(new Map([['ai/resnet50-inference', aWorkload({ namespace: 'ai', name: 'resnet50-inference' })]]), now);
    const session = aSession(aLab({ deployments }), {
      experiments: {
        plan: async (source) => {
          asked.push(source);
          return aPlan();
        },
      },
    });
    const app = await opened(session, 'experiment', { columns: 120, rows: 40 });
    await app.until((shown) => shown.includes('1, 3 and 8 replicas, an hour each'));
    app.type('\r');
    await app.until((shown) => shown.includes('y starts it'));
    expect(asked).toEqual([{ workload: { kind: 'Deployment', namespace: 'ai', name: 'resnet50-inference' } }]);
    await app.close();
  });

  it('is not started from a read-only session', async () => {
    const session = aSession(aLab(), {
      readOnly: true,
      experiments: { plan: async () => aPlan({ blockers: ['this session is read-only: nothing is changed from here'] }) },
    });
    const app = await opened(session, 'experiment a.yaml');
    await app.until((shown) => shown.includes('this session is read-only'));
    app.type('y');
    await app.close();
    expect(session.asked).toEqual(['close']);
  });
});
