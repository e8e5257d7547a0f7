import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usualDefinitions } from '../../../src/demo/api/custom-resource-definitions.js';
import { aNode, aPod, hasKubectl, startTestCluster, type TestCluster } from './test-cluster.js';

describe.skipIf(!hasKubectl)('stock kubectl reading the demo cluster', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster({ hooks: { podLog: (pod, { container }) => `hello from ${pod.metadata.name}/${container}\n` } });
    const { store } = cluster;
    store.create('nodes', aNode('gpu-1'));
    store.create('pods', aPod('web-1'));
    store.create('pods', aPod('web-2', { phase: 'Pending', node: '' }));
    store.create('pods', aPod('old-1', { phase: 'Failed', reason: 'Evicted' }));
    for (const definition of usualDefinitions()) store.create('customresourcedefinitions.apiextensions.k8s.io', definition);
    store.create('clusterpolicies.nvidia.com', {
      apiVersion: 'nvidia.com/v1',
      kind: 'ClusterPolicy',
      metadata: { name: 'cluster-policy' },
      status: { state: 'ready' },
    });
    store.create('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'web-2.1', namespace: 'ai' },
      involvedObject: { kind: 'Pod', name: 'web-2', namespace: 'ai', uid: store.get('pods', 'web-2', 'ai')?.metadata.uid },
      type: 'Warning',
      reason: 'FailedScheduling',
      message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
      count: 3,
      lastTimestamp: new Date().toISOString(),
      source: { component: 'default-scheduler' },
    });
  });
  afterAll(() => cluster.close());

  it('shows nodes with all wide columns', async () => {
    const { out } = await cluster.kubectl(['get', 'nodes', '-o', 'wide']);
    expect(out.split('\n')[0]?.split(/\s{2,}/)).toEqual([
      'NAME',
      'STATUS',
      'ROLES',
      'AGE',
      'VERSION',
      'INTERNAL-IP',
      'EXTERNAL-IP',
      'OS-IMAGE',
      'KERNEL-VERSION',
      'CONTAINER-RUNTIME',
    ]);
    expect(out.split('\n')[1]).toMatch(
      /^gpu-1 +Ready +worker +\S+ +v1\.36\.2 +10\.0\.0\.11 +<none> +Ubuntu 24\.04\.3 LTS +6\.8\.0-90-generic +containerd:\/\/2\.3\.4$/,
    );
  });

  it('shows pods of all namespaces with the reasons that the printers give', async () => {
    const { out } = await cluster.kubectl(['get', 'pods', '-A']);
    const rows = out
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).slice(0, 5).join(' '));
    expect(rows).toEqual(['NAMESPACE NAME READY STATUS RESTARTS', 'ai old-1 0/1 Evicted 0', 'ai web-1 1/1 Running 0', 'ai web-2 0/1 Pending 0']);
  });

  it('selects by labels and fields, and says what cannot be selected by', async () => {
    expect((await cluster.kubectl(['get', 'pods', '-A', '-o', 'name', '--field-selector=status.phase!=Failed'])).out).toBe('pod/web-1\npod/web-2\n');
    expect((await cluster.kubectl(['get', 'pods', '-A', '-o', 'name', '-l', 'app in (web),!gone', '--field-selector=spec.nodeName=gpu-1'])).out).toBe(
      'pod/old-1\npod/web-1\n',
    );
    expect((await cluster.kubectl(['get', 'pods', '-A', '--field-selector=status.reason=Evicted'])).err).toContain('field label not supported: status.reason');
  });

  it('describes a node with the pods on it and their events', async () => {
    const { out, code } = await cluster.kubectl(['describe', 'node', 'gpu-1']);
    expect(code).toBe(0);
    expect(out).toMatch(/Non-terminated Pods: +\(1 in total\)/);
    expect(out).toMatch(/nvidia\.com\/gpu: +8/);
  });

  it('describes a pod with its events', async () => {
    const { out } = await cluster.kubectl(['-n', 'ai', 'describe', 'pod', 'web-2']);
    expect(out).toMatch(/Warning +FailedScheduling +.*default-scheduler +0\/1 nodes are available: 1 Insufficient nvidia\.com\/gpu\./);
  });

  it('follows pods as they change', async () => {
    let changed = false;
    const out = await cluster.kubectlUntil(['get', 'pods', '-A', '--watch'], 'web-9', (text) => {
      if (changed || !text.includes('web-2')) return;
      changed = true;
      cluster.store.create('pods', aPod('web-9', { phase: 'Pending', node: '' }));
    });
    expect(out).toMatch(/ai +web-9 +0\/1 +Pending/);
    cluster.store.remove('pods', 'web-9', 'ai');
  });

  it('follows events', async () => {
    let added = false;
    const out = await cluster.kubectlUntil(['get', 'events', '-A', '--watch'], 'Scheduled ', (text) => {
      if (added || !text.includes('FailedScheduling')) return;
      added = true;
      const involvedObject = { kind: 'Pod', name: 'web-2', namespace: 'ai' };
      cluster.store.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'web-2.2', namespace: 'ai' },
        involvedObject,
        type: 'Normal',
        reason: 'Scheduled',
        message: 'assigned',
      });
    });
    expect(out).toMatch(/Normal +Scheduled +pod\/web-2 +assigned/);
  });

  it('lists what each user may do', async () => {
    expect((await cluster.kubectl(['auth', 'can-i', '--list'])).out).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m);
    const { out } = await cluster.kubectl(['auth', 'can-i', '--list'], { as: 'viewer' });
    expect(out).toMatch(/^pods +\[\] +\[\] +\[get list watch\]$/m);
    expect(out).not.toMatch(/^(?:nodes|secrets) /m);
    expect((await cluster.kubectl(['auth', 'can-i', 'delete', 'pods'], { as: 'viewer' })).out).toBe('no\n');
    expect((await cluster.kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], { as: 'viewer' })).out).toBe('viewer');
  });

  it('refuses a viewer in the words of a real cluster', async () => {
    expect((await cluster.kubectl(['get', 'nodes'], { as: 'viewer' })).err).toBe(
      'Error from server (Forbidden): nodes is forbidden: User "viewer" cannot list resource "nodes" in API group "" at the cluster scope\n',
    );
    expect((await cluster.kubectl(['-n', 'ai', 'delete', 'pod', 'web-1'], { as: 'viewer' })).err).toContain(
      'pods "web-1" is forbidden: User "viewer" cannot delete resource "pods" in API group "" in the namespace "ai"',
    );
  });

  it('prints logs', async () => {
    expect((await cluster.kubectl(['-n', 'ai', 'logs', 'web-1'])).out).toBe('hello from web-1/main\n');
    expect((await cluster.kubectl(['-n', 'ai', 'logs', 'web-1', '-c', 'nope'])).err).toContain('container nope is not valid for pod web-1');
  });

  it('knows all resources, short names, custom ones and their columns', async () => {
    const { out } = await cluster.kubectl(['api-resources', '--no-headers']);
    expect(out).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
    expect(out).toMatch(/^servicemonitors +smon +monitoring\.coreos\.com\/v1 +true +ServiceMonitor$/m);
    expect((await cluster.kubectl(['get', 'clusterpolicies'])).out).toMatch(/^NAME +STATUS +AGE\ncluster-policy +ready +\S+\n$/);
    expect((await cluster.kubectl(['get', 'tigerastatuses'])).err).toBe('No resources found\n');
  });

  it('answers raw health, version and explain', async () => {
    const { out } = await cluster.kubectl(['get', '--raw', '/readyz?verbose']);
    expect(out).toContain('[+]ping ok\n[+]log ok\n[+]etcd ok\n');
    expect(out).toContain('readyz check passed');
    expect((await cluster.kubectl(['version', '-o', 'json'])).out).toContain('"gitVersion": "v1.36.2"');
    expect((await cluster.kubectl(['explain', 'pod.spec.containers'])).out).toMatch(/KIND: +Pod[\s\S]*image\t<string>/);
  });
});
