import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/state/diagnoses.js';
import { live } from '../../src/state/freshness.js';
import { aContainer, now } from '../builders/snapshot.js';
import { aLab, aLabWithoutGpusOnGpu2, crashing, findingsOf, pods, report, troubles } from './lab.js';

describe('a known failure', () => {
  it('gives the finding on the pod that said it its cause, its line and its fix', () => {
    const snapshot = { ...aLab({ pods: pods({ 'prometheus-0': crashing }) }), diagnoses: live([storageLocked], now) };
    expect(findingsOf('crashloop', snapshot)).toMatchObject([
      {
        message: 'monitoring/prometheus-0 crashes again and again on gpu-1: Another Prometheus, or a run that was killed, holds the lock',
        fix: storageLocked.fix,
        evidence: [{ source: 'log of container prometheus', text: storageLocked.line }],
      },
    ]);
  });

  it('is only evidence where the check has a fix of its own that does more than start again', () => {
    const said = aDiagnosis({
      signature: 'plugin-sees-no-gpu',
      object: 'pod/kube-system/nvidia-device-plugin-daemonset-gpu-2',
      tags: ['pod/kube-system/nvidia-device-plugin-daemonset-gpu-2', 'daemonset/kube-system/nvidia-device-plugin-daemonset', 'gpus/gpu-2'],
      line: 'No devices found. Waiting indefinitely.',
      cause: 'The plugin sees no driver.',
    });
    const before = findingsOf('device-plugin', aLabWithoutGpusOnGpu2())[0];
    const [finding] = findingsOf('device-plugin', { ...aLabWithoutGpusOnGpu2(), diagnoses: live([said], now) });
    expect(before?.fix?.operation?.id).toBe('set-runtime-class');
    expect(finding).toEqual({ ...before, evidence: [{ source: said.source, text: said.line }] });
  });

  it('of the kernel belongs to what it explains, not to whatever else is wrong with the machine', () => {
    const xid = aDiagnosis({
      signature: 'xid-79',
      object: 'node/gpu-2',
      tags: ['node/gpu-2', 'gpus/gpu-2'],
      source: 'kernel log',
      line: 'NVRM: Xid (PCI:0000:47:00): 79, GPU has fallen off the bus.',
    });
    const snapshot = { ...aLabWithoutGpusOnGpu2(), diagnoses: live([xid], now) };
    expect(findingsOf('gpu-count', snapshot).find(({ object }) => object === 'node/gpu-2')?.evidence).toEqual([{ source: 'kernel log', text: xid.line }]);
    expect(
      report(snapshot)
        .findings.filter(({ evidence }) => evidence?.some(({ text }) => text === xid.line))
        .map(({ id }) => id),
    ).toEqual(['device-plugin', 'gpu-count']);
  });

  it('makes nothing bad while everything is ready', () => {
    expect(troubles({ ...aLab(), diagnoses: live([storageLocked], now) })).toEqual([]);
  });

  it('of a pod that is in trouble, and that no finding tells yet, is told by itself', () => {
    const starting = {
      phase: 'Pending' as const,
      ready: { status: 'False' as const, since: now - 20_000, reason: 'ContainersNotReady' },
      createdAt: now - 20_000,
      containers: [aContainer({ ready: false, state: 'waiting', reason: 'ContainerCreating' })],
    };
    const snapshot = { ...aLab({ pods: pods({ 'prometheus-0': starting }) }), diagnoses: live([storageLocked], now) };
    expect(report(snapshot).verdict).toBe('degraded');
    expect(report(snapshot).causes.map(({ finding }) => finding)).toMatchObject([
      {
        id: 'known-failures',
        object: 'pod/monitoring/prometheus-0',
        status: 'warn',
        message: 'Pod monitoring/prometheus-0: Another Prometheus, or a run that was killed, holds the lock',
      },
    ]);
  });
});

const storageLocked = aDiagnosis({});

function aDiagnosis(overrides: Partial<Diagnosis>): Diagnosis {
  return {
    signature: 'prometheus-storage-locked',
    object: 'pod/monitoring/prometheus-0',
    tags: ['pod/monitoring/prometheus-0', 'statefulset/monitoring/prometheus'],
    source: 'log of container prometheus',
    line: 'opening storage failed: lock DB directory: resource temporarily unavailable',
    cause: 'Another Prometheus, or a run that was killed, holds the lock.',
    fix: {
      summary: 'Restart the pod prometheus-0; if it stays locked, end the other Prometheus that uses the volume',
      command: 'kubectl -n monitoring delete pod prometheus-0',
      operation: { id: 'delete-pod', input: { namespace: 'monitoring', name: 'prometheus-0' } },
    },
    at: now - 60_000,
    ...overrides,
  };
}
