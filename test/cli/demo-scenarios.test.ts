import { describe, expect, it } from 'vitest';
import { type CheckCommand, runCheck } from '../../src/cli/check.js';
import { runNodes } from '../../src/cli/nodes.js';
import { runTargets } from '../../src/cli/targets.js';
import { until } from '../kube/until.js';
import { hasPrometheus, realPrometheus } from '../prometheus/real-prometheus.js';
import { demoSession } from './demo-session.js';
import { written } from './written.js';

const once: CheckCommand = { output: 'text', only: null, waitMs: null, failOn: 'critical' };

describe('check on the demo cluster', () => {
  it('finds nothing wrong with the healthy one', async () => {
    await using demo = await demoSession({ scenario: 'healthy' });
    const out = written();
    expect(await runCheck(demo.session, once, out)).toBe(0);
    expect(demo.session.snapshot().report.value?.findings.filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
    expect(out.text()).toMatch(/^✓ good: everything came back/);
    expect(out.errors()).toBe('');
  });

  it('names the node, 0 of 8 and the device plugin where GPUs are lost, as one cause', async () => {
    await using demo = await demoSession({ scenario: 'gpu-lost' });
    const out = written();
    expect(await runCheck(demo.session, once, out)).toBe(1);
    expect(demo.session.snapshot().report.value?.causes).toHaveLength(1);
    expect(out.text()).toContain('(1 cause, ');
    expect(out.text().replace(/\s+/g, ' ')).toMatch(/✗ gpu-2 registers 0 of 8 GPUs: its device plugin runs without the nvidia runtime class/);
  });

  it('ends at once where the API server refuses, and waits for it when told to', async () => {
    await using demo = await demoSession({ scenario: 'api-down', speed: 10 });
    const [now, later] = [written(), written()];
    const started = performance.now();
    expect(await runCheck(demo.session, once, now)).toBe(2);
    expect(performance.now() - started).toBeLessThan(1500);
    expect(now.errors()).toMatch(/^gpuk8s-tui: cannot reach demo \(https:\/\/127\.0\.0\.1:\d+\): .*refuse[^\n]*\n$/);
    expect(await runCheck(demo.session, { ...once, waitMs: 120_000 }, later)).toBe(0);
    expect(later.errors()).toMatch(/ good after \d+s\n$/);
  });

  it('is degraded, not good, without monitoring, and says which pods are the reason', async () => {
    await using demo = await demoSession({ scenario: 'monitoring-down' });
    const out = written();
    expect(await runCheck(demo.session, once, out)).toBe(0);
    expect(out.text()).toMatch(/^! degraded/);
    expect(out.text()).toMatch(/prometheus-kps-prometheus-0 .*crashes again and again/);
    expect(out.text()).toContain('Prometheus does not answer: service monitoring/prometheus-operated has no ready pods');
    expect(await runTargets(demo.session, { output: 'text' }, written())).toBe(2);
  });

  it('counts 10,000 evicted pods', async () => {
    await using demo = await demoSession({ scenario: 'evictions' });
    const out = written();
    expect(await runCheck(demo.session, once, out)).toBe(0);
    expect(out.text()).toContain('! 10,000 evicted pods lie about');
  });

  it('follows a cluster that comes back, from an API server that refuses to the last node', async () => {
    await using demo = await demoSession({ scenario: 'rebooting', speed: 4 });
    expect(await runCheck(demo.session, once, written())).toBe(2);
    const out = written();
    expect(await runCheck(demo.session, { ...once, waitMs: 120_000 }, out)).toBe(0);
    expect(out.errors()).toMatch(/^\d\d:\d\d:\d\d unknown: The API server .* refuses connections$/m);
    expect(out.errors()).toMatch(/^\d\d:\d\d:\d\d failed: .*gpu-2/m);
    expect(out.text()).toMatch(/^✓ good/);
  });

  it('says what a view-only user cannot see', async () => {
    await using demo = await demoSession({ scenario: 'healthy' }, { asViewer: true });
    const out = written();
    expect(await runCheck(demo.session, once, out)).toBe(2);
    expect(out.text()).toContain('? not allowed to list nodes');
    expect(out.errors()).toContain('could not see enough to say: not allowed to list nodes');
    const nodes = written();
    expect(await runNodes(demo.session, { output: 'json' }, nodes)).toBe(2);
    expect(nodes.errors()).toBe('gpuk8s-tui: cannot show the nodes: not allowed to list nodes\n');
  });
});

describe.skipIf(!hasPrometheus)('a real Prometheus', () => {
  it("is reached through the demo cluster's service proxy", async () => {
    await using real = await realPrometheus();
    await using demo = await demoSession({ scenario: 'healthy', prometheusUrl: real.url });
    await until(() => demo.session.snapshot().targets.value?.filter(({ health }) => health !== 'unknown').length === 2, 30_000);
    const out = written();
    expect(await runTargets(demo.session, { output: 'json' }, out)).toBe(0);
    expect(out.json()).toMatchObject({
      prometheus: { version: expect.stringMatching(/^2\./) },
      targets: [
        { job: 'dead', health: 'down', lastError: expect.stringContaining('connection refused') },
        { job: 'prometheus', health: 'up', lastError: null },
      ],
    });
  });
});
