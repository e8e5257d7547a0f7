import { describe, expect, it } from 'vitest';
import { createPrometheusClient } from '../../src/prometheus/client.js';
import { startLoadFeed } from '../../src/prometheus/load-feed.js';
import { evaluated, type LoadMemory, loadLevel, settledLevel } from '../../src/prometheus/load-level.js';
import { readLoad } from '../../src/prometheus/load-queries.js';
import { MonitoringError } from '../../src/prometheus/monitoring-error.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { absent, live } from '../../src/state/freshness.js';
import type { LoadLevel } from '../../src/state/load.js';
import { createStore } from '../../src/state/store.js';
import { aHost, hostsOf, known, someFacts } from '../builders/host.js';
import { until } from '../kube/until.js';
import { hasNodeExporter, hasPrometheus, realNodeExporter, realPrometheus } from './real-prometheus.js';

const measures = (cpuPercent: number | null, gpuPercent: number | null, cpuPressurePercent: number | null = 0, memoryPressurePercent: number | null = 0) => ({
  cpuPercent,
  gpuPercent,
  cpuPressurePercent,
  memoryPressurePercent,
});

describe('the load state', () => {
  it.each([
    [9.99, 'Empty'],
    [10, 'Light'],
    [39.99, 'Light'],
    [40, 'Modest'],
    [60, 'Modest'],
    [60.01, 'Elevated'],
    [69.99, 'Elevated'],
    [70, 'High'],
    [90, 'High'],
    [90.01, 'Critical'],
  ] as const)('at %s %% is %s', (percent, level) => expect(loadLevel(percent)).toBe(level));

  it('goes by the busier of CPU and GPU, and is not known without either', () => {
    expect(evaluated(measures(20, 75))).toEqual({ level: 'High', raisedBy: null });
    expect(evaluated(measures(50, null))).toEqual({ level: 'Modest', raisedBy: null });
    expect(evaluated(measures(null, null, 90))).toBeNull();
  });

  it('is raised by one where tasks wait, and never beyond Critical', () => {
    expect(evaluated(measures(50, 20, 31.4))).toEqual({ level: 'Elevated', raisedBy: 'CPU pressure 31 %' });
    expect(evaluated(measures(50, 20, 25, 1.5))).toEqual({ level: 'Elevated', raisedBy: 'memory pressure 1.5 %' });
    expect(evaluated(measures(95, 20, 40, 4))).toEqual({ level: 'Critical', raisedBy: 'CPU pressure 40 %, memory pressure 4 %' });
    expect(evaluated(measures(50, 20, 25, 1))?.raisedBy).toBeNull();
  });

  it.each([
    ['holds through one look that says another', ['Modest', 'High', 'Modest'], 'Modest'],
    ['changes with the second look in a row', ['Modest', 'High', 'High'], 'High'],
    ['goes to the nearer of two that lie on one side', ['Modest', 'Critical', 'High'], 'High'],
    ['holds while looks disagree on the side', ['Modest', 'High', 'Empty'], 'Modest'],
    ['falls after two looks as well', ['High', 'Light', 'Empty'], 'Light'],
  ] as const)('%s', (_, said, level) => {
    const memory = said.reduce<LoadMemory | null>((before, next: LoadLevel) => settledLevel(before, next), null);
    expect(memory?.level).toBe(level);
  });
});

describe('the load state without Prometheus', () => {
  it('comes from the machines themselves, and says so', async () => {
    const store = createStore({ flushMs: 5, settleMs: 1 });
    store.write('prometheus', absent('no Prometheus found'));
    const facts = someFacts({
      at: Date.now(),
      load: known({ one: 8, five: 12, fifteen: 3, cpus: 16 }),
      pressure: known({ cpuSome: 30, memorySome: 0, memoryFull: 0, ioSome: 0, ioFull: 0 }),
    });
    store.write('hosts', hostsOf(aHost({ name: 'gpu-1', node: 'gpu-1', facts })));
    store.flush();
    const feed = startLoadFeed({ store, prometheus: () => Promise.reject(new MonitoringError('not-found', 'none')) });
    const { load } = await until(() => (store.snapshot().load.freshness.status === 'live' ? store.snapshot() : null));
    feed.close();
    store.close();
    expect(load.value?.nodes.get('gpu-1')).toEqual({
      cpuPercent: 75,
      gpuPercent: null,
      cpuPressurePercent: 30,
      memoryPressurePercent: 0,
      level: 'Critical',
      raisedBy: 'CPU pressure 30 %',
    });
    expect(load.value?.sources).toEqual(['load averages and nvidia-smi of gpu-1']);
  });
});

describe.skipIf(!hasPrometheus || !hasNodeExporter)('the load state through a real Prometheus', () => {
  it('agrees with what its own API says of the same moment', { timeout: 60_000 }, async () => {
    await using exporter = await realNodeExporter();
    await using real = await realPrometheus({
      onlyJobs: true,
      jobs: [{ job: 'node-exporter', targets: [{ address: exporter.address, labels: { node: 'gpu-1' } }] }],
    });
    const client = createPrometheusClient(urlRoad(real.url));
    const signal = new AbortController().signal;
    const deadline = Date.now() + 30_000;
    // A scrape under way must not come between two questions about one moment.
    let at = Date.now() - 3_000;
    let answers = await readLoad(client, at, signal);
    while (answers.cluster.cpuPercent === null && Date.now() < deadline) {
      at = Date.now() - 3_000;
      answers = await readLoad(client, at, signal);
    }
    const own = async (query: string) => {
      const response = await fetch(`${real.url}/api/v1/query?${new URLSearchParams({ query, time: String(at / 1000) })}`);
      const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
      return data.result[0] === undefined ? null : Number(data.result[0].value[1]);
    };
    const cpu = await own('100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))');
    expect(cpu).not.toBeNull();
    expect(answers.nodes.get('gpu-1')?.cpuPercent).toBeCloseTo(cpu ?? -1, 9);
    expect(answers.cluster.cpuPercent).toBeCloseTo(cpu ?? -1, 9);
    expect(answers.nodes.get('gpu-1')?.cpuPressurePercent).toBe(await own('100 * rate(node_pressure_cpu_waiting_seconds_total[5m])'));
    const store = createStore({ flushMs: 5, settleMs: 1 });
    store.write('prometheus', live({ url: '', foundBy: '', version: null, ready: true, roundTripMs: 1, others: [], about: null }, Date.now()));
    const feed = startLoadFeed({ store, prometheus: async () => client });
    const { load } = await until(() => (store.snapshot().load.freshness.status === 'live' ? store.snapshot() : null));
    feed.close();
    store.close();
    const said = load.value?.nodes.get('gpu-1');
    expect(said?.level).toBe(evaluated(measures(said?.cpuPercent ?? null, null, said?.cpuPressurePercent ?? null, said?.memoryPressurePercent ?? null))?.level);
  });
});
