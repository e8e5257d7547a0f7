import { beforeEach, describe, expect, it } from 'vitest';
import { listAt, numberAt, textAt } from '../../../src/demo/fields.js';
import { parseScenario } from '../../../src/demo/scenario.js';
import { condition, type SimulatedCluster, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

describe('nodes of the demo cluster', () => {
  let cluster: SimulatedCluster;
  beforeEach(() => {
    cluster = simulatedCluster('healthy');
  });
  const taints = (node: string) => listAt(cluster.node(node), 'spec', 'taints').map((taint) => textAt(taint, 'key'));
  const on = (node: string) => cluster.store.list('pods').filter((pod) => textAt(pod, 'spec', 'nodeName') === node);

  it('a cordoned node gets its taint and no new pods, and loses it again', () => {
    cluster.edit('nodes', '', 'gpu-1', { unschedulable: true });
    cluster.edit('deployments.apps', 'ai', 'resnet50-inference', { replicas: 8 });
    cluster.pass(10);
    expect(taints('gpu-1')).toEqual(['node.kubernetes.io/unschedulable']);
    const [waiting] = cluster.pods('ai', 'resnet50').filter((pod) => textAt(pod, 'spec', 'nodeName') === null);
    expect(waiting === undefined ? '' : condition(waiting, 'PodScheduled').message).toContain('1 node(s) were unschedulable, 2 Insufficient nvidia.com/gpu');
    cluster.edit('nodes', '', 'gpu-1', { unschedulable: false });
    cluster.pass(10);
    expect(taints('gpu-1')).toEqual([]);
    expect(unreadyPods(cluster)).toEqual([]);
  });

  it('a NoExecute taint sends away whoever does not tolerate it', () => {
    cluster.edit('nodes', '', 'gpu-2', { taints: [{ key: 'maintenance', effect: 'NoExecute' }] });
    cluster.pass(20);
    expect(on('gpu-2').filter((pod) => pod.metadata.namespace === 'ai')).toEqual([]);
    expect(on('gpu-2').some((pod) => pod.metadata.name.startsWith('kube-proxy'))).toBe(true);
  });

  it('a deleted device plugin pod takes the GPUs along until its successor has registered them', () => {
    const [plugin] = on('gpu-1').filter((pod) => pod.metadata.name.startsWith('nvidia-device-plugin'));
    cluster.store.remove('pods', plugin?.metadata.name ?? '', 'kube-system');
    cluster.pass(0);
    expect(textAt(cluster.node('gpu-1'), 'status', 'allocatable', 'nvidia.com/gpu')).toBe('0');
    cluster.pass(10);
    expect(textAt(cluster.node('gpu-1'), 'status', 'allocatable', 'nvidia.com/gpu')).toBe('8');
    expect(unreadyPods(cluster)).toEqual([]);
  });

  it('a machine that stays down becomes Unknown after the grace period and its pods move away after five more minutes', () => {
    cluster = simulatedCluster(parseScenario('down', { summary: 'gpu-1 goes down', steps: [{ at: 10, do: 'node-down', node: 'gpu-1' }] }));
    cluster.pass(50);
    expect(condition(cluster.node('gpu-1'), 'Ready').status).toBe('True');
    cluster.pass(15);
    expect(condition(cluster.node('gpu-1'), 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(taints('gpu-1')).toEqual(['node.kubernetes.io/unreachable', 'node.kubernetes.io/unreachable']);
    cluster.pass(330);
    const distilbert = cluster.pods('ai', 'distilbert');
    // Nobody is there to end the old pod's processes, so it stays Terminating.
    expect(
      distilbert.map((pod) => `${textAt(pod, 'spec', 'nodeName') ?? ''} ${pod.metadata.deletionTimestamp === undefined ? 'stays' : 'terminating'}`).sort(),
    ).toEqual(['gpu-1 terminating', 'gpu-2 stays']);
  });

  it('a deleted node takes its pods with it and daemon sets count one less', () => {
    cluster.store.remove('nodes', 'gpu-2');
    cluster.pass(30);
    expect(on('gpu-2')).toEqual([]);
    expect(numberAt(cluster.store.get('daemonsets.apps', 'kube-proxy', 'kube-system'), 'status', 'desiredNumberScheduled')).toBe(2);
  });

  it('a disruption budget allows nothing while one of its two pods is away', () => {
    const budget = () => numberAt(cluster.store.get('poddisruptionbudgets.policy', 'coredns', 'kube-system'), 'status', 'disruptionsAllowed');
    expect(budget()).toBe(1);
    const [pod] = cluster.pods('kube-system', 'coredns');
    cluster.store.remove('pods', pod?.metadata.name ?? '', 'kube-system');
    cluster.pass(0);
    expect(budget()).toBe(0);
    cluster.pass(10);
    expect(budget()).toBe(1);
  });

  it('a new namespace has a service account, and one that is deleted is emptied', () => {
    cluster.store.create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'team-b' },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    cluster.pass(0);
    expect(cluster.store.get('serviceaccounts', 'default', 'team-b')).not.toBeNull();
    const namespace = cluster.store.get('namespaces', 'ai');
    if (namespace !== null)
      cluster.store.update('namespaces', { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: '2026-11-02T14:02:11Z' } });
    cluster.pass(60);
    expect(cluster.store.get('namespaces', 'ai')).toBeNull();
    expect(cluster.pods('ai')).toEqual([]);
    expect(cluster.store.list('persistentvolumeclaims', 'ai')).toEqual([]);
  });
});
