import { beforeEach, describe, expect, it } from 'vitest';
import { at, fieldsAt, listAt, numberAt, textAt } from '../../../src/demo/fields.js';
import { condition, type SimulatedCluster, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

describe('workloads of the demo cluster', () => {
  let cluster: SimulatedCluster;
  beforeEach(() => {
    cluster = simulatedCluster('healthy');
  });
  const deployment = (name: string) => cluster.store.get('deployments.apps', name, 'ai');
  const template = (name: string, image: string) => {
    const before = fieldsAt(deployment(name), 'spec', 'template');
    const containers = listAt(before, 'spec', 'containers').map((container) => ({ ...fieldsAt({ container }, 'container'), image }));
    return { ...before, spec: { ...fieldsAt(before, 'spec'), containers } };
  };

  it('a deployment scaled up has its replicas running a moment later, one to each free GPU', () => {
    cluster.edit('deployments.apps', 'ai', 'resnet50-inference', { replicas: 8 });
    cluster.pass(10);
    expect(numberAt(deployment('resnet50-inference'), 'status', 'availableReplicas')).toBe(8);
    expect(cluster.events('ScalingReplicaSet')).toContainEqual(expect.stringMatching(/^Scaled up replica set resnet50-inference-\w+ from 1 to 8$/));
  });

  it('a replica too many waits with what the scheduler says, and gets the GPU that becomes free', () => {
    cluster.edit('deployments.apps', 'ai', 'resnet50-inference', { replicas: 9 });
    cluster.pass(10);
    const [waiting] = cluster.pods('ai', 'resnet50').filter((pod) => textAt(pod, 'spec', 'nodeName') === null);
    expect(waiting === undefined ? '' : condition(waiting, 'PodScheduled').message).toMatch(
      /^0\/3 nodes are available: 3 Insufficient nvidia\.com\/gpu\. preemption: 0\/3 nodes are available: /,
    );
    expect(condition(deployment('resnet50-inference') ?? cluster.node('gpu-1'), 'Progressing').reason).toMatch(/ReplicaSetUpdated|NewReplicaSetAvailable/);
    cluster.edit('deployments.apps', 'ai', 'distilbert-inference', { replicas: 0 });
    cluster.pass(10);
    expect(unreadyPods(cluster)).toEqual([]);
  });

  it('the quota of the namespace stops what is too much, and says so on the ReplicaSet', () => {
    cluster.edit('deployments.apps', 'ai', 'resnet50-inference', { replicas: 20 });
    cluster.pass(10);
    expect(cluster.events('FailedCreate')[0]).toContain(
      'is forbidden: exceeded quota: gpu-quota, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=24, limited: requests.nvidia.com/gpu=24',
    );
    cluster.edit('deployments.apps', 'ai', 'resnet50-inference', { replicas: 1 });
    cluster.pass(60);
    expect(cluster.pods('ai', 'resnet50')).toHaveLength(1);
  });

  it('a new image rolls out under a new revision and the old ReplicaSet stays for undo', () => {
    cluster.edit('deployments.apps', 'ai', 'distilbert-inference', {
      template: template('distilbert-inference', 'registry.lab.local:5000/ai/distilbert-server:1.5.0'),
    });
    cluster.pass(15);
    const sets = cluster.store.list('replicasets.apps', 'ai').filter((set) => set.metadata.name.startsWith('distilbert'));
    expect(sets.map((set) => numberAt(set, 'spec', 'replicas')).sort()).toEqual([0, 1]);
    expect(deployment('distilbert-inference')?.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    expect(cluster.pods('ai', 'distilbert').map((pod) => textAt(listAt(pod, 'spec', 'containers')[0], 'image'))).toEqual([
      'registry.lab.local:5000/ai/distilbert-server:1.5.0',
    ]);
    const progressing = condition(deployment('distilbert-inference') ?? cluster.node('gpu-1'), 'Progressing');
    expect(progressing.reason).toBe('NewReplicaSetAvailable');
  });

  it('a rollout that cannot get its GPUs runs into its deadline', () => {
    cluster.edit('deployments.apps', 'ai', 'whisper-inference', { replicas: 3, progressDeadlineSeconds: 120 });
    cluster.pass(20);
    cluster.edit('deployments.apps', 'ai', 'whisper-inference', { template: template('whisper-inference', 'registry.lab.local:5000/ai/whisper-server:2.2.0') });
    cluster.pass(400);
    expect(condition(deployment('whisper-inference') ?? cluster.node('gpu-1'), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
  });

  it('a deleted pod is replaced, and a deleted deployment takes its ReplicaSets and pods along', () => {
    const [pod] = cluster.pods('ai', 'resnet50');
    cluster.store.remove('pods', pod?.metadata.name ?? '', 'ai');
    cluster.pass(10);
    expect(cluster.pods('ai', 'resnet50')).toHaveLength(1);
    expect(cluster.pods('ai', 'resnet50')[0]?.metadata.uid).not.toBe(pod?.metadata.uid);
    cluster.store.remove('deployments.apps', 'resnet50-inference', 'ai');
    cluster.pass(10);
    expect(cluster.pods('ai', 'resnet50')).toEqual([]);
    expect(cluster.store.list('replicasets.apps', 'ai').filter((set) => set.metadata.name.startsWith('resnet50'))).toEqual([]);
  });

  it('a deployment deleted in the foreground goes last, an orphaned one alone', () => {
    const remove = (name: string, finalizer: string) => {
      const object = deployment(name);
      if (object !== null)
        cluster.store.update('deployments.apps', {
          ...object,
          metadata: { ...object.metadata, deletionTimestamp: '2026-11-02T14:02:11Z', finalizers: [finalizer] },
        });
    };
    remove('resnet50-inference', 'foregroundDeletion');
    cluster.pass(0);
    expect(deployment('resnet50-inference')).not.toBeNull();
    remove('distilbert-inference', 'orphan');
    cluster.pass(10);
    expect(deployment('resnet50-inference')).toBeNull();
    expect(cluster.pods('ai', 'resnet50')).toEqual([]);
    expect(deployment('distilbert-inference')).toBeNull();
    expect(cluster.pods('ai', 'distilbert')).toHaveLength(1);
  });

  it('a StatefulSet grows in order, each pod with a bound claim of its own that outlives it', () => {
    cluster.edit('statefulsets.apps', 'ai', 'qdrant', { replicas: 4 });
    cluster.pass(20);
    expect(cluster.pods('ai', 'qdrant').map((pod) => pod.metadata.name)).toEqual(['qdrant-0', 'qdrant-1', 'qdrant-2', 'qdrant-3']);
    cluster.edit('statefulsets.apps', 'ai', 'qdrant', { replicas: 1 });
    cluster.pass(20);
    expect(cluster.pods('ai', 'qdrant').map((pod) => pod.metadata.name)).toEqual(['qdrant-0']);
    expect(textAt(cluster.store.get('persistentvolumeclaims', 'storage-qdrant-3', 'ai'), 'status', 'phase')).toBe('Bound');
  });

  it('a job runs to its end and tells so', () => {
    const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] };
    const run = { metadata: { annotations: { 'demo.gpuk8s-tui/run-seconds': '30' } }, spec };
    cluster.store.create('jobs.batch', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'once', namespace: 'ai' },
      spec: { completions: 2, parallelism: 1, template: run },
    });
    cluster.pass(20);
    expect(numberAt(cluster.store.get('jobs.batch', 'once', 'ai'), 'status', 'active')).toBe(1);
    cluster.pass(80);
    const job = cluster.store.get('jobs.batch', 'once', 'ai');
    expect(numberAt(job, 'status', 'succeeded')).toBe(2);
    expect(job === null ? null : condition(job, 'Complete').reason).toBe('CompletionsReached');
    expect(at(job, 'status', 'active')).toBeUndefined();
  });
});
