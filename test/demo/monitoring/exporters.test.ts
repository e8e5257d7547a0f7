import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { listAt, textAt, textsAt } from '../../../src/demo/fields.js';
import { startDemoMonitoring } from '../../../src/demo/monitoring/start.js';
import type { DemoMonitoring } from '../../../src/demo/monitoring/world.js';
import { prometheusInstalled, startRealPrometheus, until } from './real-prometheus.js';
import { aWorld } from './world.js';

let monitoring: DemoMonitoring | null = null;

afterEach(async () => {
  await monitoring?.close();
  monitoring = null;
});

describe.skipIf(!prometheusInstalled)('the exporters, seen by a real Prometheus', () => {
  test('every page is well-formed for promtool', async () => {
    monitoring = await startDemoMonitoring(aWorld());
    const complaints: string[] = [];
    for (const { job, url } of monitoring.exporters) {
      const page = await (await fetch(url)).text();
      const { stderr } = spawnSync('/usr/bin/promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
      complaints.push(
        ...stderr
          .split('\n')
          .filter((line) => line !== '' && !knownHabits.some((habit) => habit.test(line)))
          .map((line) => `${job}: ${line}`),
      );
    }
    expect(complaints).toEqual([]);
  });

  test('it scrapes them all, sees what the demo sees, and notices the one that is down', async () => {
    const world = aWorld();
    monitoring = await startDemoMonitoring(world);
    world.faults.targetsDown.set('dcgm-exporter/gpu-2:9400', 'Get "http://10.0.0.12:9400/metrics": dial tcp 10.0.0.12:9400: connect: connection refused');
    const real = await startRealPrometheus(configurationFor(monitoring));
    try {
      const all = monitoring.exporters.length;
      await until(async () => rowsOf(await ask(real.url, 'up')).length === all, 'all targets to be scraped');
      expect(rowsOf(await ask(real.url, 'up == 0'))).toEqual(['{"__name__":"up","instance":"gpu-2:9400","job":"dcgm-exporter"} 0']);
      for (const query of agreeing)
        expect(rowsOf(await ask(real.url, query))).toEqual(rowsOf(await ask(monitoring.prometheusUrl, query, world.startedAt / 1000)));
    } finally {
      await real.close();
    }
  }, 30_000);
});

// Names that the real exporters use although promtool's style check would like others.
const knownHabits = [
  /non-histogram and non-summary metrics should not have/,
  /counter metrics should have "_total" suffix/,
  /non-counter metrics should not have "_total" suffix/,
  /metric names should not contain/,
  /no help text/,
  /use base unit/,
  /abbreviated/,
  /should not include type/,
  /camelCase/,
];

const agreeing = [
  'count by (job) (up)',
  'sum by (node) (kube_node_status_capacity{resource="nvidia_com_gpu"})',
  'sum by (modelName) (DCGM_FI_DEV_FB_RESERVED{instance!="gpu-2:9400"})',
  'sum by (namespace) (kube_pod_status_phase{phase="Running"})',
  'count(node_cpu_seconds_total)',
  'min(node_memory_MemTotal_bytes)',
];

function configurationFor({ exporters }: DemoMonitoring): string {
  const lines = ['global: {scrape_interval: 1s, scrape_timeout: 1s}', 'scrape_configs:'];
  for (const [index, { job, instance, url }] of exporters.entries()) {
    const { host, pathname } = new URL(url);
    lines.push(
      `- {job_name: "${index}", honor_labels: ${job === 'kube-state-metrics'}, metrics_path: "${pathname}", static_configs: [{targets: ["${host}"], labels: {job: ${job}, instance: "${instance}"}}]}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function ask(url: string, query: string, time?: number): Promise<unknown> {
  const parameters = new URLSearchParams({ query, ...(time === undefined ? {} : { time: String(time) }) });
  return (await fetch(`${url}/api/v1/query?${parameters}`)).json();
}

function rowsOf(answer: unknown): string[] {
  expect(textAt(answer, 'status')).toBe('success');
  return listAt(answer, 'data', 'result')
    .map((row) => `${JSON.stringify(textsAt(row, 'metric'))} ${listAt(row, 'value')[1]}`)
    .sort();
}
