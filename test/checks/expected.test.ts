import { describe, expect, it } from 'vitest';
import { offeredExpectations } from '../../src/checks/offered-expectations.js';
import type { Expectations } from '../../src/config/expectations.js';
import { absent, live } from '../../src/state/freshness.js';
import { aHost, hostsOf } from '../builders/host.js';
import { aContainer, now } from '../builders/snapshot.js';
import { aLab, aTarget, crashing, findingsOf, nodes, pods, report, troubles } from './lab.js';

const minute = 60_000;
const day = 24 * 60 * minute;

describe('what is expected', () => {
  it('namespaces without a pod are missed, those with one are not', () => {
    const found = findingsOf('namespaces', aLab(), { namespaces: ['ai', 'velero'] });
    expect(found).toMatchObject([
      { object: 'namespace/ai', status: 'pass', message: '2 pods of ai Ready' },
      {
        object: 'namespace/velero',
        status: 'fail',
        severity: 'critical',
        message: 'Namespace velero is expected to run pods: it has none, and no workload that would make one',
      },
    ]);
    expect(findingsOf('namespaces', aLab())).toMatchObject([{ status: 'skipped' }]);
  });

  it('namespaces whose pods are all in trouble follow from that trouble', () => {
    const snapshot = aLab({ pods: pods({ 'resnet50-inference-7d9c5b8f4-x2x8p': crashing, 'whisper-inference-5f6d7c8b9-q4w2e': crashing }) });
    const { causes } = report(snapshot, { namespaces: ['ai'] });
    expect(causes.map(({ finding }) => finding.id)).toEqual(['crashloop', 'crashloop']);
    expect(findingsOf('namespaces', snapshot, { namespaces: ['ai'] })).toMatchObject([
      { status: 'fail', message: 'Namespace ai is expected to run pods, and none of its 2 is Ready' },
    ]);
  });

  it('targets that Prometheus does not scrape at all are missed', () => {
    const expectations = { targets: ['node-exporter', 'dcgm-exporter/10.0.0.1[23]*', 'dcgm-exporter/10.0.0.1*', 'kube-scheduler'] };
    expect(troubles(aLab(), expectations)).toEqual([
      'warn prometheus-targets target/dcgm-exporter/10.0.0.1[23]*',
      'warn prometheus-targets target/kube-scheduler',
    ]);
    expect(findingsOf('prometheus-targets', aLab(), expectations)[1]?.message).toBe('Target kube-scheduler is expected, but Prometheus scrapes none like it');
    const without = aLab({ prometheus: absent('no Prometheus found'), targets: absent('no Prometheus found') });
    expect(troubles(without, expectations)).toEqual(['warn prometheus-targets cluster']);
  });
});

describe('how grave something is', () => {
  const cordoned = aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, labels: new Map([['nvidia.com/gpu.present', 'true']]), unschedulable: true } }) });

  it.each<[Expectations['severity'], string, string, string]>([
    [{ 'node-schedulable': 'critical' }, 'fail', 'critical', 'failed'],
    [{ 'node-schedulable': 'info' }, 'warn', 'info', 'good'],
    [{ 'node-*': 'critical', 'node-schedulable': 'info' }, 'warn', 'info', 'good'],
    [{ 'node-*': 'info', '*': 'critical' }, 'warn', 'info', 'good'],
  ])('is for a person to say: %j', (severity, status, graver, verdict) => {
    const finding = findingsOf('node-schedulable', cordoned, { severity }).find(({ object }) => object === 'node/gpu-1');
    expect(finding).toMatchObject({ status, severity: graver });
    expect(report(cordoned, { severity }).verdict).toBe(verdict);
  });

  it('leaves out a check that is switched off, and says so', () => {
    const { verdict, findings, causes } = report(cordoned, { severity: { 'node-schedulable': 'off' } });
    expect({ verdict, causes }).toEqual({ verdict: 'good', causes: [] });
    expect(findings.filter(({ id }) => id === 'node-schedulable')).toMatchObject([{ status: 'skipped', message: 'switched off in the settings' }]);
  });

  it('does not make graver what the check itself takes lightly', () => {
    const lab = aLab();
    if (lab.connection.status !== 'connected') throw new Error('not connected');
    const snapshot = { ...lab, connection: { ...lab.connection, certificateEndsAt: now + 20 * day } };
    expect(findingsOf('certs', snapshot, { severity: { certs: 'critical' } })).toMatchObject([{ status: 'warn', severity: 'warning' }]);
  });
});

describe('from which number something is wrong', () => {
  it('is for a person to say', () => {
    const lab = aLab();
    if (lab.connection.status !== 'connected') throw new Error('not connected');
    const ending = { ...lab, connection: { ...lab.connection, certificateEndsAt: now + 20 * day } };
    expect(findingsOf('certs', ending, { thresholds: { certsWarnDays: 14 } })).toMatchObject([{ status: 'pass' }]);
    const unready = { ready: { status: 'False' as const, since: now - 3 * minute, reason: 'ContainersNotReady' }, containers: [aContainer({ ready: false })] };
    const starting = aLab({ pods: pods({ 'whisper-inference-5f6d7c8b9-q4w2e': unready }) });
    expect(troubles(starting)).toEqual([]);
    expect(troubles(starting, { thresholds: { podsNotReadyMinutes: 2 } })).toEqual(['warn pods-not-running pod/ai/whisper-inference-5f6d7c8b9-q4w2e']);
  });
});

describe('what is offered as expected', () => {
  it('is what is there: nodes, their GPUs, machines that answer, Prometheus and Grafana', () => {
    const snapshot = aLab({
      hosts: hostsOf(aHost(), aHost({ name: 'lb', node: null }), aHost({ name: 'gpu-2', contact: { status: 'refused', why: 'no key', fix: null } })),
    });
    expect(offeredExpectations(snapshot, {})).toEqual({
      text: 'Keep what is here as what is expected: nodes controlplane, gpu-1 and gpu-2, 17 GPUs, machines gpu-1 and lb reachable over SSH, Prometheus and Grafana',
      fields: [
        { path: 'expect.nodes', value: 'controlplane, gpu-1, gpu-2' },
        { path: 'expect.gpus.controlplane', value: '1' },
        { path: 'expect.gpus.gpu-1', value: '8' },
        { path: 'expect.gpus.gpu-2', value: '8' },
        { path: 'expect.hosts', value: 'gpu-1, lb' },
        { path: 'expect.prometheus', value: 'true' },
        { path: 'expect.grafana', value: 'true' },
      ],
    });
  });

  it('is only what is new', () => {
    const expectations = { nodes: ['controlplane', 'gpu-1'], gpus: { controlplane: 1, 'gpu-1': 8 }, prometheus: true, grafana: false };
    expect(offeredExpectations(aLab(), expectations)).toEqual({
      text: 'Keep what is here as what is expected: node gpu-2 and 8 GPUs',
      fields: [
        { path: 'expect.nodes', value: 'controlplane, gpu-1, gpu-2' },
        { path: 'expect.gpus.gpu-2', value: '8' },
      ],
    });
    expect(offeredExpectations(aLab(), { ...expectations, nodes: ['controlplane', 'gpu-1', 'gpu-2'], gpus: { ...expectations.gpus, 'gpu-2': 8 } })).toBeNull();
  });

  it('is nothing while the nodes cannot be seen', () => {
    expect(offeredExpectations(aLab({ nodes: live(new Map(), now) }), {})).toBeNull();
  });
});

describe('a container between two crashes', () => {
  const flapping = aContainer({ ready: false, state: 'running', restarts: 5, exitCode: null, endedAt: now - minute });
  const pod = { ready: { status: 'False' as const, since: now - minute, reason: 'ContainersNotReady' }, startedAt: now - 8 * minute, containers: [flapping] };

  it('crashes again and again, and since the boot where the pod is younger', () => {
    const snapshot = aLab({
      pods: pods({ 'whisper-inference-5f6d7c8b9-q4w2e': pod }),
      recovery: live(
        { nodes: [{ node: 'gpu-2', bootId: 'b', bootedAt: now - 10 * minute, because: 'boot-id', steps: [], completeAt: null, seenBy: null }] },
        now,
      ),
    });
    expect(findingsOf('crashloop', snapshot)).toMatchObject([
      {
        status: 'warn',
        message: 'ai/whisper-inference-5f6d7c8b9-q4w2e crashes again and again on gpu-2: container server restarted 5 times since the boot of gpu-2 10m ago',
      },
    ]);
    expect(findingsOf('boot-id', snapshot)).toMatchObject([
      { status: 'pass', severity: 'info', message: 'gpu-2 rebooted 10m ago: another boot id than at the last visit' },
    ]);
  });

  it('is left alone once it is ready', () => {
    const ready = { ...pod, ready: { status: 'True' as const, since: now - minute, reason: '' }, containers: [{ ...flapping, ready: true }] };
    expect(troubles(aLab({ pods: pods({ 'whisper-inference-5f6d7c8b9-q4w2e': ready }), targets: live([aTarget()], now) }))).toEqual([]);
  });
});

describe('kernels', () => {
  it('that changed since the last visit are worth knowing, and never bad', () => {
    const change = { kind: 'version' as const, object: 'node/gpu-2', text: 'kernel of gpu-2 6.8.0-90 → 6.8.0-94', tone: 'plain' as const };
    const snapshot = aLab({ visit: live({ lastVisitAt: now - day, changes: [change], problem: null, offer: null }, now) });
    expect(findingsOf('kernel-changed', snapshot)).toMatchObject([
      { object: 'node/gpu-2', status: 'pass', severity: 'info', message: 'kernel of gpu-2 6.8.0-90 → 6.8.0-94: the NVIDIA driver must have a module for it' },
    ]);
    expect(findingsOf('kernel-changed', aLab())).toMatchObject([{ status: 'skipped' }]);
  });
});
