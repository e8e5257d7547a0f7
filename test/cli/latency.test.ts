import { describe, expect, it } from 'vitest';
import { runLatency } from '../../src/cli/latency.js';
import { absent, stale } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aSession } from '../builders/fake-session.js';
import { threeServices } from '../builders/latency.js';
import { now } from '../builders/snapshot.js';
import { aLab } from '../checks/lab.js';
import { until } from '../kube/until.js';
import { demoSession } from './demo-session.js';
import { written } from './written.js';

function lab(latency: ClusterSnapshot['latency']): ClusterSnapshot {
  return { ...aLab({ latency }), at: now };
}

describe('latency', () => {
  it('as JSON says each number with its unit', async () => {
    const out = written();
    expect(await runLatency(aSession(lab(threeServices())), { output: 'json' }, out)).toBe(0);
    const said = out.json();
    expect(said).toMatchObject({ schemaVersion: 1, at: new Date(now).toISOString() });
    expect(said).toHaveProperty(
      'services.0',
      expect.objectContaining({
        service: 'ai/resnet50-inference',
        p95Seconds: 0.038,
        requestsPerSecond: 212,
        replicas: { ready: 3, wanted: 3 },
        sloSeconds: 0.1,
        why: null,
      }),
    );
    expect(said).toHaveProperty('services.0.trend', expect.objectContaining({ measure: 'p95', stepSeconds: expect.any(Number) }));
    expect(said).toHaveProperty('services.2', expect.objectContaining({ p95Seconds: null, why: '0 replicas ready' }));
  });

  it('as text is a table with the last half hour as a line', async () => {
    const out = written();
    await runLatency(aSession(lab(threeServices())), { output: 'text' }, out);
    const lines = out.text().split('\n');
    expect(lines[2]).toMatch(/^SERVICE +P50 +P95 +P99 +MEAN +REQ\/S +ERR\/S +QUEUE +REPLICAS +LAST 30 MIN$/);
    expect(lines[3]).toMatch(/^ai\/resnet50-inference +21 ms +38 ms +71 ms +24 ms +212 +0 +2 +3\/3 +[▁-█]+$/);
    expect(lines[4]).toMatch(/p95 above 50 ms$/);
    expect(lines[5]).toMatch(/^ai\/whisper-inference +– +– .* 0\/1 .* no data: 0 replicas ready$/);
  });

  it.each([
    [
      'there is nothing to look at',
      absent<never>('no Prometheus found; no pod looks as if it measured its latency'),
      'cannot show latency: no Prometheus found; no pod looks as if it measured its latency',
    ],
    [
      'it is old',
      stale({ services: [], sources: [], notes: [] }, now - 240_000, 'connection refused'),
      'cannot show latency: last read 4m ago, connection refused',
    ],
  ])('ends with 2, no services and a sentence when %s', async (_, slice, sentence) => {
    const out = written();
    expect(await runLatency(aSession(lab(slice)), { output: 'json' }, out)).toBe(2);
    expect(out.json()).toEqual({ schemaVersion: 1, at: null, sources: [], notes: [sentence], services: [] });
    expect(out.errors()).toBe(`gpuk8s-tui: ${sentence}\n`);
  });

  it('--watch prints one line of JSON after the other until it is ended', async () => {
    const out = written();
    const ending = new AbortController();
    const running = runLatency(aSession(lab(threeServices())), { output: 'json', watchMs: 5, signal: ending.signal }, out);
    await until(() => out.text().split('\n').length > 3);
    ending.abort();
    expect(await running).toBe(0);
    for (const text of out.text().trim().split('\n')) expect(JSON.parse(text)).toMatchObject({ schemaVersion: 1 });
  });

  it('of the demo is filled within a second of opening the screen', { timeout: 30_000 }, async () => {
    await using demo = await demoSession({ scenario: 'healthy' });
    const { session } = demo;
    session.lookAt('nodes');
    const read = () => session.snapshot().latency;
    const before = await until(() => (read().value !== null ? read() : null), 15_000);
    const asked = performance.now();
    session.lookAt('latency');
    await until(() => read() !== before, 10_000);
    const row = await until(() => session.snapshot().latency.value?.services.find(({ id }) => id === 'ai/resnet50-inference'), 10_000);
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(row.trend.values.filter((value) => value !== null).length).toBeGreaterThan(170);
    expect(row.p95).not.toBeNull();
  });
});
