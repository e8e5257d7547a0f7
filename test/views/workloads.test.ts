import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { Plan } from '../../src/state/operations.js';
import type { ScaleForecast, ScaleOutlook } from '../../src/state/scaling.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aPlan } from '../builders/operations.js';
import { aContainer, aPod, aWorkload, collection, now } from '../builders/snapshot.js';

const gpu = new Map([['nvidia.com/gpu', 1]]);
const message = '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.';

function aBusyLab() {
  const pod = (name: string, overrides: Parameters<typeof aPod>[0] = {}) =>
    aPod({ name: `whisper-5c9d-${name}`, owner: { kind: 'ReplicaSet', name: 'whisper-5c9d' }, gpus: 1, ...overrides });
  return aLab({
    deployments: collection(
      aWorkload({ name: 'resnet50-inference', desired: 3, deviceRequests: gpu }),
      aWorkload({ name: 'whisper', desired: 2, ready: 1, deviceRequests: gpu }),
      aWorkload({ name: 'parked', desired: 0 }),
    ),
    statefulSets: collection(aWorkload({ kind: 'StatefulSet', name: 'qdrant', namespace: 'db' })),
    daemonSets: collection(aWorkload({ kind: 'DaemonSet', name: 'dcgm-exporter', namespace: 'monitoring', desired: 3 })),
    pods: collection(
      pod('ready', { containers: [aContainer({ restarts: 7 })] }),
      pod('waiting', { phase: 'Pending', nodeName: null, ready: null, containers: [], unschedulable: { reason: 'Unschedulable', message, since: now } }),
    ),
    events: live(new Map(), now),
  });
}

function forecast(overrides: Partial<ScaleForecast>): ScaleForecast {
  return {
    target: { kind: 'Deployment', namespace: 'ai', name: 'whisper' },
    from: 2,
    to: 8,
    ready: 8,
    pending: 0,
    pendingWhy: null,
    notCreated: 0,
    notCreatedWhy: null,
    failing: 0,
    failingWhy: null,
    placed: new Map([['gpu-1', 3]]),
    leaving: [],
    unknown: null,
    warnings: [],
    ...overrides,
  };
}

/** Five fit; an autoscaler keeps it between 1 and 4. */
const outlook: ScaleOutlook = {
  at: now,
  targets: [
    {
      target: { kind: 'Deployment', namespace: 'ai', name: 'whisper' },
      replicas: 2,
      autoscalers: [{ kind: 'HorizontalPodAutoscaler', namespace: 'ai', name: 'whisper', uid: 'u', least: 1, most: 4, pausedAt: null }],
    },
  ],
  presets: [
    { name: 'baseline', replicas: 1 },
    { name: 'high', replicas: 8 },
  ],
  lastUsed: 5,
  most: 330,
  forecast: (to, pinned) => [
    forecast({
      to,
      ready: Math.min(5, to),
      pending: Math.max(0, to - 5),
      pendingWhy: to > 5 ? message : null,
      warnings: [...(to > 5 ? ['of 8'] : []), ...(pinned ? [] : ['HorizontalPodAutoscaler ai/whisper keeps it at 1 to 4 replicas'])],
    }),
  ],
};

describe('the Workloads screen', () => {
  it('lists what runs with its replicas and GPU demand, trouble first, as this picture', async () => {
    const app = anApp(aSession(aBusyLab()), { screen: 'workloads' });
    expect(await app.until((screen) => screen.includes('whisper'))).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU 4 Mon 5 Lat▸6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Workloads 5 ────────────────────────────────── 5 GPUs wanted  1 in trouble ─╮
      │   NAMESPACE   KIND    WORKLOAD                  READY  GPUS  STATE       AGE │
      │ ▸ ai          deploy  whisper                     1/2     2  1 Pending   30d │
      │ ✓ ai          deploy  resnet50-inference          3/3     3  ready       30d │
      │ ✓ db          sts     qdrant                      1/1     –  ready       30d │
      │ ✓ monitoring  ds      dcgm-exporter               3/3     –  ready       30d │
      │ · ai          deploy  parked                      0/0     –  scaled to…  30d │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.                      │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  s scale  / filter  enter details  y YAML  l log  p pause"
    `);
    await app.close();
  });

  it('shows the pods of one with their nodes, and why one waits', async () => {
    const app = anApp(aSession(aBusyLab()), { screen: 'workloads', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('whisper'));
    app.type('\r');
    const screen = await app.until((shown) => shown.includes('Deployment ai/whisper'));
    expect(screen).toContain('1 nvidia.com/gpu per pod, 2 in all');
    expect(screen).toContain('whisper-5c9d-ready');
    expect(screen).toContain(message);
    await app.close();
  });

  it('opens the log of its pod in trouble, newest line first', async () => {
    const session = aSession(aBusyLab(), { podLog: async (_pod, _container, previous) => [{ at: now, text: previous ? 'out of memory' : 'model loaded' }] });
    const app = anApp(session, { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('l');
    const screen = await app.until((shown) => shown.includes('model loaded'));
    expect(screen).toContain('Before its last restart (of 7)');
    expect(screen).toContain('out of memory');
    expect(session.asked).toContain('log ai/whisper-5c9d-ready server');
    await app.close();
  });

  it('says why a log cannot be read', async () => {
    const app = anApp(aSession(aBusyLab(), { podLog: () => Promise.reject(new Error('not allowed to get pods/log')) }), { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('l');
    await app.until((screen) => screen.includes('✗ not allowed to get pods/log'));
    await app.close();
  });
});

describe('scaling in the app', () => {
  it('asks how many and foretells while it is typed, as this picture', async () => {
    const session = aSession(aBusyLab(), { outlook: async () => outlook });
    const app = anApp(session, { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('s');
    await app.until((screen) => screen.includes('offered: baseline 1'));
    app.type('8');
    expect(await app.until((screen) => screen.includes('Pending'))).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU 4 Mon 5 Lat▸6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Scale deployment ai/whisper ────────────────────────────────────────────────╮
      │ from 2 to 8▏ replicas                                                        │
      │ offered: baseline 1 · high 8 · last 5 (tab goes round)                       │
      │ · a holds whisper at that number first                                       │
      │                                                                              │
      │ deployment ai/whisper  2 → 8                                                 │
      │ ! 5 of 8 pods Ready; new ones: 3 on gpu-1                                    │
      │ ✗ 3 Pending: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu          │
      │ ! HorizontalPodAutoscaler ai/whisper keeps it at 1 to 4 replicas             │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰───────────────────────────────────── CHOOSE ─ plan ─ confirm ─ run ─ verify ─╯
       enter plan  tab offered  a pin autoscaler  esc back"
    `);
    expect(session.asked).toEqual(['outlook whisper']);
    await app.close();
  });

  it('plans what is typed on enter', async () => {
    const planned: Plan[] = [];
    const session = aSession(aBusyLab(), {
      outlook: async () => outlook,
      plan: async (ref) => {
        const plan = aPlan({ ref, title: 'Scale deployment ai/whisper from 2 to 3 replicas', risk: 'safe' });
        planned.push(plan);
        return plan;
      },
    });
    const app = anApp(session, { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('s');
    await app.until((screen) => screen.includes('offered: baseline 1'));
    app.type('3x-a');
    await app.until((screen) => screen.includes('autoscaler held at that number first'));
    app.type('\r');
    await app.until((screen) => screen.includes('from 2 to 3 replicas') && screen.includes('enter does it'));
    expect(planned.map(({ ref }) => ref)).toEqual([
      { id: 'scale', input: { kind: 'Deployment', namespace: 'ai', name: 'whisper', replicas: '3', autoscaler: 'pin' } },
    ]);
    app.type('\x1b');
    await app.until((screen) => screen.includes('Workloads 5'));
    await app.close();
  });

  it('goes round the presets and the last number with tab, and refuses what can never run', async () => {
    const app = anApp(aSession(aBusyLab(), { outlook: async () => outlook }), { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('s');
    await app.until((screen) => screen.includes('offered: baseline 1'));
    for (const number of ['1', '8', '5', '1']) {
      app.type('\t');
      await app.until((screen) => screen.includes(`to ${number}▏ replicas`));
    }
    app.type('00000');
    await app.until((screen) => screen.includes('✗ all nodes together take 330 pods at most'));
    app.type('\r\x1b');
    await app.until((screen) => screen.includes('Workloads 5'));
    await app.close();
  });

  it('takes all marked rows, and no daemonset', async () => {
    const session = aSession(aBusyLab(), { outlook: async () => ({ ...outlook, targets: [] }) });
    const app = anApp(session, { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('     ');
    await app.until((screen) => screen.includes('5 marked'));
    app.type('s');
    await app.until((screen) => screen.includes('Scale 4 workloads'));
    expect(session.asked).toEqual(['outlook whisper resnet50-inference qdrant parked']);
    await app.close();
  });

  it('says why nothing can be foretold', async () => {
    const app = anApp(aSession(aBusyLab(), { outlook: () => Promise.reject(new Error('there is no deployment ai/whisper')) }), { screen: 'workloads' });
    await app.until((screen) => screen.includes('whisper'));
    app.type('s');
    await app.until((screen) => screen.includes('✗ there is no deployment ai/whisper'));
    await app.close();
  });

  it('is not offered in a read-only session', async () => {
    const session = aSession(aBusyLab(), { readOnly: true });
    const app = anApp(session, { screen: 'workloads' });
    const screen = await app.until((shown) => shown.includes('whisper'));
    expect(screen).not.toContain('s scale');
    app.type('s');
    await app.close();
    expect(session.asked).toEqual(['close']);
  });
});
