import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aCondition, aNode, aPod, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, aLease, crashing, daemonSets, findingsOf, nodes, pods, troubles } from './lab.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const messages = (id: string, snapshot: ClusterSnapshot) =>
  findingsOf(id, snapshot)
    .filter(({ status }) => status !== 'pass')
    .map(({ status, message }) => `${status}: ${message}`);

describe('the API server', () => {
  it('that is up but not ready names its failing checks', () => {
    const checks = [
      { name: 'ping', ok: true },
      { name: 'etcd', ok: false },
      { name: 'poststarthook/rbac/bootstrap-roles', ok: false },
    ];
    const snapshot = aLab({ readyz: live({ ready: false, checks, roundTripMs: 9 }, now) });
    expect(messages('apiserver-ready', snapshot)).toEqual([
      'fail: The API server answers but is not ready: etcd and poststarthook/rbac/bootstrap-roles failing',
    ]);
    expect(findingsOf('etcd-health', snapshot)[0]).toMatchObject({
      status: 'fail',
      fix: { command: 'kubectl --context lab -n kube-system logs etcd-controlplane --tail=50' },
    });
  });

  it.each([
    [200, 'pass', 'ends in 200 days'],
    [29.5, 'warn', "The API server's certificate ends in 29d"],
    [6, 'fail', "The API server's certificate ends in 6d"],
    [-1, 'fail', "The API server's certificate ended 24h ago"],
  ])('with %d days left on its certificate', (days, status, message) => {
    const lab = aLab();
    if (lab.connection.status !== 'connected') throw new Error('not connected');
    const [finding] = findingsOf('certs', { ...lab, connection: { ...lab.connection, certificateEndsAt: now + days * day } });
    expect(finding).toMatchObject({ status, message });
  });
});

describe('nodes', () => {
  it('that are expected but never registered are missed', () => {
    expect(troubles(aLab(), { nodes: ['gpu-1', 'gpu-3'] })).toEqual(['fail node-ready node/gpu-3']);
  });

  it('without a status, or not Ready, fail', () => {
    const snapshot = aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, conditions: [] }, 'gpu-2': { gpus: 8, ready: 'False', readyReason: 'KubeletNotReady' } }) });
    expect(messages('node-ready', snapshot)).toEqual([
      'fail: gpu-1 never reported whether it is Ready: its kubelet has not started',
      'fail: gpu-2 is not Ready for 24h: KubeletNotReady',
    ]);
  });

  it.each([
    ['DiskPressure', 'fail', 'critical'],
    ['MemoryPressure', 'fail', 'critical'],
    ['KernelDeadlock', 'warn', 'warning'],
  ])('with %s are told', (type, status, severity) => {
    const node = aNode({ name: 'gpu-1', gpus: 8 });
    const conditions = [...node.conditions.filter((condition) => condition.type !== type), aCondition(type, 'True', 'x', 'kubelet has little of it')];
    const finding = findingsOf('node-conditions', aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, conditions } }) })).find(
      (candidate) => candidate.status !== 'pass',
    );
    expect(finding).toMatchObject({ object: 'node/gpu-1', status, severity, message: `gpu-1 has ${type} for 24h: kubelet has little of it` });
  });

  it('may be tainted by choice, but not by the cluster', () => {
    const chosen = [
      { key: 'node-role.kubernetes.io/control-plane', value: '', effect: 'NoSchedule' },
      { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' },
    ];
    expect(troubles(aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, taints: chosen } }) }))).toEqual([]);
    const pressed = [{ key: 'node.kubernetes.io/disk-pressure', value: '', effect: 'NoSchedule' }];
    expect(troubles(aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, taints: pressed } }) }))).toEqual(['warn node-schedulable node/gpu-1']);
  });

  it('that are cordoned can be taken back with one command', () => {
    const [finding] = findingsOf('node-schedulable', aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, unschedulable: true } }) })).filter(
      ({ status }) => status === 'warn',
    );
    expect(finding?.fix?.command).toBe('kubectl --context lab uncordon gpu-1');
  });
});

describe('heartbeats', () => {
  const withLeases = (...leases: readonly ReturnType<typeof aLease>[]) => aLab({ leases: collection(...leases) });

  it('are late after 40 s by our own clock', () => {
    const snapshot = withLeases(aLease('controlplane'), aLease('gpu-1'), aLease('gpu-2', { seenAt: now - 41_000, renewedAt: now - 41_000 }));
    expect(messages('kubelet-heartbeat', snapshot)).toEqual(['fail: The kubelet of gpu-2 last renewed its lease 41s ago (every 10 s is normal)']);
  });

  it('are not late because a clock is wrong', () => {
    const snapshot = withLeases(
      aLease('controlplane', { renewedAt: now - 3_600_000 }),
      aLease('gpu-1', { renewedAt: now - 3_600_000 }),
      aLease('gpu-2', { renewedAt: now - 3_600_000 }),
    );
    expect(messages('kubelet-heartbeat', snapshot)).toEqual([]);
    expect(messages('time-sync', snapshot)[0]).toMatch(/^warn: This machine's clock is 3596 s ahead of those of all nodes/);
  });

  it('on first sight are judged by the other leases', () => {
    const lab = withLeases(
      aLease('controlplane', { seenAt: now }),
      aLease('gpu-1', { seenAt: now }),
      aLease('gpu-2', { seenAt: now, renewedAt: now - 300_000 }),
    );
    if (lab.connection.status !== 'connected') throw new Error('not connected');
    const snapshot = { ...lab, connection: { ...lab.connection, since: now }, nodes: nodes({ 'gpu-2': { gpus: 8, ready: 'Unknown' } }) };
    expect(messages('kubelet-heartbeat', snapshot)).toEqual(['fail: The kubelet of gpu-2 last renewed its lease 4m56s before the newest of the others']);
  });

  it('show the one clock that differs', () => {
    const snapshot = withLeases(aLease('controlplane'), aLease('gpu-1'), aLease('gpu-2', { renewedAt: now + 56_000 }));
    expect(messages('time-sync', snapshot)).toEqual(["warn: The clock of gpu-2 is 60 s ahead of this machine's"]);
  });

  it('without a lease never were', () => {
    expect(messages('kubelet-heartbeat', withLeases(aLease('controlplane'), aLease('gpu-1')))).toEqual([
      'fail: gpu-2 has no lease in kube-node-lease: its kubelet never reached this API server',
    ]);
  });
});

describe('the control plane', () => {
  it('misses a static pod that another control plane node has, or that does not run', () => {
    const snapshot = aLab({ pods: pods({ 'kube-scheduler-controlplane': crashing }) });
    expect(messages('static-pods', snapshot)).toEqual([
      'fail: controlplane lacks control plane pods: not ready: kube-scheduler (CrashLoopBackOff, 7 restarts)',
    ]);
  });

  it('need not run as static pods', () => {
    const snapshot = aLab({ pods: collection(aPod({})) });
    expect(findingsOf('static-pods', snapshot)).toMatchObject([{ status: 'skipped' }]);
  });
});

describe('pod network and DNS', () => {
  it.each(['calico-node', 'kube-flannel', 'kube-flannel-ds', 'cilium', 'canal', 'weave-net'])('%s is known', (name) => {
    const snapshot = aLab({ daemonSets: collection(aWorkload({ kind: 'DaemonSet', namespace: 'net', name, desired: 3, ready: 2 })) });
    expect(findingsOf('cni-pods', snapshot)).toMatchObject([
      { status: 'fail', object: `daemonset/net/${name}`, message: `DaemonSet net/${name}: 2 of 3 ready` },
    ]);
  });

  it('may be something unknown as long as the nodes are content', () => {
    expect(findingsOf('cni-pods', aLab({ daemonSets: live(new Map(), now) }))).toMatchObject([{ status: 'skipped' }]);
  });

  it('names the node whose network pod is not ready, and restarts it', () => {
    const snapshot = aLab({ daemonSets: daemonSets({ 'calico-node': { ready: 2 } }), pods: pods({ 'calico-node-gpu-2': crashing }) });
    expect(findingsOf('cni-pods', snapshot)).toMatchObject([
      {
        message: 'gpu-2 has no pod network: calico-node is not ready there (CrashLoopBackOff, 7 restarts)',
        fix: { command: 'kubectl --context lab -n kube-system delete pod calico-node-gpu-2' },
      },
    ]);
  });

  it('fails without any DNS server, warns with one of two', () => {
    const dns = (ready: number) =>
      aLab({ deployments: collection(aWorkload({ namespace: 'kube-system', name: 'coredns', app: 'kube-dns', desired: 2, ready })) });
    expect(messages('coredns', dns(0))).toEqual(['fail: Cluster DNS is down: kube-system/coredns has 0 of 2 ready']);
    expect(messages('coredns', dns(1))).toEqual(['warn: Cluster DNS has 1 of 2 ready']);
  });
});
