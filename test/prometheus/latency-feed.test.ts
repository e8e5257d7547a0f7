import { describe, expect, it } from 'vitest';
import type { LatencyHistory, LatencyService } from '../../src/state/latency.js';
import type { Series } from '../../src/state/series.js';
import { until } from '../kube/until.js';
import { inferenceService, metricsPage } from './inference-services.js';
import { latencyLab, podName } from './latency-lab.js';
import { hasPrometheus, realPrometheus, type ScrapeJob } from './real-prometheus.js';

/** A job that scrapes the pods of Deployments in the namespace ai. */
function jobOf(pods: Readonly<Record<string, readonly { readonly address: string }[]>>): ScrapeJob {
  const targets = Object.entries(pods).flatMap(([workload, all]) =>
    all.map(({ address }, index) => ({ address, labels: { namespace: 'ai', pod: podName(workload, index), app: workload } })),
  );
  return { job: 'inference', targets };
}

/** What Prometheus' own API answers to a question at a moment, ms since the epoch. */
async function own(url: string, query: string, at: number): Promise<number | null> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query, time: String(at / 1000) })}`);
  const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
  const value = Number(data.result[0]?.value[1] ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

/** The moments of a series are even: a service may be younger than the newest of them. */
const hasValue = (series: Series | undefined) => series?.values.some((value) => value !== null) === true;

const lines = ({ p50, p99, requestsPerSecond }: LatencyHistory) => [p50, p99, requestsPerSecond];

const quantile = (part: number, app: string) => `histogram_quantile(${part}, sum by (le, app) (rate(inference_latency_seconds_bucket{app="${app}"}[5m])))`;

describe.skipIf(!hasPrometheus)('latency through a real Prometheus', () => {
  it.concurrent('agrees with its own API, for services of which one slows down, one restarts and one dies', { timeout: 90_000 }, async () => {
    await using slowing = await inferenceService();
    await using twin = await inferenceService();
    await using restarting = await inferenceService();
    await using dying = await inferenceService();
    slowing.load(40, 0.03);
    twin.load(20, 0.06);
    restarting.load(15, 0.2);
    dying.load(10, 0.4);
    const pods = { resnet50: [slowing, twin], distilbert: [restarting], whisper: [dying] };
    await using real = await realPrometheus({ onlyJobs: true, jobs: [jobOf(pods)] });
    await using lab = await latencyLab({ prometheusUrl: real.url, pods });
    await lab.seen(() => ['resnet50', 'distilbert', 'whisper'].every((name) => (lab.row(`ai/${name}`)?.p95 ?? null) !== null));
    slowing.load(40, 0.7);
    restarting.restart();
    restarting.fail(3);
    twin.waiting(4);
    await dying.die();
    await lab.seen(() => (lab.row('ai/resnet50')?.p95 ?? 0) > 0.3 && /^not read for/.test(lab.row('ai/whisper')?.why ?? ''), 45_000);
    await lab.seen(() => ['resnet50', 'distilbert'].every((name) => hasValue(lab.row(`ai/${name}`)?.trend)), 30_000);
    // A trend's moments are even: what it says of one, Prometheus says of the same.
    for (const app of ['resnet50', 'distilbert']) {
      const row = lab.row(`ai/${app}`);
      const index = row?.trend.values.findLastIndex((value) => value !== null) ?? -1;
      expect(row?.trend.values[index]).toBeCloseTo(
        (await own(real.url, quantile(0.95, app), (row?.trend.startAt ?? 0) + index * (row?.trend.stepMs ?? 0))) ?? -1,
        12,
      );
    }
    const history = () => lab.feed.history('ai/resnet50', 900_000, new AbortController().signal);
    const said = await until(async () => {
      const seen = await history();
      return lines(seen).every(hasValue) ? seen : null;
    }, 40_000);
    for (const [line, expr] of [
      [said.p50, quantile(0.5, 'resnet50')],
      [said.p99, quantile(0.99, 'resnet50')],
      [said.requestsPerSecond, 'sum by (app) (rate(inference_requests_total{app="resnet50"}[5m]))'],
    ] as const) {
      const last = line.values.findLastIndex((value) => value !== null);
      expect(line.values[last]).toBeCloseTo((await own(real.url, expr, line.startAt + last * line.stepMs)) ?? -1, 12);
    }
    expect(lab.row('ai/distilbert')).toMatchObject({ replicas: { ready: 1, wanted: 1 }, why: null });
    expect(lab.row('ai/distilbert')?.requestsPerSecond).toBeGreaterThan(0);
    expect(lab.row('ai/distilbert')?.errorsPerSecond).toBeGreaterThan(0);
    expect(lab.row('ai/resnet50')).toMatchObject({ queue: 4, source: 'prometheus', stack: 'inference' });
    expect(lab.row('ai/whisper')).toMatchObject({ p50: null, p95: null, p99: null, requestsPerSecond: null, queue: null });
  });

  it.concurrent('is stale with its age while Prometheus is gone, live again after it, and the hole stays a hole', { timeout: 120_000 }, async () => {
    await using service = await inferenceService();
    service.load(40, 0.03);
    const pods = { resnet50: [service] };
    await using real = await realPrometheus({ onlyJobs: true, jobs: [jobOf(pods)] });
    await using lab = await latencyLab({ prometheusUrl: real.url, pods });
    await lab.seen(() => lab.row('ai/resnet50')?.trend.values.at(-1) != null);
    await real.kill();
    const gone = Date.now();
    const { latency } = await lab.seen(({ latency: { freshness } }) => freshness.status === 'stale');
    expect(latency.freshness).toMatchObject({ status: 'stale', why: expect.stringContaining('refused') });
    await lab.seen(() => Date.now() - gone > 25_000, 40_000);
    await real.start();
    const back = Date.now();
    await lab.seen(({ latency: { freshness } }) => freshness.status === 'live');
    await lab.seen(() => Date.now() - back > 2_000 && lab.row('ai/resnet50')?.trend.values.at(-1) != null, 40_000);
    const trend = lab.row('ai/resnet50')?.trend;
    const within = trend?.values.filter((_, index) => {
      const at = trend.startAt + index * trend.stepMs;
      return at > gone + 12_000 && at < back;
    });
    expect(within?.length).toBeGreaterThan(0);
    expect(within?.every((value) => value === null)).toBe(true);
  });

  it.concurrent('knows odd histograms and labels for what they are', { timeout: 60_000 }, async () => {
    await using endless = await inferenceService({ infinity: false });
    await using coarse = await inferenceService({ bounds: [0.1, 1, 10] });
    await using fine = await inferenceService({ bounds: [0.1, 0.5, 1, 5, 10] });
    await using strange = await inferenceService({ labels: { app: 'say "hi"\nto\\all' } });
    await using triton = await metricsPage('');
    await using ranker = await inferenceService({ name: 'ranker_ms', bounds: [10, 20, 50, 100] });
    for (const service of [endless, coarse, fine, strange]) service.load(20, 0.3);
    ranker.load(20, 15);
    let seconds = 0;
    const counting = setInterval(() => {
      seconds += 0.1;
      const lines = (model: string, perSecond: number, us: number) =>
        `nv_inference_request_success{model="${model}",version="1"} ${perSecond * seconds}\nnv_inference_request_duration_us{model="${model}",version="1"} ${perSecond * seconds * us}\n`;
      triton.show(`${lines('a', 10, 2_000)}${lines('b', 20, 8_000)}`);
    }, 100);
    const jobs: ScrapeJob[] = [
      jobOf({ endless: [endless], mixed: [coarse, fine], triton: [triton], ranker: [ranker] }),
      { job: 'strange', honorLabels: true, targets: [{ address: strange.address }] },
    ];
    await using real = await realPrometheus({ onlyJobs: true, jobs });
    const settings = { latency: [{ name: 'ranking', metric: 'ranker_ms', unit: 'milliseconds', selector: 'app="ranker"' }], slo: { ranker: 0.01 } } as const;
    await using lab = await latencyLab({ prometheusUrl: real.url, settings });
    const isThere = (id: string, field: 'p95' | 'mean') => (lab.row(id)?.[field] ?? null) !== null;
    const { latency } = await lab.seen(
      () =>
        isThere('ai/endless', 'mean') &&
        isThere('ai/mixed', 'p95') &&
        isThere('ai/triton:b', 'mean') &&
        isThere('ai/ranker', 'p95') &&
        isThere('say "hi" to\\all', 'p95'),
    );
    clearInterval(counting);
    const row = (id: string): LatencyService | null => lab.row(id);
    expect(row('ai/endless')).toMatchObject({ p95: null, why: 'its histogram has no bucket le="+Inf": no quantile can be told from it' });
    expect(latency.value?.notes.join('\n')).toMatch(/ai\/mixed: its replicas have different buckets \(not all have 0.5 and 5\)/);
    expect(row('ai/triton:a')).toMatchObject({ measure: 'mean', p95: null, stack: 'triton', mean: expect.closeTo(0.002, 6) });
    expect(row('ai/triton:b')?.mean).toBeCloseTo(0.008, 6);
    expect(row('ai/ranker')).toMatchObject({ stack: 'ranking', sloSeconds: 0.01, p50: expect.closeTo(0.015, 6) });
    const { burn } = await lab.feed.history('ai/ranker', 900_000, new AbortController().signal);
    // All of them are slower than 10 ms, where 5 of 100 may be.
    expect(burn).toBeCloseTo(20, 6);
  });
});
