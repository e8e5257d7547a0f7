import { afterEach, describe, expect, it, vi } from 'vitest';
import { inferenceService } from './inference-services.js';
import { latencyLab, podName } from './latency-lab.js';
import { hasPrometheus, realPrometheus } from './real-prometheus.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe.skipIf(!hasPrometheus)('where the clocks here and at Prometheus differ', () => {
  it.each([
    ['ours is seven minutes ahead', 420_000],
    ['ours is an hour behind', -3_600_000],
  ])('services are live all the same, and dated by ours: %s', { timeout: 60_000 }, async (_, aheadMs) => {
    await using service = await inferenceService();
    service.load(40, 0.03);
    const job = { job: 'inference', targets: [{ address: service.address, labels: { namespace: 'ai', pod: podName('resnet50', 0), app: 'resnet50' } }] };
    await using real = await realPrometheus({ onlyJobs: true, jobs: [job] });
    const theirs = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => theirs() + aheadMs);
    await using lab = await latencyLab({ prometheusUrl: real.url, pods: { resnet50: [service] } });
    await lab.seen(() => (lab.row('ai/resnet50')?.p95 ?? null) !== null && lab.row('ai/resnet50')?.trend.values.at(-1) != null);
    const row = lab.row('ai/resnet50');
    expect(row).toMatchObject({ why: null });
    expect(Math.abs(Date.now() - (row?.sampledAt ?? 0))).toBeLessThan(10_000);
  });
});
