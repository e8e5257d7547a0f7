import { beforeAll, describe, expect, it } from 'vitest';
import { at, listAt, numberAt, textAt } from '../../../src/demo/fields.js';
import { condition, gpus, type SimulatedCluster, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

describe('the healthy cluster', () => {
  let cluster: SimulatedCluster;
  beforeAll(() => {
    cluster = simulatedCluster('healthy');
  });

  it('has every pod ready and none that failed', () => {
    expect(unreadyPods(cluster)).toEqual([]);
    expect(cluster.store.list('pods').filter((pod) => textAt(pod, 'status', 'phase') === 'Failed')).toEqual([]);
    expect(cluster.store.list('pods').length).toBeGreaterThan(35);
  });

  it('offers all 17 GPUs', () => {
    expect(cluster.store.list('nodes').map((node) => `${node.metadata.name} ${gpus(node)}`)).toEqual(['controlplane 1 of 1', 'gpu-1 8 of 8', 'gpu-2 8 of 8']);
  });

  it('has every node ready, without pressure and without taints but the control plane’s own', () => {
    for (const node of cluster.store.list('nodes')) {
      expect(condition(node, 'Ready').status).toBe('True');
      for (const type of ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']) expect(condition(node, type).status).toBe('False');
      const taints = listAt(node, 'spec', 'taints').map((taint) => textAt(taint, 'key'));
      expect(taints).toEqual(node.metadata.name === 'controlplane' ? ['node-role.kubernetes.io/control-plane'] : []);
    }
  });

  it('has all workloads where they want to be', () => {
    for (const deployment of cluster.store.list('deployments.apps')) {
      expect(numberAt(deployment, 'status', 'availableReplicas'), deployment.metadata.name).toBe(numberAt(deployment, 'spec', 'replicas'));
      expect(numberAt(deployment, 'status', 'observedGeneration')).toBe(deployment.metadata.generation);
    }
    for (const set of cluster.store.list('daemonsets.apps')) {
      expect(numberAt(set, 'status', 'numberReady'), set.metadata.name).toBe(3);
      expect(numberAt(set, 'status', 'updatedNumberScheduled')).toBe(3);
    }
    for (const set of cluster.store.list('statefulsets.apps')) expect(numberAt(set, 'status', 'readyReplicas')).toBe(numberAt(set, 'spec', 'replicas'));
  });

  it('has every claim bound to a volume and one default storage class', () => {
    const claims = cluster.store.list('persistentvolumeclaims');
    expect(claims.length).toBeGreaterThan(3);
    for (const claim of claims) {
      expect(textAt(claim, 'status', 'phase')).toBe('Bound');
      expect(cluster.store.get('persistentvolumes', textAt(claim, 'spec', 'volumeName') ?? '')).not.toBeNull();
    }
    const defaults = cluster.store
      .list('storageclasses.storage.k8s.io')
      .filter((each) => each.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true');
    expect(defaults.map((each) => each.metadata.name)).toEqual(['local-path']);
  });

  it('has endpoints for every service with a selector, those of Prometheus where the demo listens', () => {
    for (const service of cluster.store.list('services')) {
      const endpoints = cluster.store.get('endpoints', service.metadata.name, service.metadata.namespace);
      expect(listAt(endpoints, 'subsets').length, service.metadata.name).toBeGreaterThan(0);
    }
    const prometheus = cluster.store.get('endpoints', 'kps-prometheus', 'monitoring');
    const [subset] = listAt(prometheus, 'subsets');
    expect(listAt(subset, 'addresses').map((address) => textAt(address, 'ip'))).toEqual(['127.0.0.1']);
    expect(listAt(subset, 'ports').map((port) => numberAt(port, 'port'))).toEqual([9999]);
  });

  it('has four static pods as mirrors, and brings one back that is deleted', () => {
    const mirrors = () => cluster.pods('kube-system').filter((pod) => pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined);
    expect(mirrors().map((pod) => pod.metadata.name)).toEqual([
      'etcd-controlplane',
      'kube-apiserver-controlplane',
      'kube-controller-manager-controlplane',
      'kube-scheduler-controlplane',
    ]);
    cluster.store.remove('pods', 'etcd-controlplane', 'kube-system');
    cluster.pass(10);
    expect(mirrors()).toHaveLength(4);
    expect(unreadyPods(cluster)).toEqual([]);
  });

  it('renews every node’s lease every ten seconds', () => {
    const renewed = () => Date.parse(textAt(cluster.store.get('leases.coordination.k8s.io', 'gpu-1', 'kube-node-lease'), 'spec', 'renewTime') ?? '');
    const before = renewed();
    cluster.pass(30);
    expect(renewed() - before).toBe(30_000);
  });

  it('keeps the heartbeat of the conditions no older than five minutes', () => {
    cluster.pass(3600);
    const ready = listAt(cluster.node('gpu-2'), 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
    expect(cluster.world.clock.now() - Date.parse(textAt(ready, 'lastHeartbeatTime') ?? '')).toBeLessThanOrEqual(300_000);
  });

  it('forgets events after an hour', () => {
    cluster.pass(3700);
    expect(cluster.store.list('events').filter((event) => textAt(event, 'source', 'component') !== null)).toEqual([]);
  });

  it('describes its GPU nodes as GPU feature discovery does', () => {
    const labels = cluster.node('gpu-2').metadata.labels ?? {};
    expect(labels['nvidia.com/gpu.count']).toBe('8');
    expect(labels['nvidia.com/gpu.product']).toBe('NVIDIA-A100-SXM4-80GB');
    expect(labels['nvidia.com/cuda.driver-version.full']).toBe('580.173.02');
    expect(listAt(cluster.node('gpu-2'), 'status', 'runtimeHandlers').map((handler) => at(handler, 'name'))).toContain('nvidia');
  });
});
