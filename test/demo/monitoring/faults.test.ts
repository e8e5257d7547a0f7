import { afterEach, describe, expect, test } from 'vitest';
import { fieldsAt, listAt, textAt } from '../../../src/demo/fields.js';
import { type Asking, ask } from './asking.js';
import { ago, aNode, aPod, aWorld } from './world.js';

let asking: Asking | null = null;

afterEach(async () => {
  await asking?.close();
  asking = null;
});

async function targets(): Promise<Map<string, { health: string | null; error: string | null; lastScrape: string | null }>> {
  const { body } = (await asking?.get('/api/v1/targets?state=active')) ?? { body: null };
  return new Map(
    listAt(body, 'data', 'activeTargets').map((target) => [
      `${textAt(target, 'labels', 'job')}/${textAt(target, 'labels', 'instance')}`,
      { health: textAt(target, 'health'), error: textAt(target, 'lastError'), lastScrape: textAt(target, 'lastScrape') },
    ]),
  );
}

async function alerts(): Promise<string[]> {
  const { body } = (await asking?.get('/api/v1/alerts')) ?? { body: null };
  return listAt(body, 'data', 'alerts').map(
    (alert) =>
      `${textAt(alert, 'labels', 'alertname')} ${textAt(alert, 'labels', 'instance') ?? textAt(alert, 'labels', 'node') ?? ''} ${textAt(alert, 'state')}`,
  );
}

describe('on a healthy cluster', () => {
  test('all targets are up, none alerts, and scrapes go on every fifteen seconds', async () => {
    const world = aWorld();
    asking = await ask(world);
    const before = await targets();
    expect(before.size).toBe(21);
    expect([...before.values()].every(({ health, error }) => health === 'up' && error === '')).toBe(true);
    expect(await alerts()).toEqual([]);
    world.pass(15);
    const after = await targets();
    for (const [name, { lastScrape }] of after) expect(Date.parse(lastScrape ?? '') - Date.parse(before.get(name)?.lastScrape ?? '')).toBe(15_000);
  });
});

describe('a target that cannot be scraped', () => {
  test("is down with the scenario's error, its series end, and an alert follows", async () => {
    const world = aWorld();
    asking = await ask(world);
    await targets();
    world.faults.targetsDown.set('dcgm-exporter/gpu-2:9400', 'Get "http://10.0.0.12:9400/metrics": dial tcp 10.0.0.12:9400: connect: connection refused');
    await targets();
    world.pass(60);
    expect((await targets()).get('dcgm-exporter/gpu-2:9400')).toMatchObject({ health: 'down', error: expect.stringContaining('connection refused') });
    expect([...(await asking.values('up{job="dcgm-exporter"} == 0')).keys()]).toEqual(['up gpu-2:9400 dcgm-exporter gpu-2']);
    expect((await asking.values('count by (instance) (DCGM_FI_DEV_GPU_UTIL)')).has('gpu-2:9400')).toBe(false);
    expect((await asking.values('count by (instance) (count_over_time(DCGM_FI_DEV_GPU_UTIL[5m]))')).get('gpu-2:9400')).toBe(8);
    expect(await alerts()).toEqual(['TargetDown gpu-2:9400 pending']);
    world.pass(300);
    expect(await alerts()).toEqual(['TargetDown gpu-2:9400 firing']);
    world.faults.targetsDown.clear();
    world.pass(30);
    await targets();
    world.pass(30);
    expect((await targets()).get('dcgm-exporter/gpu-2:9400')).toMatchObject({ health: 'up', error: '' });
    expect(await alerts()).toEqual([]);
  });

  test('is one whose pod is not ready', async () => {
    const world = aWorld();
    world.store.remove('pods', 'dcgm-exporter-gpu-2', 'monitoring');
    world.store.create('pods', aPod('monitoring', 'dcgm-exporter-gpu-2', 'gpu-2', { app: 'dcgm-exporter', ready: false, since: 900 }));
    asking = await ask(world);
    const target = (await targets()).get('dcgm-exporter/gpu-2:9400');
    expect(target?.health).toBe('down');
    expect(target?.error).toMatch(/^Get "http:\/\/10\.244\.1\.\d+:9400\/metrics": dial tcp 10\.244\.1\.\d+:9400: connect: connection refused$/);
    expect(await alerts()).toEqual(['TargetDown gpu-2:9400 firing']);
  });

  test('is each one on a node that does not answer', async () => {
    const world = aWorld();
    world.store.remove('nodes', 'gpu-2');
    world.store.create('nodes', aNode('gpu-2', 8, false));
    asking = await ask(world);
    const down = [...(await targets())].filter(([, { health }]) => health === 'down');
    expect(down.map(([name]) => name).filter((name) => name.includes('gpu-2'))).toEqual([
      'kubelet/gpu-2:10250',
      'kubelet-cadvisor/gpu-2:10250',
      'node-exporter/gpu-2:9100',
      'dcgm-exporter/gpu-2:9400',
    ]);
    expect(down[0]?.[1].error).toContain('context deadline exceeded');
  });

  test('does not answer a real scraper either', async () => {
    const world = aWorld();
    asking = await ask(world);
    world.faults.targetsDown.set('node-exporter/gpu-1:9100', 'server returned HTTP status 503 Service Unavailable');
    world.faults.targetsDown.set('node-exporter/gpu-2:9100', 'connection refused');
    const url = (instance: string): string => asking?.exporters.find((exporter) => exporter.instance === instance)?.url ?? '';
    expect((await fetch(url('gpu-1:9100'))).status).toBe(503);
    await expect(fetch(url('gpu-2:9100'))).rejects.toThrow();
  });
});

test('GPUs that a node no longer offers raise GpuMissing, dated from its boot', async () => {
  const world = aWorld();
  const lost = aNode('gpu-2', 8);
  const status = fieldsAt(lost, 'status');
  world.store.remove('nodes', 'gpu-2');
  world.store.create('nodes', { ...lost, status: { ...status, allocatable: { ...fieldsAt(status, 'capacity'), 'nvidia.com/gpu': '0' } } });
  world.bootedAt = () => Date.parse(ago(200));
  asking = await ask(world);
  expect(await alerts()).toEqual(['GpuMissing gpu-2 pending']);
  world.pass(200);
  expect(await alerts()).toEqual(['GpuMissing gpu-2 firing']);
});

test('while Prometheus replays its log it says it is healthy and refuses everything else', async () => {
  const world = aWorld();
  asking = await ask(world);
  world.faults.prometheusDown = true;
  expect(await asking.get('/-/healthy')).toMatchObject({ status: 200 });
  for (const path of ['/-/ready', '/api/v1/targets', '/api/v1/query?query=up', '/'])
    expect(await asking.get(path)).toEqual({ status: 503, body: 'Service Unavailable' });
  world.faults.prometheusDown = false;
  expect(await asking.get('/-/ready')).toMatchObject({ status: 200 });
});

test('a Grafana that is down closes the connection', async () => {
  const world = aWorld();
  asking = await ask(world);
  expect((await fetch(`${asking.grafanaUrl}/api/health`)).status).toBe(200);
  world.faults.grafanaDown = true;
  await expect(fetch(`${asking.grafanaUrl}/api/health`)).rejects.toThrow();
});
