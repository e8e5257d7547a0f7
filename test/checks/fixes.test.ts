import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aCondition, aNode, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, aLabWithoutGpusOnGpu2, crashing, daemonSets, ledger, nodes, pods, report } from './lab.js';

const labels = new Map([['nvidia.com/gpu.present', 'true']]);
const dns = (ready: number) => aWorkload({ namespace: 'kube-system', name: 'coredns', app: 'kube-dns', desired: 2, ready });
const storageClass = (name: string, isDefault: boolean, provisioner = 'rancher.io/local-path') => ({
  name,
  provisioner,
  isDefault,
  volumeBindingMode: 'WaitForFirstConsumer',
});

describe('the first cause', () => {
  it.each<[string, ClusterSnapshot, string, Record<string, string>]>([
    ['a cordoned node', aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, labels, unschedulable: true } }) }), 'uncordon', { node: 'gpu-1' }],
    [
      'a node without the label of its DaemonSets',
      aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, labels: new Map() } }) }),
      'label-node',
      { node: 'gpu-1', key: 'nvidia.com/gpu.present', value: 'true' },
    ],
    ['a missing RuntimeClass', aLab({ runtimeClasses: live(new Map(), now) }), 'apply-runtime-class', {}],
    [
      'a device plugin without its class',
      aLabWithoutGpusOnGpu2(),
      'set-runtime-class',
      { kind: 'daemonset', namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset' },
    ],
    [
      'a device plugin that takes a GPU for broken',
      aLab({ nodes: nodes({ 'gpu-2': { gpus: 7, capacityGpus: 8, labels } }), gpus: ledger({ 'gpu-2': [7, 8] }) }),
      'delete-pod',
      { namespace: 'kube-system', name: 'nvidia-device-plugin-daemonset-gpu-2' },
    ],
    [
      'one broken pod of a DaemonSet',
      aLab({ daemonSets: daemonSets({ 'calico-node': { ready: 2 } }), pods: pods({ 'calico-node-gpu-2': crashing }) }),
      'delete-pod',
      { namespace: 'kube-system', name: 'calico-node-gpu-2' },
    ],
    [
      'several broken pods of a DaemonSet',
      aLab({ daemonSets: daemonSets({ 'kube-proxy': { ready: 1 } }), pods: pods({ 'kube-proxy-gpu-1': crashing, 'kube-proxy-gpu-2': crashing }) }),
      'restart-workload',
      { kind: 'daemonset', namespace: 'kube-system', name: 'kube-proxy' },
    ],
    ['no cluster DNS', aLab({ deployments: collection(dns(0)) }), 'restart-workload', { kind: 'deployment', namespace: 'kube-system', name: 'coredns' }],
    [
      'no default StorageClass',
      aLab({ storageClasses: collection(storageClass('by-hand', false, 'kubernetes.io/no-provisioner'), storageClass('local-path', false)) }),
      'default-storage-class',
      { name: 'local-path' },
    ],
    [
      'two default StorageClasses',
      aLab({ storageClasses: collection(storageClass('nfs', true), storageClass('local-path', true)) }),
      'default-storage-class',
      { name: 'nfs' },
    ],
    ['evicted pods', withEnded('Evicted'), 'delete-ended-pods', { reason: 'Evicted' }],
    ['refused pods', withEnded('UnexpectedAdmissionError'), 'delete-ended-pods', { reason: 'UnexpectedAdmissionError' }],
    [
      'a silent kubelet',
      aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, labels, ready: 'Unknown' } }) }),
      'restart-unit',
      { host: 'gpu-1', unit: 'kubelet.service' },
    ],
    [
      'a workload of the system that is not ready',
      aLab({ deployments: collection(dns(2), aWorkload({ namespace: 'monitoring', name: 'grafana', ready: 0 })) }),
      'restart-workload',
      { kind: 'deployment', namespace: 'monitoring', name: 'grafana' },
    ],
    ['pressure on a disk that nobody can measure', aLab({ nodes: underPressure(), nodeStats: live(new Map(), now) }), 'free-disk', { host: 'gpu-1' }],
  ])('of %s is mended by its operation', (_, snapshot, id, input) => {
    expect(report(snapshot).causes[0]?.finding.fix?.operation).toEqual({ id, input });
  });

  it('of a workload of somebody else is not restarted unasked', () => {
    const snapshot = aLab({ deployments: collection(dns(2), aWorkload({ namespace: 'ai', name: 'whisper-inference', ready: 0 })) });
    expect(report(snapshot).causes[0]?.finding.fix?.operation).toBeUndefined();
  });
});

describe('cluster DNS', () => {
  it('whose pods count as ready on a node that is not answers only in part', () => {
    const snapshot = aLab({ nodes: nodes({ 'gpu-1': { gpus: 8, labels, ready: 'Unknown' } }) });
    const { causes, findings } = report(snapshot);
    expect(findings.find(({ id }) => id === 'coredns')).toMatchObject({
      status: 'warn',
      message: 'Cluster DNS counts 2 of 2 as ready, but 1 is on gpu-1, which is not Ready',
    });
    expect(causes[0]?.follows.map(({ id }) => id)).toContain('coredns');
  });
});

function withEnded(reason: string): ClusterSnapshot {
  return aLab({ deadPods: live({ failed: 12, succeeded: 0, failedByReason: new Map([[reason, 12]]) }, now) });
}

function underPressure(): ClusterSnapshot['nodes'] {
  const { conditions } = aNode({ name: 'gpu-1' });
  return nodes({ 'gpu-1': { gpus: 8, labels, conditions: [...conditions.filter(({ type }) => type !== 'DiskPressure'), aCondition('DiskPressure', 'True')] } });
}
