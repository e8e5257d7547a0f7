import { describe, expect, it } from 'vitest';
import { latencyStacks } from '../../src/prometheus/latency-stacks.js';
import { groupsIn, readingOf } from '../../src/prometheus/pod-metrics-reading.js';
import { createPodSamples } from '../../src/prometheus/pod-metrics-samples.js';
import { parseExposition } from '../../src/text/exposition.js';
import { inferenceService, usualBounds } from './inference-services.js';
import { latencyLab } from './latency-lab.js';
import { hasPrometheus, hasPromtool, realPrometheus } from './real-prometheus.js';

interface Scrape {
  readonly at: number;
  readonly pod: string;
  readonly lines: readonly string[];
}

/**
 * Six minutes of three replicas that have served for long, each 15 s: one slows down half-way, one restarts, one goes away. (Where a counter began within the window, versions of Prometheus differ in how far they stretch it.)
 */
function scrapes(begin: number): readonly Scrape[] {
  const bounds = [...usualBounds, Number.POSITIVE_INFINITY];
  return ['a', 'b', 'c'].flatMap((pod, replica) => {
    const buckets = bounds.map(() => 0);
    let [sum, count] = [0, 0];
    return Array.from({ length: 24 }, (_, index): readonly Scrape[] => {
      if (pod === 'b' && index === 13) {
        buckets.fill(0);
        [sum, count] = [0, 0];
      }
      const requests = (30 + 7 * replica) * (index === 0 ? 100 : 1);
      for (let request = 0; request < requests; request++) {
        const seconds = (pod === 'a' && index > 12 ? 0.4 : 0.02) * (1 + ((request * 37 + index * 11) % 100) / 60);
        bounds.forEach((bound, place) => {
          if (seconds <= bound) buckets[place] = (buckets[place] ?? 0) + 1;
        });
        sum += seconds;
        count += 1;
      }
      const lines = [
        ...bounds.map((bound, place) => `inference_latency_seconds_bucket{le="${Number.isFinite(bound) ? bound : '+Inf'}"} ${buckets[place]}`),
        `inference_latency_seconds_sum ${sum}`,
        `inference_latency_seconds_count ${count}`,
      ];
      return pod === 'c' && index > 15 ? [] : [{ at: begin + index * 15_000 + replica * 1_700, pod, lines }];
    }).flat();
  });
}

describe.skipIf(!hasPrometheus || !hasPromtool)("latency worked out from the pods' own pages", () => {
  it('is what Prometheus makes of the same scrapes', { timeout: 60_000 }, async () => {
    const begin = Math.floor((Date.now() - 2 * 3_600_000) / 1000) * 1000;
    const all = scrapes(begin);
    const families = ['inference_latency_seconds_bucket', 'inference_latency_seconds_sum', 'inference_latency_seconds_count'];
    const history = families.flatMap((name) => [
      `# TYPE ${name} unknown`,
      ...['a', 'b', 'c'].flatMap((pod) =>
        [...new Set(all.flatMap(({ lines }) => lines.filter((line) => line.startsWith(name)).map((line) => line.split(' ')[0] ?? '')))].flatMap((series) =>
          all.flatMap((scrape) => {
            const line = scrape.pod === pod ? scrape.lines.find((one) => one.startsWith(`${series} `)) : undefined;
            if (line === undefined) return [];
            const labelled = series.includes('{') ? series.replace('{', `{pod="${pod}",`) : `${series}{pod="${pod}"}`;
            return [`${labelled} ${line.split(' ')[1]} ${scrape.at / 1000}`];
          }),
        ),
      ),
    ]);
    await using real = await realPrometheus({ onlyJobs: true, history: `${history.join('\n')}\n# EOF\n` });
    const pods = new Map(['a', 'b', 'c'].map((pod) => [pod, createPodSamples(10 * 60_000)]));
    for (const { at, pod, lines } of all) pods.get(pod)?.add(at, parseExposition(`${lines.join('\n')}\n`));
    const [group] = groupsIn([...pods.values()], latencyStacks([]));
    if (group === undefined) throw new Error('no group');
    for (const after of [123_456, 200_500, 301_250, 358_900]) {
      const at = begin + after;
      const reading = readingOf(group, at, 300_000);
      for (const [name, expr] of [
        ['p50', 'histogram_quantile(0.5, sum by (le) (rate(inference_latency_seconds_bucket[5m])))'],
        ['p95', 'histogram_quantile(0.95, sum by (le) (rate(inference_latency_seconds_bucket[5m])))'],
        ['p99', 'histogram_quantile(0.99, sum by (le) (rate(inference_latency_seconds_bucket[5m])))'],
        ['mean', 'sum(rate(inference_latency_seconds_sum[5m])) / sum(rate(inference_latency_seconds_count[5m]))'],
        ['requests', 'sum(rate(inference_latency_seconds_count[5m]))'],
      ] as const) {
        const response = await fetch(`${real.url}/api/v1/query?${new URLSearchParams({ query: expr, time: String(at / 1000) })}`);
        const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(await response.text());
        expect(reading[name], `${name} after ${after} ms`).toBeCloseTo(Number(data.result[0]?.value[1]), 9);
      }
    }
  });
});

describe("where there is no Prometheus, the pods' own pages", () => {
  it('are read through the API server, and say so', { timeout: 30_000 }, async () => {
    await using one = await inferenceService();
    await using two = await inferenceService();
    one.load(40, 0.03);
    two.load(40, 0.08);
    await using lab = await latencyLab({ prometheusUrl: null, pods: { resnet50: [one, two] } });
    const { latency } = await lab.seen(() => (lab.row('ai/resnet50')?.p95 ?? null) !== null, 15_000);
    expect(latency.value?.sources).toEqual(['/metrics of 2 pods through the API server, rates worked out here over 5 minutes']);
    const row = lab.row('ai/resnet50');
    expect(row).toMatchObject({ source: 'pod-metrics', replicas: { ready: 2, wanted: 2 }, why: null, errorsPerSecond: 0, queue: 0 });
    expect(row?.p50).toBeGreaterThan(0.025);
    expect(row?.p95).toBeGreaterThan(0.075);
    expect(row?.p95).toBeLessThan(0.1);
    const history = await lab.feed.history('ai/resnet50', 900_000, new AbortController().signal);
    expect(history.notes.join()).toMatch(/^read from the pods' own \/metrics since/);
  });

  it('that may not be read are a sentence', async () => {
    await using service = await inferenceService();
    await using lab = await latencyLab({ prometheusUrl: null, pods: { resnet50: [service] } });
    lab.api.on('/api/v1/namespaces/ai/pods/resnet50-6c9d7b5f4-qq7rz:8000/proxy/metrics', (_, response) =>
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end(JSON.stringify({ kind: 'Status', status: 'Failure', message: 'forbidden', code: 403 })),
    );
    lab.feed.refresh();
    const { latency } = await lab.seen(({ latency: { freshness } }) => freshness.status === 'absent');
    expect(latency.freshness).toMatchObject({ why: "no Prometheus found; not allowed to get pods/proxy: the pods' own /metrics are not read" });
  });
});
