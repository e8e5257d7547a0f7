import { describe, expect, it } from 'vitest';
import { makeReport } from '../../src/checks/report.js';
import { type CheckCommand, runCheck } from '../../src/cli/check.js';
import { denied, live } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { widthOf } from '../../src/text/width.js';
import { aSession } from '../builders/fake-session.js';
import { aSnapshot, now } from '../builders/snapshot.js';
import { aLab, aLabWithoutGpusOnGpu2, nodes } from '../checks/lab.js';
import { written } from './written.js';

const once: CheckCommand = { output: 'text', only: null, waitMs: null, failOn: 'critical' };

/** A snapshot with its report, as the session shows it. */
function judged(snapshot: ClusterSnapshot): ClusterSnapshot {
  return { ...snapshot, report: live(makeReport(snapshot, {}, now), now) };
}

const cordoned = judged(aLab({ nodes: nodes({ 'gpu-1': { unschedulable: true } }) }));
const refused = judged(
  aSnapshot({
    connection: {
      status: 'lost',
      context: 'lab',
      server: 'https://10.0.0.10:6443',
      since: now,
      kind: 'unreachable',
      why: 'connection refused',
      fix: 'is the kubelet of the control plane up?',
      nextTryAt: now,
    },
  }),
);

async function check(snapshot: ClusterSnapshot, options: Partial<CheckCommand> = {}, isTty = false) {
  const out = written({ isTty });
  const code = await runCheck(aSession(snapshot), { ...once, ...options }, out);
  return { code, out };
}

describe('check ends', () => {
  it('with 0 when all is well', async () => expect((await check(judged(aLab()))).code).toBe(0));
  it('with 1 when a critical check fails', async () => expect((await check(judged(aLabWithoutGpusOnGpu2()))).code).toBe(1));
  it('with 0 for warnings, and with 1 where they count', async () => {
    expect((await check(cordoned)).code).toBe(0);
    expect((await check(cordoned, { failOn: 'warning' })).code).toBe(1);
  });
  it('with 2 at once when the API server refuses, with one sentence on stderr', async () => {
    const { code, out } = await check(refused);
    expect(code).toBe(2);
    expect(out.errors()).toBe('gpuk8s-tui: cannot reach lab (https://10.0.0.10:6443): connection refused; is the kubelet of the control plane up?\n');
    expect(out.text()).toBe('? unknown: too little could be seen to say  lab  10.0.0.10:6443\n');
  });
  it('with 2 when nodes may not be seen, and says so', async () => {
    const { code, out } = await check(judged(aLab({ nodes: denied('list', 'nodes') })));
    expect(code).toBe(2);
    expect(out.errors()).toContain('could not see enough to say: not allowed to list nodes');
    expect(out.text()).toContain('? not allowed to list nodes [node-ready, kubelet-heartbeat');
  });
  it('with 2 when there is no kubeconfig', async () => {
    const { code, out } = await check(judged(aSnapshot({ connection: { status: 'unconfigured', looked: ['KUBECONFIG', '~/.kube/config'] } })), {
      output: 'json',
    });
    expect(code).toBe(2);
    expect(out.errors()).toContain('no kubeconfig found (looked at KUBECONFIG, ~/.kube/config)');
    expect(out.json()).toMatchObject({ verdict: 'unknown', context: null, cluster: { server: null, version: null } });
  });
  it('with 2 for a check that does not exist', async () => {
    const { code, out } = await check(judged(aLab()), { only: 'gpu-cuont' });
    expect(code).toBe(2);
    expect(out.errors()).toContain('no check is called gpu-cuont; there are apiserver-ready,');
  });
});

describe('check as JSON', () => {
  it('has the documented shape and nothing else on stdout', async () => {
    const { out } = await check(judged(aLabWithoutGpusOnGpu2()), { output: 'json' });
    const body = out.json();
    expect(body).toMatchObject({
      schemaVersion: 2,
      context: 'lab',
      cluster: { server: 'https://10.0.0.10:6443', version: 'v1.36.2' },
      verdict: 'failed',
      counts: { fail: 2 },
    });
    expect(body).toHaveProperty('checks');
    const text = JSON.stringify(body);
    expect(text).toContain('{"id":"node-ready","object":"node/gpu-2","status":"pass","severity":"critical","message":"Ready","fix":null,"evidence":[]}');
    expect(text).toMatch(/"id":"gpu-count","object":"node\/gpu-2","status":"fail","severity":"critical","message":"gpu-2: 0 of 8 nvidia\.com\/gpu allocatable/);
    expect(text).not.toContain('explain');
  });
});

describe('check as text', () => {
  it('tells the cause first, with its fix and what follows from it', async () => {
    const { out } = await check(judged(aLabWithoutGpusOnGpu2()));
    const [page = ''] = out.text().split('\n\n✓');
    expect(page).toMatchInlineSnapshot(`
      "✗ failed: not everything came back (1 cause, 7 consequences)  lab  10.0.0.10:6443  v1.36.2

      ✗ gpu-2 registers 0 of 8 GPUs: its device plugin runs without the nvidia runtime class
        (CrashLoopBackOff, 7 restarts) [device-plugin]
        fix      Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin-daemonset
                 $ kubectl --context lab -n kube-system patch daemonset nvidia-device-plugin-daemonset --type=merge -p '{"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}}}'
        follows  ✗ gpu-2: 0 of 8 nvidia.com/gpu allocatable; its device plugin pod
                   kube-system/nvidia-device-plugin-daemonset-gpu-2 is not ready (CrashLoopBackOff, 7
                   restarts)
                 ! DaemonSet monitoring/dcgm-exporter: 2 of 3 ready; not ready on gpu-2 (CrashLoopBackOff,
                   7 restarts)
                 ! Pod ai/whisper-inference-5f6d7c8b9-q4w2e is Pending: 0/3 nodes are available: 1
                   Insufficient nvidia.com/gpu, 2 node(s) had no room
                 ! kube-system/nvidia-device-plugin-daemonset-gpu-2 crashes again and again on gpu-2:
                   container server restarted 7 times, last exit code 1
                 ! monitoring/dcgm-exporter-gpu-2 crashes again and again on gpu-2: container server
                   restarted 7 times, last exit code 1
                 ! ai/whisper-inference has 0 of 1 replicas ready
                 ! Target dcgm-exporter 10.0.0.12:9400 is down: dial tcp 10.0.0.12:9400: connect:
                   connection refused"
    `);
  });

  it('is short when all is well', async () => {
    const { out } = await check(judged(aLab()));
    const [first, blank, passed] = out.text().split('\n');
    expect(first).toBe('✓ good: everything came back  lab  10.0.0.10:6443  v1.36.2');
    expect(blank).toBe('');
    expect(passed).toMatch(/^✓ \d+ passed: apiserver-ready, etcd-health, certs, node-ready ×3, /);
  });

  it('keeps to 100 columns, except for commands', async () => {
    const { out } = await check(judged(aLabWithoutGpusOnGpu2()));
    for (const row of out
      .text()
      .split('\n')
      .filter((line) => !line.includes('$ ')))
      expect(widthOf(row)).toBeLessThanOrEqual(100);
  });

  it('has colours on a terminal only', async () => {
    expect((await check(cordoned)).out.text()).not.toContain('\u001b');
    expect((await check(cordoned, {}, true)).out.text()).toContain('\u001b[33m! \u001b[0m');
  });
});

describe('check --only', () => {
  it('judges by the chosen checks alone', async () => {
    const broken = judged(aLabWithoutGpusOnGpu2());
    expect((await check(broken, { only: 'node-*' })).code).toBe(0);
    const { code, out } = await check(broken, { only: 'gpu-count', output: 'json' });
    expect(code).toBe(1);
    expect(out.json()).toMatchObject({ verdict: 'failed', counts: { pass: 2, fail: 1, warn: 0 } });
  });

  it('shows a consequence whose cause was left out as a cause of its own', async () => {
    const { out } = await check(judged(aLabWithoutGpusOnGpu2()), { only: 'gpu-count' });
    expect(out.text()).toContain('1 cause');
    expect(out.text()).toContain('✗ gpu-2: 0 of 8 nvidia.com/gpu allocatable');
  });
});

describe('check --wait', () => {
  it('looks until all is well, with a line for each change', async () => {
    const session = aSession(refused);
    const out = written();
    const code = runCheck(session, { ...once, waitMs: 60_000 }, out);
    await Promise.resolve();
    await new Promise(setImmediate);
    session.show(judged(aLabWithoutGpusOnGpu2()));
    session.show(judged(aLabWithoutGpusOnGpu2()));
    session.show(judged(aLab()));
    expect(await code).toBe(0);
    const lines = out.errors().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d unknown: The API server https:\/\/10\.0\.0\.10:6443 does not answer: connection refused$/);
    expect(lines[1]).toMatch(/ failed: gpu-2 registers 0 of 8 GPUs/);
    expect(lines[2]).toMatch(/ good after \d+s$/);
    expect(out.text()).toContain('✓ good');
  });

  it('gives up when the time is up, with the verdict of then', async () => {
    const out = written();
    expect(await runCheck(aSession(refused), { ...once, waitMs: 20 }, out)).toBe(2);
    expect(await runCheck(aSession(cordoned), { ...once, waitMs: 20 }, out)).toBe(0);
  });
});
