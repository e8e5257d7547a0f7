import { afterEach, describe, expect, test } from 'vitest';
import { type Asking, ask } from './asking.js';
import { ago, aPod, aWorld } from './world.js';

let asking: Asking | null = null;

afterEach(async () => {
  await asking?.close();
  asking = null;
});

const p95 = 'histogram_quantile(0.95, sum by (le, app) (rate(inference_latency_seconds_bucket[5m])))';
const requests = 'sum by (app) (rate(inference_requests_total[5m]))';

describe('scaling a service', () => {
  test('up makes it serve more, use more GPUs and answer later; down the other way round', async () => {
    const world = aWorld();
    asking = await ask(world);
    const before = { p95: await asking.values(p95), requests: await asking.values(requests), busy: (await asking.values('DCGM_FI_DEV_GPU_UTIL > 5')).size };
    for (const index of [4, 5, 6, 7, 8])
      world.store.create('pods', aPod('ai', `resnet50-inference-${index}`, 'gpu-1', { app: 'resnet50-inference', gpus: 1, since: 0 }));
    world.pass(600);
    const after = { p95: await asking.values(p95), requests: await asking.values(requests), busy: (await asking.values('DCGM_FI_DEV_GPU_UTIL > 5')).size };
    expect(after.p95.get('resnet50-inference')).toBeGreaterThan(1.3 * (before.p95.get('resnet50-inference') ?? 0));
    expect(after.requests.get('resnet50-inference')).toBeGreaterThan(1.5 * (before.requests.get('resnet50-inference') ?? 0));
    expect(after.busy).toBe(before.busy + 5);
    for (const index of [2, 3, 4, 5, 6, 7, 8]) world.store.remove('pods', `resnet50-inference-${index}`, 'ai');
    world.pass(600);
    expect((await asking.values(p95)).get('resnet50-inference')).toBeLessThan(0.8 * (before.p95.get('resnet50-inference') ?? 0));
    expect((await asking.values('DCGM_FI_DEV_GPU_UTIL > 5')).size).toBe(2);
  });

  test('changes the chart from then on and leaves the past as it was', async () => {
    const world = aWorld();
    asking = await ask(world);
    const past = (await asking.chart(requests, 900)).get('resnet50-inference') ?? [];
    for (const index of [4, 5, 6, 7, 8])
      world.store.create('pods', aPod('ai', `resnet50-inference-${index}`, 'gpu-1', { app: 'resnet50-inference', gpus: 1, since: 0 }));
    world.pass(900);
    const both = (await asking.chart(requests, 1800)).get('resnet50-inference') ?? [];
    expect(both.slice(0, 60)).toEqual(past.slice(0, 60));
    expect(both.at(-1)).toBeGreaterThan(1.5 * (both[0] ?? 0));
  });

  test('shows in the replicas that kube-state-metrics tells, from then on', async () => {
    const world = aWorld();
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'resnet50-inference', namespace: 'ai', creationTimestamp: ago(86_400) } };
    const created = world.store.create('deployments.apps', { ...deployment, spec: { replicas: 3 }, status: { readyReplicas: 3 } });
    asking = await ask(world);
    world.store.update('deployments.apps', { ...created, spec: { replicas: 8 }, status: {} });
    world.pass(60);
    expect([...(await asking.chart('kube_deployment_spec_replicas', 120, 60)).values()]).toEqual([[3, 3, 8]]);
    expect([...(await asking.values('kube_deployment_status_replicas_ready')).values()]).toEqual([0]);
  });

  test('keeps the sums of replicas that are gone in the past', async () => {
    const world = aWorld();
    asking = await ask(world);
    const before = (await asking.values('count(inference_queue_depth{app="resnet50-inference"})')).get('');
    world.store.remove('pods', 'resnet50-inference-3', 'ai');
    world.pass(120);
    expect([...(await asking.chart('count(inference_queue_depth{app="resnet50-inference"})', 300, 60)).values()]).toEqual([
      [before, before, before, 3, 2, 2].slice(0, 6),
    ]);
  });
});

describe('the series', () => {
  test('go back a day, move, and counters never fall', async () => {
    asking = await ask(aWorld());
    for (const [name, points] of await asking.chart(
      '{__name__=~"node_cpu_seconds_total|inference_.*_(total|count|sum|bucket)|container_cpu_usage_seconds_total", cpu=~"|0|1"}',
      86_400 - 600,
      600,
    )) {
      expect(points.length, name).toBe(144);
      expect(
        points.every((point, index) => index === 0 || point >= (points[index - 1] ?? 0)),
        name,
      ).toBe(true);
    }
    for (const [name, points] of await asking.chart(p95, 1800)) expect(new Set(points).size, name).toBeGreaterThan(60);
  });

  test('of a node add up: its cores are never busier than there is time', async () => {
    asking = await ask(aWorld());
    const sums = await asking.chart('sum by (instance, cpu) (rate(node_cpu_seconds_total[5m]))', 3600, 300);
    expect(sums.size).toBe(192);
    for (const points of sums.values()) for (const point of points) expect(point).toBeCloseTo(1, 1);
  });

  test('of a GPU carry the pod that holds it', async () => {
    asking = await ask(aWorld());
    const held = await asking.values('count by (Hostname, pod) (DCGM_FI_DEV_GPU_UTIL{pod!=""})');
    expect([...held]).toEqual([
      ['gpu-1 resnet50-inference-1', 1],
      ['gpu-1 resnet50-inference-2', 1],
      ['gpu-1 resnet50-inference-3', 1],
      ['gpu-2 whisper-inference-1', 1],
    ]);
    expect([...(await asking.values('count(DCGM_FI_DEV_GPU_UTIL)')).values()]).toEqual([17]);
    const memory = await asking.values('DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE + DCGM_FI_DEV_FB_RESERVED');
    expect(new Set(memory.values())).toEqual(new Set([81_920]));
  });

  test('begin anew with the machine after a reboot', async () => {
    const world = aWorld();
    asking = await ask(world);
    await asking.values('up');
    const node = world.store.get('nodes', 'gpu-2');
    if (node === null) throw new Error('no node');
    world.bootedAt = () => (world.now?.() ?? 0) - 60_000;
    world.store.update('nodes', { ...node, status: { ...Object(node['status']), nodeInfo: { bootID: 'another' } } });
    world.pass(120);
    expect((await asking.values('time() - node_boot_time_seconds{node="gpu-2"}')).values().next().value).toBeCloseTo(180, 0);
    expect([...(await asking.values('resets(node_context_switches_total{node="gpu-2"}[5m])')).values()]).toEqual([1]);
  });
});
