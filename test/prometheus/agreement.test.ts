import { describe, expect, it } from 'vitest';
import { runTargets } from '../../src/cli/targets.js';
import { createPrometheusClient, type PrometheusClient } from '../../src/prometheus/client.js';
import { latencyFromPrometheus } from '../../src/prometheus/latency-prometheus.js';
import { latencyStacks } from '../../src/prometheus/latency-stacks.js';
import { loadLevel } from '../../src/prometheus/load-level.js';
import { readLoad } from '../../src/prometheus/load-queries.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { live } from '../../src/state/freshness.js';
import { aSession } from '../builders/fake-session.js';
import { aSnapshot } from '../builders/snapshot.js';
import { aLab } from '../checks/lab.js';
import { written } from '../cli/written.js';
import { inferenceService, metricsPage } from './inference-services.js';
import { podName } from './latency-lab.js';
import { hasNodeExporter, hasPrometheus, realNodeExporter, realPrometheus } from './real-prometheus.js';

const never = new AbortController().signal;

interface OwnTarget {
  readonly labels: { readonly job: string; readonly instance: string };
  readonly health: string;
  readonly lastError: string;
  readonly lastScrape: string;
  readonly lastScrapeDuration: number;
  readonly scrapeInterval: string;
}

describe.skipIf(!hasPrometheus || !hasNodeExporter)('what a real Prometheus says', () => {
  it.concurrent('of its targets is what is printed: health, error, time and length of the last scrape', { timeout: 60_000 }, async () => {
    await using exporter = await realNodeExporter();
    await using real = await realPrometheus({ interval: 4, jobs: [{ job: 'node-exporter', targets: [{ address: exporter.address }] }] });
    const client = createPrometheusClient(urlRoad(real.url));
    const own = async (): Promise<readonly OwnTarget[]> => {
      const { data }: { data: { activeTargets: OwnTarget[] } } = JSON.parse(await (await fetch(`${real.url}/api/v1/targets?state=active`)).text());
      return data.activeTargets;
    };
    const scraped = (targets: readonly OwnTarget[]) => targets.length === 3 && targets.every(({ health }) => health !== 'unknown');
    // A scrape between two looks is seen by the second alone.
    const [before, targets] = await sameTwice(own, () => client.targets(), scraped);
    const out = written();
    const prometheus = { url: real.url, foundBy: '--prometheus', version: null, ready: true, roundTripMs: 1, others: [], about: null };
    await runTargets(
      aSession({ ...aLab({ targets: live(targets, Date.now()), prometheus: live(prometheus, Date.now()) }), at: Date.now() }),
      { output: 'json' },
      out,
    );
    expect(out.json()).toMatchObject({
      targets: [...before]
        .sort((a, b) => (`${a.labels.job} ${a.labels.instance}` < `${b.labels.job} ${b.labels.instance}` ? -1 : 1))
        .map(({ labels, health, lastError, lastScrape, lastScrapeDuration }) => ({
          job: labels.job,
          instance: labels.instance,
          health,
          lastError: lastError === '' ? null : lastError,
          lastScrape: new Date(lastScrape).toISOString(),
          scrapeDurationSeconds: lastScrapeDuration,
        })),
    });
    expect(before.map(({ health }) => health).sort()).toEqual(['down', 'up', 'up']);
    expect(new Set(targets.map(({ scrapeIntervalSeconds }) => scrapeIntervalSeconds))).toEqual(new Set([4]));
  });

  it.concurrent('of services is each number of their rows, while one fails, one restarts and one is gone', { timeout: 90_000 }, async () => {
    await using steady = await inferenceService();
    await using twin = await inferenceService({ bounds: [0.01, 0.1, 1, 10] });
    await using restarting = await inferenceService();
    await using dying = await inferenceService();
    for (const [service, perSecond, seconds] of [
      [steady, 40, 0.03],
      [twin, 20, 0.2],
      [restarting, 15, 0.6],
      [dying, 10, 0.4],
    ] as const)
      service.load(perSecond, seconds);
    const job = {
      job: 'inference',
      targets: [
        ['resnet50', steady, 0],
        ['resnet50', twin, 1],
        ['distilbert', restarting, 0],
        ['whisper', dying, 0],
      ].flatMap(([app, service, index]) =>
        typeof app === 'string' && typeof index === 'number' && typeof service === 'object'
          ? [{ address: service.address, labels: { namespace: 'ai', pod: podName(app, index), app } }]
          : [],
      ),
    };
    await using real = await realPrometheus({ onlyJobs: true, jobs: [job] });
    const client = createPrometheusClient(urlRoad(real.url));
    await until(async () => (await value(real.url, 'count(rate(inference_requests_total{status="200"}[5m]) > 0)', Date.now())) === 4);
    restarting.restart();
    twin.fail(7);
    steady.waiting(3);
    twin.waiting(2);
    await dying.die();
    await until(async () => (await value(real.url, 'sum(resets(inference_requests_total[5m])) > 0 and sum(up == bool 0) == 1', Date.now() - 4_000)) !== null);
    // Three seconds ago nothing changes any more.
    const at: number[] = [];
    const late: PrometheusClient = {
      ...client,
      clock: async () => ({ skewMs: -3_000, withinMs: 1 }),
      query: (expr, options) => {
        if (options?.at !== undefined) at.push(options.at);
        return client.query(expr, options);
      },
    };
    const { services } = await latencyFromPrometheus(late, latencyStacks([]), {}).read(aSnapshot(), never);
    const [moment = 0] = at;
    expect(new Set(at).size).toBe(1);
    for (const app of ['resnet50', 'distilbert']) {
      const row = services.find(({ id }) => id === `ai/${app}`);
      const own = (query: string) => value(real.url, query, moment);
      const buckets = `sum by (le, app) (rate(inference_latency_seconds_bucket{app="${app}"}[5m]))`;
      const rate = (name: string, more = '') => `sum(rate(${name}{app="${app}"${more}}[5m]))`;
      const expected = {
        p50: await own(`histogram_quantile(0.5, ${buckets})`),
        p95: await own(`histogram_quantile(0.95, ${buckets})`),
        p99: await own(`histogram_quantile(0.99, ${buckets})`),
        mean: await own(`${rate('inference_latency_seconds_sum')} / ${rate('inference_latency_seconds_count')}`),
        requestsPerSecond: await own(rate('inference_requests_total')),
        errorsPerSecond: await own(rate('inference_requests_total', ',status=~"5.."')),
        queue: await own(`sum(inference_queue_depth{app="${app}"})`),
      };
      expect(Object.values(expected)).not.toContain(null);
      for (const [name, number] of Object.entries(expected))
        expect([app, name, Object.entries(row ?? {}).find(([key]) => key === name)?.[1]]).toEqual([app, name, expect.closeTo(number ?? -1, 9)]);
    }
    expect(services.find(({ id }) => id === 'ai/resnet50')).toMatchObject({ queue: 5, why: null });
    expect(services.find(({ id }) => id === 'ai/whisper')?.queue ?? null).toBeNull();
  });

  it.concurrent('of CPUs and GPUs is the load of each machine and of all', { timeout: 60_000 }, async () => {
    await using exporter = await realNodeExporter();
    // As two DCGM exporters write it, an older one with Hostname and a newer one with hostname.
    await using older = await metricsPage(dcgm('Hostname', 'gpu-1', [72, 91, 55.5]));
    await using newer = await metricsPage(dcgm('hostname', 'gpu-2', [3, 8]));
    await using real = await realPrometheus({
      onlyJobs: true,
      jobs: [
        { job: 'node-exporter', targets: [{ address: exporter.address, labels: { node: 'gpu-1' } }] },
        { job: 'dcgm-exporter', targets: [{ address: older.address }, { address: newer.address }] },
      ],
    });
    const client = createPrometheusClient(urlRoad(real.url));
    const settled = () => Date.now() - 2_000;
    await until(
      async () => (await value(real.url, 'count(rate(node_cpu_seconds_total{mode="idle"}[5m])) and count(DCGM_FI_DEV_GPU_UTIL) == 5', settled())) !== null,
    );
    older.show(dcgm('Hostname', 'gpu-1', [20, 20, 20]));
    await until(async () => (await value(real.url, 'min(DCGM_FI_DEV_GPU_UTIL{Hostname="gpu-1"}) == 20', settled())) !== null);
    // A pod takes one of them: its series is another from then on.
    newer.show(dcgm('hostname', 'gpu-2', [3, 80]).replace('gpu="1"', 'gpu="1",exported_pod="p"'));
    await until(async () => (await value(real.url, 'max(DCGM_FI_DEV_GPU_UTIL{hostname="gpu-2"}) == 80', settled())) !== null);
    const at = settled();
    const own = (query: string) => value(real.url, query, at);
    const { nodes, cluster } = await readLoad(client, at, never);
    expect(nodes.get('gpu-1')?.gpuPercent).toBeCloseTo((await own('avg(avg_over_time(DCGM_FI_DEV_GPU_UTIL{Hostname="gpu-1"}[5m]))')) ?? -1, 9);
    const ofGpu = (taken: string) => `sum by (UUID) (${taken}_over_time(DCGM_FI_DEV_GPU_UTIL{hostname="gpu-2"}[5m]))`;
    expect(nodes.get('gpu-2')?.gpuPercent).toBeCloseTo((await own(`avg(${ofGpu('sum')} / ${ofGpu('count')})`)) ?? -1, 9);
    expect(nodes.get('gpu-2')?.gpuPercent).toBeLessThan(40);
    const ofAll = (taken: string) => `sum by (UUID) (${taken}_over_time(DCGM_FI_DEV_GPU_UTIL[5m]))`;
    expect(cluster.gpuPercent).toBeCloseTo((await own(`avg(${ofAll('sum')} / ${ofAll('count')})`)) ?? -1, 9);
    expect(nodes.get('gpu-1')?.cpuPercent).toBeCloseTo((await own('100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))')) ?? -1, 9);
    expect(nodes.get('gpu-1')?.memoryPressurePercent ?? null).toBe(await own('100 * rate(node_pressure_memory_stalled_seconds_total[5m])'));
    // The guides' own formula for the level, 0 to 5.
    const busier = Math.max(nodes.get('gpu-1')?.cpuPercent ?? 0, nodes.get('gpu-1')?.gpuPercent ?? 0);
    const u = `scalar(vector(${busier}))`;
    const index = await own(
      `(vector(${u}) >= bool 10) + (vector(${u}) >= bool 40) + (vector(${u}) > bool 60) + (vector(${u}) >= bool 70) + (vector(${u}) > bool 90)`,
    );
    expect(loadLevel(busier)).toBe(['Empty', 'Light', 'Modest', 'Elevated', 'High', 'Critical'][index ?? -1]);
  });
});

function dcgm(hostLabel: string, host: string, percent: readonly number[]): string {
  const lines = percent.map(
    (busy, gpu) =>
      `DCGM_FI_DEV_GPU_UTIL{gpu="${gpu}",UUID="GPU-${host}-${gpu}",device="nvidia${gpu}",modelName="NVIDIA A100-SXM4-80GB",${hostLabel}="${host}"} ${busy}`,
  );
  return ['# TYPE DCGM_FI_DEV_GPU_UTIL gauge', ...lines, ''].join('\n');
}

/** The only value that Prometheus' own API answers to a question at a moment, ms since the epoch; null for none. */
async function value(url: string, query: string, at: number): Promise<number | null> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query, time: String(at / 1000) })}`);
  const { data }: { data?: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
  const number = Number(data?.result[0]?.value[1] ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}

/** Asks A, B and A again until both answers of A are the same, and good. */
async function sameTwice<A, B>(a: () => Promise<A>, b: () => Promise<B>, isGood: (answer: A) => boolean): Promise<readonly [A, B]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const [before, other, after] = [await a(), await b(), await a()];
    if (isGood(before) && JSON.stringify(before) === JSON.stringify(after)) return [before, other];
    if (Date.now() > deadline) throw new Error('never the same twice');
  }
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
