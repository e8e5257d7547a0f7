import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, objectAt } from '../../../src/demo/api/json.js';
import { aNode, aPod, hasKubectl, startTestCluster, type TestCluster } from './test-cluster.js';

describe.skipIf(!hasKubectl)('stock kubectl changing the demo cluster', () => {
  let cluster: TestCluster;
  const run = async (...args: string[]): Promise<string> => {
    const { out, err } = await cluster.kubectl(args);
    return out + err;
  };

  beforeEach(async () => {
    cluster = await startTestCluster();
    cluster.store.create('nodes', aNode('gpu-1'));
    cluster.store.create('pods', aPod('web-1'));
  });
  afterEach(() => cluster.close());

  it('applies, applies again, and changes only what the file changes', async () => {
    const apply = (manifest: string, ...more: string[]): Promise<{ out: string; err: string }> =>
      cluster.kubectl(['apply', ...more, '-f', '-'], { stdin: manifest });
    expect((await apply(deployment('1'))).out).toBe('deployment.apps/resnet created\n');
    expect((await apply(deployment('1'))).out).toBe('deployment.apps/resnet unchanged\n');
    expect(await run('-n', 'ai', 'scale', 'deployment', 'resnet', '--replicas=3')).toBe('deployment.apps/resnet scaled\n');
    expect((await apply(deployment('2'))).out).toBe('deployment.apps/resnet configured\n');
    const stored = cluster.store.get('deployments.apps', 'resnet', 'ai');
    expect(at(stored, 'spec', 'replicas')).toBe(3);
    expect(stored?.metadata.generation).toBe(3);
    expect(JSON.stringify(stored)).toContain('"image":"registry.local/resnet:2"');
  });

  it('applies on the server side, with conflicts between managers', async () => {
    const apply = (manifest: string, ...more: string[]): Promise<{ out: string; err: string }> =>
      cluster.kubectl(['apply', '--server-side', ...more, '-f', '-'], { stdin: manifest });
    expect((await apply(deployment('1'), '--field-manager=one')).out).toBe('deployment.apps/resnet serverside-applied\n');
    const refused = await apply(deployment('2'), '--field-manager=two');
    expect(refused.err).toContain('Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="main"].image');
    expect((await apply(deployment('2'), '--field-manager=two', '--force-conflicts')).out).toContain('serverside-applied');
    expect(JSON.stringify(cluster.store.get('deployments.apps', 'resnet', 'ai'))).toContain('"image":"registry.local/resnet:2"');
  });

  it('patches in all three ways', async () => {
    await cluster.kubectl(['apply', '-f', '-'], { stdin: deployment('1') });
    const patch = (type: string, text: string): Promise<string> => run('-n', 'ai', 'patch', 'deploy', 'resnet', `--type=${type}`, '-p', text);
    expect(await patch('json', '[{"op":"replace","path":"/spec/minReadySeconds","value":5}]')).toContain('error');
    expect(await patch('json', '[{"op":"add","path":"/spec/minReadySeconds","value":5}]')).toBe('deployment.apps/resnet patched\n');
    expect(await patch('merge', '{"spec":{"minReadySeconds":null,"paused":true}}')).toBe('deployment.apps/resnet patched\n');
    expect(await patch('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:1"}]}}}}')).toBe(
      'deployment.apps/resnet patched\n',
    );
    expect(await patch('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}')).toBe(
      'deployment.apps/resnet patched\n',
    );
    expect(await run('-n', 'ai', 'set', 'image', 'deploy/resnet', 'main=resnet:9')).toBe('deployment.apps/resnet image updated\n');
    const stored = cluster.store.get('deployments.apps', 'resnet', 'ai');
    expect(objectAt(stored, 'spec')).toMatchObject({
      paused: true,
      template: { spec: { containers: [{ name: 'main', image: 'resnet:9', env: [{ name: 'A', value: '1' }] }] } },
    });
    expect(at(stored, 'spec', 'minReadySeconds')).toBeUndefined();
  });

  it('labels, annotates, taints and cordons', async () => {
    expect(await run('-n', 'ai', 'label', 'pod', 'web-1', 'tier=front')).toBe('pod/web-1 labeled\n');
    expect(await run('-n', 'ai', 'annotate', 'pod', 'web-1', 'note=hello')).toBe('pod/web-1 annotated\n');
    expect(cluster.store.get('pods', 'web-1', 'ai')?.metadata).toMatchObject({ labels: { app: 'web', tier: 'front' }, annotations: { note: 'hello' } });
    expect(await run('taint', 'node', 'gpu-1', 'gpu=broken:NoSchedule')).toBe('node/gpu-1 tainted\n');
    expect(at(cluster.store.get('nodes', 'gpu-1'), 'spec', 'taints')).toEqual([{ key: 'gpu', value: 'broken', effect: 'NoSchedule' }]);
    expect(await run('taint', 'node', 'gpu-1', 'gpu-')).toBe('node/gpu-1 untainted\n');
    expect(await run('cordon', 'gpu-1')).toBe('node/gpu-1 cordoned\n');
    expect(await run('get', 'nodes', '--no-headers')).toMatch(/Ready,SchedulingDisabled/);
    expect(await run('uncordon', 'gpu-1')).toBe('node/gpu-1 uncordoned\n');
    expect(at(cluster.store.get('nodes', 'gpu-1'), 'spec', 'unschedulable')).toBeUndefined();
  });

  it('drains, dry and for real, and respects disruption budgets', async () => {
    // A kubelet, as far as this test needs one.
    cluster.store.subscribe('pods', ({ type, object }) => {
      if (type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined) setImmediate(() => cluster.store.remove('pods', object.metadata.name, 'ai'));
    });
    expect(await run('drain', 'gpu-1', '--force', '--dry-run=server')).toContain('node/gpu-1 drained (server dry run)');
    expect(cluster.store.get('pods', 'web-1', 'ai')?.metadata.deletionTimestamp).toBeUndefined();
    cluster.store.create('poddisruptionbudgets.policy', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'ai' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1, expectedPods: 1 },
    });
    expect(await run('drain', 'gpu-1', '--force', '--timeout=1s')).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    cluster.store.remove('poddisruptionbudgets.policy', 'web', 'ai');
    expect(await run('drain', 'gpu-1', '--force')).toContain('pod/web-1 evicted\nnode/gpu-1 drained');
  });

  it('deletes failed pods of all namespaces by field selector and leaves the others', async () => {
    for (let i = 0; i < 20; i += 1)
      cluster.store.create('pods', aPod(`old-${i}`, { phase: 'Failed', reason: 'Evicted', namespace: i % 2 === 0 ? 'ai' : 'default' }));
    const out = await run('delete', 'pods', '--field-selector=status.phase=Failed', '-A');
    expect(out.match(/pod "old-\d+" deleted/g)).toHaveLength(20);
    expect(cluster.store.list('pods').map(({ metadata }) => metadata.name)).toEqual(['web-1']);
  });

  it('gives a running pod its grace, unless forced', async () => {
    await cluster.kubectl(['-n', 'ai', 'delete', 'pod', 'web-1', '--wait=false', '--grace-period=7']);
    const marked = cluster.store.get('pods', 'web-1', 'ai')?.metadata;
    expect(marked?.deletionGracePeriodSeconds).toBe(7);
    expect(await run('-n', 'ai', 'get', 'pods', '--no-headers')).toMatch(/web-1 +1\/1 +Terminating/);
    await cluster.kubectl(['-n', 'ai', 'delete', 'pod', 'web-1', '--force', '--grace-period=0']);
    expect(cluster.store.get('pods', 'web-1', 'ai')).toBeNull();
  });

  it('creates a namespace with things in it, and takes all away with the namespace', async () => {
    expect(await run('create', 'namespace', 'lab')).toBe('namespace/lab created\n');
    expect(await run('-n', 'lab', 'create', 'deployment', 'web', '--image=web:1', '--replicas=2', '--port=80')).toBe('deployment.apps/web created\n');
    expect(await run('-n', 'lab', 'expose', 'deployment', 'web', '--port=80')).toBe('service/web exposed\n');
    expect(await run('-n', 'lab', 'create', 'configmap', 'settings', '--from-literal=a=b')).toBe('configmap/settings created\n');
    expect(await run('-n', 'lab', 'create', 'secret', 'generic', 'token', '--from-literal=a=b')).toBe('secret/token created\n');
    expect(await run('-n', 'lab', 'create', 'quota', 'gpus', '--hard=requests.nvidia.com/gpu=4')).toBe('resourcequota/gpus created\n');
    expect(at(cluster.store.get('secrets', 'token', 'lab'), 'data')).toEqual({ a: 'Yg==' });
    expect(objectAt(cluster.store.get('deployments.apps', 'web', 'lab'), 'spec')).toMatchObject({
      replicas: 2,
      template: { spec: { containers: [{ ports: [{ containerPort: 80, protocol: 'TCP' }] }] } },
    });
    expect(await run('delete', 'namespace', 'lab')).toBe('namespace "lab" deleted\n');
    expect(cluster.store.count('deployments.apps', 'lab')).toBe(0);
    expect(await run('-n', 'lab', 'create', 'configmap', 'late')).toContain('namespaces "lab" not found');
  });

  it('waits for a rollout until it is there', async () => {
    await cluster.kubectl(['apply', '-f', '-'], { stdin: deployment('1') });
    const out = await cluster.kubectlUntil(['-n', 'ai', 'rollout', 'status', 'deploy/resnet'], 'successfully rolled out', (text) => {
      const stored = cluster.store.get('deployments.apps', 'resnet', 'ai');
      if (stored === null || !text.includes('Waiting') || stored['status'] !== undefined) return;
      cluster.store.update('deployments.apps', {
        ...stored,
        status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
      });
    });
    expect(out).toContain('deployment "resnet" successfully rolled out');
  });

  it('replaces what an editor saved, and refuses what changed meanwhile', async () => {
    const { out } = await cluster.kubectl(['-n', 'ai', 'get', 'pod', 'web-1', '-o', 'json']);
    const edited = out.replace('"app": "web"', '"app": "edited"');
    expect((await cluster.kubectl(['replace', '-f', '-'], { stdin: edited })).out).toBe('pod/web-1 replaced\n');
    expect(cluster.store.get('pods', 'web-1', 'ai')?.metadata.labels).toEqual({ app: 'edited' });
    expect((await cluster.kubectl(['replace', '-f', '-'], { stdin: edited })).err).toContain(
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('makes a new resource of a custom resource definition', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'queues.lab.example.com' },
      spec: {
        group: 'lab.example.com',
        scope: 'Namespaced',
        names: { plural: 'queues', singular: 'queue', kind: 'Queue', shortNames: ['qu'] },
        versions: [{ name: 'v1', served: true, storage: true, additionalPrinterColumns: [{ name: 'Depth', type: 'integer', jsonPath: '.spec.depth' }] }],
      },
    };
    expect((await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(definition) })).out).toContain('created');
    const queue = { apiVersion: 'lab.example.com/v1', kind: 'Queue', metadata: { name: 'night', namespace: 'ai' }, spec: { depth: 7 } };
    expect((await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(queue) })).out).toBe('queue.lab.example.com/night created\n');
    expect(await run('-n', 'ai', 'get', 'qu')).toMatch(/^NAME +DEPTH\nnight +7\n$/);
  });
});

function deployment(tag: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: resnet, namespace: ai}
spec:
  selector: {matchLabels: {app: resnet}}
  template:
    metadata: {labels: {app: resnet}}
    spec:
      containers:
      - {name: main, image: "registry.local/resnet:${tag}", env: [{name: A, value: "1"}]}
`;
}
