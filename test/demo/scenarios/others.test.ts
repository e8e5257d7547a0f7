import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../../src/demo/fields.js';
import { condition, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

describe('the other scenarios', () => {
  it('evictions leave as many evicted pods as asked for, owned by living ReplicaSets, in four namespaces', () => {
    const cluster = simulatedCluster('evictions', { pods: 400 });
    const evicted = cluster.store.list('pods').filter((pod) => textAt(pod, 'status', 'reason') === 'Evicted');
    expect(evicted).toHaveLength(400);
    expect([...new Set(evicted.map((pod) => pod.metadata.namespace))].sort()).toEqual(['ai', 'kube-system', 'monitoring', 'tigera-operator']);
    for (const pod of evicted) {
      const owner = pod.metadata.ownerReferences?.[0];
      expect(cluster.store.get('replicasets.apps', owner?.name ?? '', pod.metadata.namespace)?.metadata.uid).toBe(owner?.uid);
      expect(textAt(pod, 'status', 'message')).toMatch(
        /^The node was low on resource: ephemeral-storage\. Threshold quantity: \d+Ki, available: \d+Ki\. Container /,
      );
    }
    expect(unreadyPods(cluster).length - evicted.length).toBe(3);
    expect(condition(cluster.node('gpu-1'), 'DiskPressure').status).toBe('False');
  });

  it('evicted pods stay until somebody deletes them, and their ReplicaSets do not mind', () => {
    const cluster = simulatedCluster('evictions', { pods: 50 });
    const evicted = cluster.store.list('pods').filter((pod) => textAt(pod, 'status', 'reason') === 'Evicted');
    const living = cluster.store.list('pods').length - evicted.length;
    for (const pod of evicted) cluster.store.remove('pods', pod.metadata.name, pod.metadata.namespace);
    cluster.pass(60);
    expect(cluster.store.list('pods')).toHaveLength(living);
  });

  it('monitoring-down leaves the services of Prometheus without a ready endpoint', () => {
    const cluster = simulatedCluster('monitoring-down');
    for (const name of ['kps-prometheus', 'prometheus-operated']) {
      const [subset] = listAt(cluster.store.get('endpoints', name, 'monitoring'), 'subsets');
      expect(listAt(subset, 'addresses'), name).toEqual([]);
    }
    expect(cluster.faults).toMatchObject({ prometheusDown: true, grafanaDown: false });
    const [prometheus] = cluster.pods('monitoring', 'prometheus-');
    expect(JSON.stringify(prometheus?.['status'])).toContain('CrashLoopBackOff');
    expect(cluster.events('BackOff').length).toBeGreaterThan(0);
  });

  it('api-down refuses at once and accepts again after thirty seconds, with everything good behind it', async () => {
    const cluster = simulatedCluster('api-down');
    expect(unreadyPods(cluster)).toEqual([]);
    cluster.pass(29);
    await Promise.resolve();
    expect(cluster.accepting).toEqual([false]);
    cluster.pass(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(cluster.accepting).toEqual([false, true]);
  });

  it('fills up with small pods and with workers, all of them ready', () => {
    const cluster = simulatedCluster('healthy', { pods: 2000, nodes: 6 });
    expect(cluster.store.list('pods')).toHaveLength(2000);
    expect(cluster.store.list('nodes').map((node) => node.metadata.name)).toEqual(['controlplane', 'gpu-1', 'gpu-2', 'gpu-3', 'gpu-4', 'gpu-5']);
    expect(unreadyPods(cluster)).toEqual([]);
    const [pod] = cluster.pods('batch');
    cluster.store.remove('pods', pod?.metadata.name ?? '', 'batch');
    cluster.pass(5);
    expect(cluster.store.list('pods')).toHaveLength(2000);
  });
});
