import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue, catalogueQuery, filled } from '../../src/prometheus/catalogue.js';
import { createPrometheusClient, type PrometheusClient } from '../../src/prometheus/client.js';
import type { Sample } from '../../src/prometheus/query-answers.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { ask } from '../demo/monitoring/asking.js';
import { aWorld } from '../demo/monitoring/world.js';
import { cadvisorPage, dcgmPage, kubeStatePage, migPage } from './exporter-pages.js';
import { inferenceService, metricsPage } from './inference-services.js';
import { hasNodeExporter, hasPrometheus, realNodeExporter, realPrometheus } from './real-prometheus.js';

describe('the catalogue', () => {
  it('has every query once', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('names the metrics that a query needs as they stand in it', () => {
    for (const { id, expr, needs } of catalogue) for (const metric of needs) expect([id, expr.includes(metric)]).toEqual([id, true]);
  });

  it('has nothing under an id that does not exist', () => {
    expect(() => catalogueQuery('no-such')).toThrow('no query "no-such"');
  });

  it('is understood by the demo cluster, and answered where its exporters run', async () => {
    const asking = await ask(aWorld());
    const prometheus = createPrometheusClient(urlRoad(asking.prometheusUrl));
    const now = (aWorld().now?.() ?? 0) || undefined;
    const silent: string[] = [];
    for (const query of catalogue) {
      const { value } = await prometheus.query(filled(query), now === undefined ? {} : { at: now });
      if (value.length === 0) silent.push(query.id);
    }
    await asking.close();
    expect(silent.filter((id) => !/-(?:vllm|tgi|triton|kserve|torchserve|fastapi)$/.test(id)).sort()).toEqual(silentInDemo);
  });
});

/** All is well there, no server counts failures, and nothing is held to CPU periods. */
const silentInDemo = [
  'disk-full-within-a-day',
  'errors-inference',
  'gpus-missing',
  'nodes-under-pressure',
  'pod-restarts',
  'pod-throttled',
  'pod-waiting',
  'targets-down',
];

describe.skipIf(!hasPrometheus || !hasNodeExporter)('the catalogue on a real Prometheus', () => {
  const ending: AsyncDisposable[] = [];
  let prometheus: PrometheusClient;

  beforeAll(async () => {
    const keep = <T extends AsyncDisposable>(thing: T): T => {
      ending.push(thing);
      return thing;
    };
    const nodes = keep(await realNodeExporter());
    const [python, go] = [keep(await inferenceService()), keep(await inferenceService({ style: 'go' }))];
    python.load(50, 0.04);
    go.load(50, 0.04);
    const cadvisor = keep(await metricsPage(cadvisorPage(0)));
    const began = Date.now();
    const ticking = setInterval(() => cadvisor.show(cadvisorPage((Date.now() - began) / 1000)), 200);
    ending.push({ [Symbol.asyncDispose]: async () => clearInterval(ticking) });
    const page = async (text: string) => keep(await metricsPage(text)).address;
    const real = keep(
      await realPrometheus({
        jobs: [
          // As a plain configuration with node labels has it, and as a ServiceMonitor without.
          { job: 'node-exporter', targets: [{ address: nodes.address, labels: { node: 'gpu-1', instance: 'gpu-1:9100' } }] },
          { job: 'node-exporter-by-address', targets: [{ address: nodes.address, labels: { instance: '10.0.0.12:9100' } }] },
          {
            job: 'dcgm-exporter',
            targets: [
              { address: await page(dcgmPage()), labels: { pod: 'nvidia-dcgm-exporter-aaaaa', namespace: 'gpu-operator', instance: '10.244.1.5:9400' } },
              { address: await page(migPage), labels: { pod: 'nvidia-dcgm-exporter-bbbbb', namespace: 'gpu-operator', instance: '10.244.2.5:9400' } },
              { address: await page(dcgmPage({ host: 'nvidia-dcgm-exporter-km55s', reserved: false, util: [50] })), labels: { instance: '10.244.3.5:9400' } },
              { address: await page(dcgmPage({ host: 'gpu-4', hostLabel: 'hostname', util: [70] })), labels: { instance: '10.244.4.5:9400' } },
            ],
          },
          {
            job: 'kube-state-metrics',
            targets: [{ address: await page(kubeStatePage), labels: { namespace: 'monitoring', pod: 'kube-state-metrics-0', node: 'gpu-9' } }],
          },
          { job: 'kubelet', targets: [{ address: cadvisor.address }] },
          { job: 'kubelet-again', targets: [{ address: cadvisor.address }] },
          {
            job: 'inference',
            targets: [
              { address: python.address, labels: { namespace: 'ai', app: 'resnet50', pod: 'resnet50-a' } },
              { address: go.address, labels: { namespace: 'ai', app: 'resnet50', pod: 'resnet50-b' } },
            ],
          },
          // A ServiceMonitor tells the Service and no app.
          { job: 'ai/whisper', targets: [{ address: python.address, labels: { namespace: 'ai', service: 'whisper', pod: 'whisper-a' } }] },
        ],
      }),
    );
    prometheus = createPrometheusClient(urlRoad(real.url));
    // Rates need two scrapes of everything.
    for (const deadline = Date.now() + 30_000; ; ) {
      const { value } = await prometheus.query('min(count_over_time(up{job!="dead"}[1m]))');
      if ((value[0]?.value ?? 0) >= 4) break;
      if (Date.now() > deadline) throw new Error('Prometheus does not scrape');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  afterAll(async () => {
    for (const thing of ending.reverse()) await thing[Symbol.asyncDispose]();
  });

  async function answered(id: string): Promise<readonly Sample[]> {
    return (await prometheus.query(filled(catalogueQuery(id)))).value;
  }

  async function by(id: string, ...labels: readonly string[]): Promise<Readonly<Record<string, number | null>>> {
    const samples = await answered(id);
    return Object.fromEntries(samples.map((sample) => [labels.map((label) => sample.labels.get(label) ?? '').join(' '), sample.value]));
  }

  it.each(catalogue.map((query) => [query.id, query] as const))('%s is accepted', async (_, query) => {
    await expect(prometheus.query(filled(query))).resolves.toBeDefined();
    await expect(prometheus.query(filled(query, 'resnet50|whisper'))).resolves.toBeDefined();
  });

  it('gives data for everything whose exporters run', async () => {
    const silent: string[] = [];
    for (const query of catalogue) if ((await answered(query.id)).length === 0) silent.push(query.id);
    // Whether a disk here will be full within a day is this machine's own matter.
    const asked = (id: string) => id !== 'disk-full-within-a-day' && !/-(?:vllm|tgi|triton|kserve|torchserve|fastapi)$/.test(id);
    expect(silent.filter(asked)).toEqual(silentHere);
  });

  it('calls a machine by the node label, and by its host name where there is none', async () => {
    const { hostname } = await import('node:os');
    expect(Object.keys(await by('node-cpu', 'node')).sort()).toEqual(['gpu-1', hostname()].sort());
    expect(Object.keys(await by('node-memory', 'node')).sort()).toEqual(['gpu-1', hostname()].sort());
  });

  it('knows the node of a GPU whichever way the exporter tells it', async () => {
    expect(await by('gpu-utilisation', 'node', 'gpu', 'GPU_I_ID')).toEqual({
      'gpu-1 0 ': 91,
      'gpu-1 1 ': 12,
      'gpu-2 0 1': 25,
      'gpu-2 0 2': 50,
      'gpu-3 0 ': 50,
      'gpu-4 0 ': 70,
    });
  });

  it('knows how much of a GPU’s memory is used without being told what is reserved', async () => {
    const memory = await by('gpu-memory', 'node', 'gpu', 'GPU_I_ID');
    expect(memory['gpu-3 0 ']).toBeCloseTo(50, 5);
    expect(memory['gpu-4 0 ']).toBeCloseTo((100 * 28_000) / 40_960, 5);
    expect(memory['gpu-2 0 1']).toBeCloseTo(5, 5);
  });

  it('gives a GPU to the pod that holds it and never to the exporter', async () => {
    expect(await by('gpu-by-pod', 'namespace', 'pod', 'node', 'gpu')).toMatchObject({ 'ai resnet50-6d5f-abcde gpu-1 0': 91, '  gpu-1 1': 12 });
  });

  it('counts a container once that the kubelet tells of twice', async () => {
    const at = Date.now();
    const once = await prometheus.query('rate(container_cpu_usage_seconds_total{container="server",job="kubelet"}[5m])', { at });
    const pods = await prometheus.query(filled(catalogueQuery('pod-cpu')), { at });
    expect(pods.value[0]?.value).toBeGreaterThan(0);
    // The two jobs scrape at different moments.
    expect((pods.value[0]?.value ?? 0) / (once.value[0]?.value ?? 1)).toBeLessThan(1.6);
    expect(await by('pod-memory', 'namespace', 'pod')).toEqual({ 'ai resnet50-6d5f-abcde': 2 ** 30 });
  });

  it('knows objects by their own labels where honor_labels is not set', async () => {
    expect(await by('gpus-missing', 'node')).toEqual({ 'gpu-1': 1 });
    expect(await by('pods-evicted')).toEqual({ '': 2 });
    expect(await by('pod-phase', 'namespace', 'pod', 'phase')).toEqual({ 'ai resnet50-6d5f-abcde Running': 1 });
  });

  it('puts replicas in Python and Go together, and calls a service by what it has', async () => {
    const p50 = await by('latency-p50-inference', 'namespace', 'app');
    expect(Object.keys(p50).sort()).toEqual(['ai resnet50', 'ai whisper']);
    expect(p50['ai resnet50']).toBeCloseTo(0.0375, 3);
  });

  it('counts a job with a dead target', async () => {
    expect(await by('targets-down', 'job')).toEqual({ dead: 1 });
  });
});

/** No file system here is full within a day, and nothing restarted within the hour. */
const silentHere = ['pod-restarts'];
