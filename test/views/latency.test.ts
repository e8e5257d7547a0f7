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

describe('the page of one service', () => {
  it.each(sizes)('shows its quantiles, GPUs and rollouts on one time axis at %d×%d', async (columns, rows) => {
    const app = anApp(aSession(measured(), { history: async (_, rangeMs) => aHistory(rangeMs) }), { screen: 'latency', columns, rows });
    await app.until((screen) => screen.includes('SERVICE '));
    app.type('\r');
    expect(await app.until((screen) => screen.includes('scaled 1'))).toMatchSnapshot();
    await app.close();
  });
});
