import { describe, expect, it } from 'vitest';
import { demoVisit, expectMended, settled } from './demo-visit.js';

const minutes = 3 * 60_000;

describe.concurrent('trouble of the cluster', { timeout: minutes }, () => {
  it('is none where all is well: nothing is found, and nothing is unknown', async () => {
    await using visit = demoVisit('healthy');
    const { verdict, findings, causes } = await settled(visit);
    expect(findings.filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
    expect([verdict, causes]).toEqual(['good', []]);
  });

  it('with Prometheus, which crashes over a lock', () =>
    expectMended('monitoring-down', [
      {
        check: 'crashloop',
        object: 'pod/monitoring/prometheus-kps-prometheus-0',
        says: /^monitoring\/prometheus-kps-prometheus-0 crashes again and again/,
        fix: { id: 'delete-pod', input: { namespace: 'monitoring', name: 'prometheus-kps-prometheus-0' } },
        seen: /^log of container prometheus: .*lock DB directory: resource temporarily unavailable/,
      },
    ]));

  // Two things that are both true and have nothing to do with each other: pods that the kubelet threw out, and one that it never let in.
  it('with 10,000 evicted pods, and one that was refused', () =>
    expectMended('evictions', [
      {
        check: 'evicted',
        object: 'cluster',
        says: /^10,000 evicted pods lie about/,
        fix: { id: 'delete-ended-pods', input: { reason: 'Evicted' } },
      },
      {
        check: 'unexpected-admission',
        object: 'cluster',
        says: /^1 pod failed with UnexpectedAdmissionError/,
        fix: { id: 'delete-ended-pods', input: { reason: 'UnexpectedAdmissionError' } },
      },
    ]));

  it('with a claim that waits for a default storage class', () =>
    expectMended('pvc-pending', [
      {
        check: 'default-sc',
        object: 'cluster',
        says: /^No StorageClass is the default, and monitoring\/kps-grafana waits for one/,
        fix: { id: 'default-storage-class', input: { name: 'local-path' } },
      },
    ]));

  it('with a node that lost its network configuration', () =>
    expectMended('cni-missing', [
      {
        check: 'cni-pods',
        object: 'daemonset/calico-system/calico-node',
        says: /^gpu-2 has no pod network: calico-node is not ready there \(CrashLoopBackOff/,
        fix: { id: 'delete-pod', input: { namespace: 'calico-system', name: expect.stringMatching(/^calico-node-/) } },
        seen: /^log of container calico-node: .*Failed to write CNI plugin kubeconfig file/,
      },
    ]));
});
