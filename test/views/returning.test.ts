import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { NodeRecovery, RecoveryStep } from '../../src/state/recovery.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import type { Line } from '../../src/text/line.js';
import { recoveryFlow, recoveryPanel } from '../../views/screens/overview/recovery.js';
import { innerHeight, innerWidth, panelLines } from '../../views/widgets/panel-lines.js';
import { aSnapshot, now } from '../builders/snapshot.js';

const boot = now - 252_000;

function aStep(id: string, name: string, overrides: Partial<RecoveryStep> = {}): RecoveryStep {
  return { id, name, status: 'done', fact: '', sinceBootMs: null, exact: true, usualMs: null, waitsFor: null, ...overrides };
}

/** gpu-2 four minutes after its boot: its device plugin does not come. */
function aRecovery(overrides: Partial<NodeRecovery> = {}): NodeRecovery {
  return {
    node: 'gpu-2',
    bootId: 'boot-2',
    bootedAt: boot,
    because: 'boot-id',
    completeAt: null,
    seenBy: null,
    steps: [
      aStep('ssh', 'SSH answers', { sinceBootMs: 38_000, usualMs: 35_000 }),
      aStep('driver', 'driver 580.173.02', { sinceBootMs: 41_000, usualMs: 40_000, fact: 'kernel 6.8.0-94-generic' }),
      aStep('runtime', 'containerd 2.3.4', { sinceBootMs: 44_000, usualMs: 45_000 }),
      aStep('kubelet', 'kubelet', { sinceBootMs: 52_000, usualMs: 50_000, fact: 'heartbeat 4s ago' }),
      aStep('node-ready', 'node Ready', { sinceBootMs: 62_000, usualMs: 60_000 }),
      aStep('pod-network', 'pod network (calico)', { sinceBootMs: 80_000, usualMs: 75_000 }),
      aStep('dns', 'DNS', { fact: '2 of 2 ready' }),
      aStep('device-plugin', 'device plugin', {
        status: 'failed',
        fact: 'gpu-2 registers 0 of 8 GPUs: its device plugin pod is not ready (CrashLoopBackOff)',
        usualMs: 90_000,
      }),
      aStep('gpus', 'GPUs registered', { status: 'waiting', fact: '0 of 8', waitsFor: 'device plugin', usualMs: 95_000 }),
      aStep('exporters', 'exporters', { status: 'waiting', waitsFor: 'device plugin' }),
      aStep('targets', 'targets', { status: 'waiting', waitsFor: 'exporters' }),
      aStep('workloads', 'workloads', { status: 'waiting', waitsFor: 'GPUs registered' }),
    ],
    ...overrides,
  };
}

const back = aRecovery({ node: 'gpu-1', completeAt: boot + 120_000, steps: aRecovery().steps.map((step) => ({ ...step, status: 'done', waitsFor: null })) });

function aSnapshotWith(...nodes: readonly NodeRecovery[]): ClusterSnapshot {
  return aSnapshot({ recovery: live({ nodes }, now) });
}

function picture(build: typeof recoveryPanel, snapshot: ClusterSnapshot, width: number, height: number): string {
  const { frame, lines } = build(snapshot, now, innerWidth(width), innerHeight(height));
  return `\n${panelLines(frame, lines, width, height).map(text).join('\n')}\n`;
}

function text(row: Line): string {
  return row.map((segment) => segment.text).join('');
}

describe('the recovery panel after a reboot', () => {
  it('shows each step with its time and its usual time, the trouble and what waits for it', () => {
    expect(picture(recoveryPanel, aSnapshotWith(aRecovery()), 53, 15)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 ────────── rebooted 4m12s ago ─╮
      │   step                         since boot   usual │
      │ ✓ SSH answers                       +0:38   +0:35 │
      │ ✓ driver 580.173.02                 +0:41   +0:40 │
      │ ✓ containerd 2.3.4                  +0:44   +0:45 │
      │ ✓ kubelet  heartbeat 4s ago         +0:52   +0:50 │
      │ ✓ node Ready                        +1:02   +1:00 │
      │ ✓ pod network (calico)              +1:20   +1:15 │
      │ ✓ DNS  2 of 2 ready                               │
      │ ✗ device plugin  gpu-2 register… now 4:12   +1:30 │
      │ · GPUs registered         waits for device plugin │
      │ · exporters               waits for device plugin │
      │ · targets                     waits for exporters │
      │ · workloads                        waits for GPUs │
      ╰───────────────────────────────────────────────────╯
      "
    `);
  });

  it('puts what was done first into one row where there is little room', () => {
    expect(picture(recoveryPanel, aSnapshotWith(aRecovery()), 53, 10)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 ────────── rebooted 4m12s ago ─╮
      │ ✓ SSH · driver · containerd · kubelet · Ready     │
      │ ✓ pod network (calico)              +1:20   +1:15 │
      │ ✓ DNS  2 of 2 ready                               │
      │ ✗ device plugin  gpu-2 register… now 4:12   +1:30 │
      │ · GPUs registered         waits for device plugin │
      │ · exporters               waits for device plugin │
      │ · targets                     waits for exporters │
      │ · workloads                        waits for GPUs │
      ╰───────────────────────────────────────────────────╯
      "
    `);
  });

  it('fits on a small screen', () => {
    expect(picture(recoveryFlow, aSnapshotWith(aRecovery()), 80, 6)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 ───────────────────────────────────── rebooted 4m12s ago ─╮
      │ ✓ SSH +0:38  ✓ driver +0:41  ✓ containerd +0:44  ✓ kubelet +0:52             │
      │ ✓ Ready +1:02  ✓ network +1:20  ✓ DNS  ✗ device plugin now 4:12, usual +1:30 │
      │ · GPUs, exporters, targets, workloads wait                                   │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      "
    `);
    expect(picture(recoveryFlow, aSnapshotWith(aRecovery()), 80, 5)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 ───────────────────────────────────── rebooted 4m12s ago ─╮
      │ ✓ SSH +0:38  ✓ driver +0:41  ✓ containerd +0:44  ✓ kubelet +0:52             │
      │ ✓ Ready +1:02  ✓ network +1:20  ✓ DNS  ✗ device plugin now 4:12, usual +1:30 │
      │ · GPUs, exporters, targets, workloads wait                                   │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      "
    `);
  });

  it('tells the worst node in full and the others in a line each', () => {
    expect(picture(recoveryPanel, aSnapshotWith(back, aRecovery()), 53, 16)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 +1 ─────── rebooted 4m12s ago ─╮
      │   step                         since boot   usual │
      │ ✓ SSH answers                       +0:38   +0:35 │
      │ ✓ driver 580.173.02                 +0:41   +0:40 │
      │ ✓ containerd 2.3.4                  +0:44   +0:45 │
      │ ✓ kubelet  heartbeat 4s ago         +0:52   +0:50 │
      │ ✓ node Ready                        +1:02   +1:00 │
      │ ✓ pod network (calico)              +1:20   +1:15 │
      │ ✓ DNS  2 of 2 ready                               │
      │ ✗ device plugin  gpu-2 register… now 4:12   +1:30 │
      │ · GPUs registered         waits for device plugin │
      │ · exporters               waits for device plugin │
      │ · targets                     waits for exporters │
      │ · workloads                        waits for GPUs │
      │ ✓ gpu-1  back after 2:00, rebooted 4m12s ago      │
      ╰───────────────────────────────────────────────────╯
      "
    `);
  });

  it('says how long it took when all is back', () => {
    expect(picture(recoveryFlow, aSnapshotWith(back), 80, 6)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-1 ──────────────────── back after 2:00, rebooted 4m12s ago ─╮
      │ ✓ SSH +0:38  ✓ driver +0:41  ✓ containerd +0:44  ✓ kubelet +0:52             │
      │ ✓ Ready +1:02  ✓ network +1:20  ✓ DNS  ✓ device plugin  ✓ GPUs  ✓ exporters  │
      │ ✓ targets  ✓ workloads                                                       │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      "
    `);
  });

  it('says that it is seen over SSH while the API server refuses', () => {
    const silent = aRecovery({
      seenBy: 'API server refused, seen over SSH: kubelet active, containerd active',
      steps: [
        ...aRecovery().steps.slice(0, 4),
        aStep('api-server', 'API server', { status: 'open', fact: 'refused', usualMs: 70_000 }),
        ...aRecovery()
          .steps.slice(4)
          .map((step) => ({ ...step, status: 'waiting' as const, waitsFor: 'API server', sinceBootMs: null })),
      ],
    });
    expect(picture(recoveryPanel, aSnapshotWith(silent), 80, 18)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 ───────────────────────────────────── rebooted 4m12s ago ─╮
      │ API server refused, seen over SSH: kubelet active, containerd active         │
      │   step                                                    since boot   usual │
      │ ✓ SSH answers                                                  +0:38   +0:35 │
      │ ✓ driver 580.173.02  kernel 6.8.0-94-generic                   +0:41   +0:40 │
      │ ✓ containerd 2.3.4                                             +0:44   +0:45 │
      │ ✓ kubelet  heartbeat 4s ago                                    +0:52   +0:50 │
      │ ! API server  refused                                       now 4:12   +1:10 │
      │ · node Ready                                            waits for API server │
      │ · pod network (calico)                                  waits for API server │
      │ · DNS                                                   waits for API server │
      │ · device plugin                                         waits for API server │
      │ · GPUs registered                                       waits for API server │
      │ · exporters                                             waits for API server │
      │ · targets                                               waits for API server │
      │ · workloads                                             waits for API server │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      "
    `);
    expect(picture(recoveryFlow, aSnapshotWith(silent), 80, 6)).toMatchInlineSnapshot(`
      "
      ╭─ Recovery of gpu-2 ───────────────────────────────────── rebooted 4m12s ago ─╮
      │ API server refused, seen over SSH: kubelet active, containerd active         │
      │ ✓ SSH +0:38  ✓ driver +0:41  ✓ containerd +0:44  ✓ kubelet +0:52             │
      │ ! API server now 4:12, usual +1:10                                           │
      │ · Ready, network, DNS, device plugin, GPUs, exporters, targets, workloads w… │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      "
    `);
  });

  it('tells of the cluster as a whole where no node was rebooted, or all have been back for long', () => {
    const long = { ...back, completeAt: now - 31 * 60_000 };
    expect(recoveryPanel(aSnapshotWith(long), now, 50, 10).frame.title).toBe('Recovery');
  });
});
