import { describe, expect, it } from 'vitest';
import { absent, live, loading, stale } from '../../src/state/freshness.js';
import type { LoadOf } from '../../src/state/load.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aHistory, aSeries, aService, latencyOf, threeServices } from '../builders/latency.js';
import { now } from '../builders/snapshot.js';

process.env['TZ'] = 'UTC';

const sizes = [
  [80, 24],
  [120, 40],
] as const;

function aLoad(level: LoadOf['level'], cpuPercent: number, gpuPercent: number | null): LoadOf {
  return { level, cpuPercent, gpuPercent, cpuPressurePercent: 3, memoryPressurePercent: 0, raisedBy: null };
}

function measured(overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return aLab({
    latency: threeServices(),
    load: live(
      {
        cluster: aLoad('Modest', 48, 55),
        nodes: new Map([
          ['controlplane', aLoad('Light', 22, null)],
          ['gpu-1', aLoad('High', 71, 88)],
          ['gpu-2', aLoad('Empty', 3, null)],
        ]),
        sources: ['Prometheus'],
        notes: [],
      },
      now,
    ),
    ...overrides,
  });
}

async function picture(snapshot: ClusterSnapshot, columns: number, rows: number): Promise<string> {
  const app = anApp(aSession(snapshot), { screen: 'latency', columns, rows });
  const screen = await app.until((shown) => shown.includes('SERVICE '));
  expect(app.scrolledOff()).toBe(0);
  expect(app.wrapped()).toBe(0);
  await app.close();
  return screen;
}

describe('the Latency screen', () => {
  it.each(sizes)('shows each service with its half hour at %d×%d', async (columns, rows) => {
    expect(await picture(measured(), columns, rows)).toMatchSnapshot();
  });
});

describe('a service', () => {
  it('without numbers says why in their place, and is never shown as 0', async () => {
    const screen = await picture(measured(), 120, 40);
    const whisper = screen.split('\n').find((row) => row.includes('whisper')) ?? '';
    expect(whisper).toContain('0 replicas ready');
    expect(whisper).not.toMatch(/ 0 {2}/);
  });

  it('of which only sums are known shows its mean, and where its numbers come from', async () => {
    const triton = aService('bert', { stack: 'triton', measure: 'mean', p50: null, p95: null, p99: null, mean: 0.012, source: 'pod-metrics' });
    const latency = live({ services: [triton], sources: ["the pods' own /metrics"], notes: ['no Prometheus was found: rates are worked out here'] }, now);
    const screen = await picture(measured({ latency }), 120, 40);
    expect(screen).toContain('mean 12 ms');
    expect(screen).toContain("the pods' own /metrics, 4s ago");
    expect(screen).toContain('no Prometheus was found: rates are worked out here');
  });

  it('that was measured some time ago is marked with its age', async () => {
    const latency = threeServices();
    const old = latency.value === null ? latency : stale(latency.value, now - 250_000, 'connection refused');
    expect(await picture(measured({ latency: old }), 120, 40)).toContain('4m10s old');
  });

  it('is not there while latency is loading or cannot be had', async () => {
    const waiting = anApp(aSession(measured({ latency: loading(now) })), { screen: 'latency' });
    await waiting.until((screen) => screen.includes('loading Services'));
    await waiting.close();
    const none = anApp(aSession(measured({ latency: absent('no histogram of request durations in 214 series') })), { screen: 'latency' });
    await none.until((screen) => screen.includes('no histogram of request durations in 214 series'));
    await none.close();
  });

  it('is found by a filter and sorted by its numbers', async () => {
    const app = anApp(aSession(measured()), { screen: 'latency' });
    await app.until((screen) => screen.includes('Services 3'));
    app.type('P');
    const sorted = await app.until((screen) => screen.includes('P95▼'));
    expect(sorted.indexOf('distilbert')).toBeLessThan(sorted.indexOf('resnet50'));
    app.type('/whisper\r');
    await app.until((screen) => screen.includes('Services 1 of 3 ⟨whisper⟩'));
    await app.close();
  });
});

describe('the Overview', () => {
  it.each(sizes)('has a line for each service and the load in its header at %d×%d', async (columns, rows) => {
    const app = anApp(aSession(measured()), { columns, rows });
    const screen = await app.until((shown) => shown.includes('Latency p95'));
    expect(screen).toContain('load Modest');
    expect(screen).toMatchSnapshot();
    await app.close();
  });

  it('has no place for latency that nobody measures', async () => {
    const app = anApp(aSession(measured({ latency: latencyOf() })), { columns: 120, rows: 40 });
    expect(await app.until((shown) => shown.includes('Workloads'))).not.toContain('Latency p95');
    await app.close();
  });
});

describe('the page of one service', () => {
  it.each(sizes)('shows its quantiles, GPUs and rollouts on one time axis at %d×%d', async (columns, rows) => {
    const app = anApp(aSession(measured(), { history: async (_, rangeMs) => aHistory(rangeMs) }), { screen: 'latency', columns, rows });
    await app.until((screen) => screen.includes('SERVICE '));
    app.type('\r');
    expect(await app.until((screen) => screen.includes('scaled 1'))).toMatchSnapshot();
    await app.close();
  });

  it('follows a cursor with the values under it, and its range with [ and ]', async () => {
    const session = aSession(measured(), { history: async (_, rangeMs) => aHistory(rangeMs) });
    const app = anApp(session, { screen: 'latency', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('SERVICE '));
    app.type('\r');
    await app.until((screen) => screen.includes('now 14:02:11') && screen.includes('GPU 88 %'));
    // Into the time before the rollout.
    app.type('h'.repeat(50));
    const before = await app.until((screen) => screen.includes('│ 13:3') && screen.includes('GPU 45 %'));
    expect(before).toContain('[1h]');
    app.type(']');
    await app.until((screen) => screen.includes('[6h]') && screen.includes('now '));
    app.type('[[[');
    await app.until((screen) => screen.includes('[15m]'));
    await app.until(() => session.asked.includes('history ai/resnet50-inference 900000'));
    expect(session.asked.filter((one) => one.startsWith('history'))).toContain('history ai/resnet50-inference 21600000');
    app.type('\x1b');
    await app.until((screen) => screen.includes('SERVICE '));
    await app.close();
  });

  it('draws gaps as gaps, and says what is not known', async () => {
    const nothing = aSeries(240, () => null);
    const history = aHistory(3_600_000, { gpuPercent: nothing, throttled: nothing, rollouts: [], burn: null, notes: ['Prometheus was away for 3 min'] });
    const app = anApp(aSession(measured(), { history: async () => history }), { screen: 'latency' });
    await app.until((screen) => screen.includes('SERVICE '));
    app.type('\r');
    const screen = await app.until((shown) => shown.includes('Latency of'));
    const shown = await app.until((one) => one.includes('none in this time'));
    expect(screen).not.toContain('0 %');
    expect(shown).toContain('how busy the GPUs of its nodes were is not known');
    expect(shown).toContain('Prometheus was away for 3 min');
    await app.close();
  });

  it('says that it is being asked for, and why it cannot be had', async () => {
    let fail: (error: Error) => void = () => undefined;
    const session = aSession(measured(), {
      history: () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    });
    const app = anApp(session, { screen: 'latency' });
    await app.until((screen) => screen.includes('SERVICE '));
    app.type('\r');
    await app.until((screen) => screen.includes('asking for the last 1h'));
    fail(new Error('prometheus took too long over the query'));
    await app.until((screen) => screen.includes('✗ prometheus took too long over the query'));
    await app.close();
  });
});
