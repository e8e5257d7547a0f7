import { describe, expect, it } from 'vitest';
import { causesOf } from '../../src/checks/causes.js';
import type { LinkedFinding } from '../../src/checks/check.js';
import { live } from '../../src/state/freshness.js';
import type { HostService } from '../../src/state/hosts.js';
import type { NodeRecovery, RecoveryStep } from '../../src/state/recovery.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { known } from '../builders/host.js';
import { aPlan, aRun } from '../builders/operations.js';
import { now } from '../builders/snapshot.js';
import { aLease, daemonSets, ledger, nodes, pods } from './lab.js';
import { labOfMachines, type MachineChanges, reportOn } from './machines.js';

const causes = (snapshot: ClusterSnapshot) => reportOn(snapshot).causes.map(({ finding }) => `${finding.id} ${finding.object}`);

function aStep(id: string, status: RecoveryStep['status'], changes: Partial<RecoveryStep> = {}): RecoveryStep {
  return { id, name: id, status, fact: '', sinceBootMs: null, exact: false, usualMs: null, waitsFor: null, ...changes };
}

function onItsWay(node: string, changes: Partial<NodeRecovery> = {}): Partial<ClusterSnapshot> {
  const steps = [aStep('ssh', 'done'), aStep('kubelet', 'open', { name: 'kubelet', usualMs: 49_000 }), aStep('gpus', 'waiting')];
  const recovery: NodeRecovery = { node, bootId: 'b', bootedAt: now - 42_000, because: 'boot-id', steps, completeAt: null, seenBy: null, ...changes };
  return { recovery: live({ nodes: [recovery] }, now) };
}

const down = { ready: { status: 'False', since: now - 60_000, reason: 'NodeNotReady' } } as const;

/** gpu-2 has not reported since it was rebooted. */
const unreported: Partial<ClusterSnapshot> = {
  nodes: nodes({ 'gpu-2': { gpus: 8, ready: 'Unknown', readyReason: 'NodeStatusUnknown' } }),
  leases: live(
    new Map([
      ['controlplane', aLease('controlplane')],
      ['gpu-1', aLease('gpu-1')],
      ['gpu-2', aLease('gpu-2', { seenAt: now - 90_000, renewedAt: now - 90_000 })],
    ]),
    now,
  ),
  daemonSets: daemonSets({ 'calico-node': { ready: 2 }, 'kube-proxy': { ready: 2 }, 'nvidia-device-plugin-daemonset': { ready: 2 } }),
  pods: pods({ 'calico-node-gpu-2': down, 'kube-proxy-gpu-2': down, 'nvidia-device-plugin-daemonset-gpu-2': down }),
  gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8], 'gpu-2': [0, 8] }),
};

const lost: Partial<ClusterSnapshot> = {
  connection: {
    status: 'lost',
    context: 'lab',
    server: 'https://10.0.0.10:6443',
    since: now - 5_000,
    kind: 'unreachable',
    why: 'connection refused',
    fix: null,
    nextTryAt: now + 4_000,
  },
};

describe('a node that was just rebooted', () => {
  it('is one cause while its steps are not due yet, and what is not there yet follows from it', () => {
    const snapshot = labOfMachines({}, { ...unreported, ...onItsWay('gpu-2') });
    const [cause, ...others] = reportOn(snapshot).causes;
    expect(cause?.finding).toMatchObject({ status: 'warn', message: 'gpu-2 is coming back: rebooted 42s ago, waits for kubelet (usually +0:49)', fix: null });
    expect(cause?.follows.map(({ id }) => id)).toEqual(expect.arrayContaining(['node-ready', 'kubelet-heartbeat', 'cni-pods', 'kube-proxy', 'device-plugin']));
    expect(others).toEqual([]);
  });

  it('is told by what is wrong with it as soon as a step is late', () => {
    const failed = { steps: [aStep('ssh', 'done'), aStep('kubelet', 'failed')] };
    expect(causes(labOfMachines({}, { ...unreported, ...onItsWay('gpu-2', failed) }))).toEqual(['node-ready node/gpu-2']);
  });

  it('with swap on waits for nothing that comes by itself: swap is the cause', () => {
    const swap: MachineChanges = { facts: { swap: known([{ device: '/swap.img', bytes: 2 ** 30 }]) } };
    const { causes } = reportOn(labOfMachines({ 'gpu-2': swap }, { ...unreported, ...onItsWay('gpu-2') }));
    expect(causes.map(({ finding }) => finding.id)).toEqual(['swap-zero']);
    expect(causes[0]?.follows.map(({ id }) => id)).toContain('coming-back');
  });

  it('from here is being rebooted: neither its cordon nor its silence is trouble', () => {
    const plan = aPlan({
      ref: { id: 'reboot-node', input: { node: 'gpu-2' } },
      items: [{ id: '1', object: 'node/gpu-2', text: 'Wait until gpu-2 has booted anew', exact: '' }],
    });
    const run = aRun({ plan, state: 'running', startedAt: now - 12_000, endedAt: null, items: [{ id: '1', state: 'running', said: null }] });
    const cordoned = nodes({ 'gpu-2': { gpus: 8, ready: 'Unknown', readyReason: 'NodeStatusUnknown', unschedulable: true } });
    const { causes } = reportOn(labOfMachines({}, { ...unreported, nodes: cordoned, operations: live([run], now) }));
    expect(causes.map(({ finding }) => finding.message)).toEqual(['gpu-2 is being rebooted from here, begun 12s ago: Wait until gpu-2 has booted anew']);
  });
});

describe('while the API server does not answer', () => {
  const deadKubelet: HostService = { name: 'kubelet', enabled: 'enabled', active: 'failed', result: 'exit-code', exitStatus: 1 };
  const running: readonly HostService[] = [{ name: 'containerd', enabled: 'enabled', active: 'active' }];

  it('the dead kubelet of the only control plane is why', () => {
    const { verdict, causes } = reportOn(labOfMachines({ controlplane: { facts: { services: known([...running, deadKubelet]) } } }, lost));
    expect(causes.map(({ finding }) => finding.message)).toEqual(['kubelet failed (exit code 1) on controlplane']);
    expect(causes[0]?.finding.fix?.operation).toEqual({ id: 'restart-unit', input: { host: 'controlplane', unit: 'kubelet.service' } });
    expect(causes[0]?.follows.map(({ id }) => id)).toContain('apiserver-ready');
    expect(verdict).toBe('failed');
  });

  it('trouble of a worker is told beside it', () => {
    const found = causes(labOfMachines({ 'gpu-1': { facts: { services: known([...running, deadKubelet]) } } }, lost));
    expect(found).toEqual(['apiserver-ready cluster', 'kubelet-service node/gpu-1']);
  });

  it('a control plane that was just rebooted says what SSH sees of it', () => {
    const seenBy = 'API server refused, seen over SSH: kubelet active, containerd active';
    const { causes } = reportOn(labOfMachines({}, { ...lost, ...onItsWay('controlplane', { seenBy }) }));
    expect(causes.map(({ finding }) => finding.message)).toEqual([`${seenBy}; controlplane was rebooted 42s ago`]);
    expect(causes[0]?.follows.map(({ id }) => id)).toContain('apiserver-ready');
  });

  it('a worker that was just rebooted says so for itself', () => {
    const seenBy = 'API server refused, seen over SSH: kubelet activating, containerd active';
    const { causes } = reportOn(labOfMachines({}, { ...lost, ...onItsWay('gpu-2', { seenBy }) }));
    expect(causes.map(({ finding }) => finding.message)).toEqual([
      'The API server https://10.0.0.10:6443 does not answer: connection refused',
      'gpu-2 is coming back: rebooted 42s ago, seen over SSH: kubelet activating, containerd active',
    ]);
  });
});

it('of two findings that explain each other, the one that comes first is the cause', () => {
  const finding = (id: string, tag: string, other: string): LinkedFinding => ({
    id,
    object: 'cluster',
    status: 'fail',
    severity: 'critical',
    message: id,
    fix: null,
    explains: [tag],
    explainedBy: [[other]],
  });
  const check = (id: string, dependsOn: readonly string[]) => ({ id, title: id, severity: 'critical' as const, dependsOn, run: () => [] });
  const found = causesOf([finding('a', 'x', 'y'), finding('b', 'y', 'x')], [check('a', ['b']), check('b', ['a'])]);
  expect(found.map(({ finding, follows }) => [finding.id, follows.map(({ id }) => id)])).toEqual([['a', ['b']]]);
});
