import { afterEach, describe, expect, it, vi } from 'vitest';
import { KubeError } from '../../../src/kube/kube-error.js';
import { applyRuntimeClass } from '../../../src/operations/fixes/apply-runtime-class.js';
import { defaultStorageClass } from '../../../src/operations/fixes/default-storage-class.js';
import { deletePod } from '../../../src/operations/fixes/delete-pod.js';
import { labelNode } from '../../../src/operations/fixes/label-node.js';
import { restartWorkload } from '../../../src/operations/fixes/restart-workload.js';
import { setRuntimeClass } from '../../../src/operations/fixes/set-runtime-class.js';
import { uncordon } from '../../../src/operations/fixes/uncordon.js';
import { live } from '../../../src/state/freshness.js';
import { ledgerOf } from '../../builders/lab.js';
import { aNode, aPod, aSnapshot, aWorkload, collection, now } from '../../builders/snapshot.js';
import { aScene, done } from './a-scene.js';

const plugin = '/apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin';
const pluginInput = { kind: 'daemonset', namespace: 'kube-system', name: 'nvidia-device-plugin' };
const runtimeClass = '/apis/node.k8s.io/v1/runtimeclasses/nvidia';
const nvidia = { metadata: { name: 'nvidia', uid: 'rc-1' }, handler: 'nvidia' };

/** A DaemonSet of two pods that all run, as its controller has seen it. */
function aDaemonSet(spec: Readonly<Record<string, unknown>> = {}, metadata: Readonly<Record<string, unknown>> = {}) {
  return {
    metadata: { name: 'nvidia-device-plugin', uid: 'ds-1', generation: 4, ...metadata },
    spec: { template: { spec: { containers: [{ image: 'nvcr.io/nvidia/k8s-device-plugin:v0.20.0' }], ...spec } } },
    status: { observedGeneration: 4, desiredNumberScheduled: 2, updatedNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 2 },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('apply-runtime-class', () => {
  it('creates the class, says so exactly, and sees it', async () => {
    const scene = aScene({ later: (snapshot) => ({ ...snapshot, runtimeClasses: collection({ name: 'nvidia', handler: 'nvidia' }) }) });
    const { plan } = await applyRuntimeClass.plan({}, scene);
    expect(plan).toMatchObject({
      risk: 'safe',
      undo: 'kubectl --context lab delete runtimeclass nvidia',
      items: [
        {
          object: 'runtimeclass/nvidia',
          exact: `PATCH ${runtimeClass}?fieldManager=gpuk8s-tui {"apiVersion":"node.k8s.io/v1","kind":"RuntimeClass","metadata":{"name":"nvidia"},"handler":"nvidia"}`,
        },
      ],
    });
    expect((await done(applyRuntimeClass, {}, scene)).verification).toEqual({ seen: true, text: 'RuntimeClass nvidia names the handler nvidia' });
  });

  it('replaces a class with another handler, which cannot be changed', async () => {
    const scene = aScene({ objects: { [runtimeClass]: { ...nvidia, handler: 'runc' } } });
    const { plan } = await applyRuntimeClass.plan({}, scene);
    expect(plan.risk).toBe('disruptive');
    expect(plan.items.map(({ text }) => text)).toEqual(['Delete RuntimeClass nvidia, whose handler is runc', 'Create RuntimeClass nvidia with handler nvidia']);
    expect(plan.items[0]?.exact).toBe(`DELETE ${runtimeClass} {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"rc-1"}}`);
  });

  it('warns of GPU nodes whose runtime has no such handler, finds nothing to do where the class is there, and says what is forbidden', async () => {
    const nodes = [aNode({ name: 'gpu-2', gpus: 8, runtimeHandlers: ['', 'runc'] })];
    const snapshot = aSnapshot({ nodes: collection(...nodes), gpus: live(ledgerOf(nodes, []), now) });
    const { plan } = await applyRuntimeClass.plan({}, aScene({ snapshot, may: (verb) => (verb === 'create' ? 'no' : 'yes') }));
    expect(plan.warnings).toEqual([
      'the container runtime of gpu-2 has no handler nvidia: configure the NVIDIA container toolkit there, or pods of this class will not start',
    ]);
    expect(plan.blockers).toEqual(['this user may not create runtimeclasses.node.k8s.io']);
    await expect(applyRuntimeClass.plan({}, aScene({ objects: { [runtimeClass]: nvidia } }))).rejects.toThrow(
      'nothing to do: RuntimeClass nvidia names the handler nvidia',
    );
  });
});

describe('set-runtime-class', () => {
  const nodes = [aNode({ name: 'gpu-2', gpus: 0, capacityGpus: 8 })];
  const snapshot = aSnapshot({ nodes: collection(...nodes), gpus: live(ledgerOf(nodes, []), now) });
  const healed = [aNode({ name: 'gpu-2', gpus: 8 })];

  it('patches the pod template of the very DaemonSet it looked at, and waits for the GPUs', async () => {
    const scene = aScene({
      snapshot,
      objects: { [runtimeClass]: nvidia, [plugin]: aDaemonSet() },
      later: (before) => ({ ...before, gpus: live(ledgerOf(healed, []), now) }),
    });
    const { plan } = await setRuntimeClass.plan(pluginInput, scene);
    expect(plan).toMatchObject({
      title: 'Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin',
      risk: 'disruptive',
      goal: '8 of 8 GPUs of gpu-2 registered',
      undo: `kubectl --context lab -n kube-system patch daemonset nvidia-device-plugin '--type=merge' -p '{"spec":{"template":{"spec":{"runtimeClassName":null}}}}'`,
    });
    expect(plan.items.map(({ exact }) => exact)).toEqual([
      `PATCH ${plugin}?fieldManager=gpuk8s-tui {"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}},"metadata":{"uid":"ds-1"}}`,
    ]);
    expect((await done(setRuntimeClass, pluginInput, scene)).verification).toEqual({ seen: true, text: '8 of 8 GPUs of gpu-2 registered' });
  });

  it('says how many GPUs came when not all did', async () => {
    const scene = aScene({ snapshot, objects: { [runtimeClass]: nvidia, [plugin]: aDaemonSet() } });
    expect(await done(setRuntimeClass, pluginInput, scene)).toMatchObject({
      state: 'failed',
      verification: { seen: false, text: '0 of 8 GPUs of gpu-2 registered' },
    });
  });

  it('creates the class first where it is missing, and warns of Helm and of owners', async () => {
    const owned = aDaemonSet(
      {},
      { annotations: { 'meta.helm.sh/release-name': 'nvdp' }, ownerReferences: [{ kind: 'ClusterPolicy', name: 'cluster-policy' }] },
    );
    const { plan } = await setRuntimeClass.plan(pluginInput, aScene({ snapshot, objects: { [plugin]: owned } }));
    expect(plan.items.map(({ object }) => object)).toEqual(['runtimeclass/nvidia', 'daemonset/kube-system/nvidia-device-plugin']);
    expect(plan.warnings).toEqual([
      'Helm release nvdp made it: change its values too, or the next upgrade takes this back',
      'a ClusterPolicy owns it and may take the change back',
    ]);
  });

  it('finds nothing to do where it is set, and no plan where there is no such DaemonSet', async () => {
    const set = { [runtimeClass]: nvidia, [plugin]: aDaemonSet({ runtimeClassName: 'nvidia' }) };
    await expect(setRuntimeClass.plan(pluginInput, aScene({ objects: set }))).rejects.toThrow(
      'nothing to do: daemonset kube-system/nvidia-device-plugin has runtimeClassName nvidia',
    );
    expect((await setRuntimeClass.plan(pluginInput, aScene())).plan.blockers).toEqual(['there is no daemonset kube-system/nvidia-device-plugin']);
  });

  it('tells a conflict as the server words it', async () => {
    const conflict = new KubeError('conflict', 'the UID in the precondition (ds-1) does not match the UID in record (ds-2)', { status: 409 });
    const scene = aScene({ snapshot, objects: { [runtimeClass]: nvidia, [plugin]: aDaemonSet() }, answer: () => conflict });
    expect((await done(setRuntimeClass, pluginInput, scene)).failed).toEqual([conflict.message]);
  });
});

describe('label-node', () => {
  const input = { node: 'gpu-1', key: 'nvidia.com/gpu.present', value: 'true' };
  const object = { '/api/v1/nodes/gpu-1': { metadata: { name: 'gpu-1', uid: 'node-1', labels: { 'nvidia.com/gpu.present': 'no' } } } };
  const selector = new Map([['nvidia.com/gpu.present', 'true']]);
  const exporter = aWorkload({ kind: 'DaemonSet', namespace: 'monitoring', name: 'dcgm-exporter', nodeSelector: selector });

  it('sets the label and waits for the DaemonSets that it lets in', async () => {
    const snapshot = aSnapshot({ nodes: collection(aNode()), daemonSets: collection(exporter), pods: collection() });
    const scene = aScene({
      snapshot,
      objects: object,
      later: (before) => ({
        ...before,
        nodes: collection(aNode({ labels: selector })),
        pods: collection(aPod({ namespace: 'monitoring', name: 'dcgm-exporter-x', owner: { kind: 'DaemonSet', name: 'dcgm-exporter' } })),
      }),
    });
    const { plan } = await labelNode.plan(input, scene);
    expect(plan.warnings).toEqual(['the label is nvidia.com/gpu.present=no now', 'daemonset monitoring/dcgm-exporter will start a pod there']);
    expect(plan.undo).toBe("kubectl --context lab label --overwrite node gpu-1 'nvidia.com/gpu.present=no'");
    expect(plan.items[0]?.exact).toContain('{"metadata":{"uid":"node-1","labels":{"nvidia.com/gpu.present":"true"}}}');
    expect((await done(labelNode, input, scene)).verification?.seen).toBe(true);
  });

  it('says which DaemonSet still has no pod there', async () => {
    const snapshot = aSnapshot({ nodes: collection(aNode()), daemonSets: collection(exporter), pods: collection() });
    const scene = aScene({ snapshot, objects: object, later: (before) => ({ ...before, nodes: collection(aNode({ labels: selector })) }) });
    expect((await done(labelNode, input, scene)).verification).toEqual({
      seen: false,
      text: 'daemonset monitoring/dcgm-exporter has no ready pod on gpu-1 yet',
    });
  });

  it('finds nothing to do where the label is set, and refuses what is no label', async () => {
    await expect(labelNode.plan({ ...input, value: 'no' }, aScene({ objects: object }))).rejects.toThrow(
      'nothing to do: node gpu-1 has the label nvidia.com/gpu.present=no',
    );
    await expect(labelNode.plan({ ...input, key: '../x' }, aScene({ objects: object }))).rejects.toThrow('cannot be the key');
  });
});

describe('uncordon', () => {
  it('lets pods in again, and tells where the node is not Ready', async () => {
    const snapshot = aSnapshot({ nodes: collection(aNode({ unschedulable: true, ready: 'False' })) });
    const object = { '/api/v1/nodes/gpu-1': { metadata: { name: 'gpu-1', uid: 'node-1' }, spec: { unschedulable: true } } };
    const scene = aScene({ snapshot, objects: object, later: (before) => ({ ...before, nodes: collection(aNode()) }) });
    const { plan } = await uncordon.plan({ node: 'gpu-1' }, scene);
    expect(plan.warnings[0]).toBe('gpu-1 is not Ready: its taints keep pods away until it is');
    expect(plan.undo).toBe('kubectl --context lab cordon gpu-1');
    expect((await done(uncordon, { node: 'gpu-1' }, scene)).verification).toEqual({ seen: true, text: 'pods can be scheduled to gpu-1' });
    expect(scene.requests).toEqual(['PATCH /api/v1/nodes/gpu-1 {"spec":{"unschedulable":null},"metadata":{"uid":"node-1"}}']);
  });

  it('finds nothing to do where nobody cordoned it', async () => {
    const object = { '/api/v1/nodes/gpu-1': { metadata: { name: 'gpu-1', uid: 'node-1' }, spec: {} } };
    await expect(uncordon.plan({ node: 'gpu-1' }, aScene({ objects: object }))).rejects.toThrow('nothing to do: pods can be scheduled to gpu-1');
  });
});

describe('delete-pod', () => {
  const path = '/api/v1/namespaces/ai/pods/whisper-x';
  const input = { namespace: 'ai', name: 'whisper-x' };
  const pod = (metadata: Readonly<Record<string, unknown>>, phase = 'Running') => ({
    metadata: { namespace: 'ai', name: 'whisper-x', uid: 'p-1', ...metadata },
    spec: { nodeName: 'gpu-1', containers: [{ name: 'main', resources: { limits: { 'nvidia.com/gpu': '2' } } }] },
    status: { phase },
  });
  const owner = { ownerReferences: [{ kind: 'ReplicaSet', name: 'whisper-5d9', controller: true }] };

  it('deletes the pod it looked at and waits for a ready one in its place', async () => {
    const old = aPod({ name: 'whisper-x', uid: 'p-1', owner: { kind: 'ReplicaSet', name: 'whisper-5d9' } });
    const scene = aScene({
      snapshot: aSnapshot({ pods: collection(old) }),
      objects: { [path]: pod(owner) },
      later: (before) => ({ ...before, pods: collection({ ...old, name: 'whisper-y', uid: 'p-2' }) }),
    });
    const { plan } = await deletePod.plan(input, scene);
    expect(plan).toMatchObject({ risk: 'disruptive', goal: 'a new pod of replicaset whisper-5d9 is ready', undo: null });
    expect(plan.warnings).toContain('it holds 2 GPUs, which its next pod has to find free');
    expect(plan.items[0]?.exact).toBe(`DELETE ${path} {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"p-1"}}`);
    expect((await done(deletePod, input, scene)).verification?.seen).toBe(true);
  });

  it('counts a pod that went meanwhile as gone', async () => {
    const gone = new KubeError('not-found', 'pods "whisper-x" not found', { status: 404 });
    const scene = aScene({ snapshot: aSnapshot({ pods: collection() }), objects: { [path]: pod({}, 'Failed') }, answer: () => gone });
    expect(await done(deletePod, input, scene)).toMatchObject({ state: 'done', failed: [] });
  });

  it('is destructive for a pod that nothing makes anew, and useless for a static one', async () => {
    expect((await deletePod.plan(input, aScene({ objects: { [path]: pod({}) } }))).plan).toMatchObject({
      risk: 'destructive',
      confirmName: 'whisper-x',
      warnings: expect.arrayContaining(['no controller owns it: nothing makes it anew']),
    });
    const mirror = pod({ annotations: { 'kubernetes.io/config.mirror': 'abc' }, ownerReferences: [{ kind: 'Node', name: 'gpu-1', controller: true }] });
    expect((await deletePod.plan(input, aScene({ objects: { [path]: mirror } }))).plan.blockers).toEqual([
      'it mirrors a static pod: only its manifest on gpu-1 makes it go',
    ]);
  });

  it('finds nothing to do where it is gone', async () => {
    await expect(deletePod.plan(input, aScene())).rejects.toThrow('nothing to do: there is no pod ai/whisper-x');
  });
});

describe('restart-workload', () => {
  const path = '/apis/apps/v1/namespaces/ai/deployments/whisper';
  const input = { kind: 'Deployment', namespace: 'ai', name: 'whisper' };
  const deployment = (spec: Readonly<Record<string, unknown>> = {}, status: Readonly<Record<string, unknown>> = {}) => ({
    metadata: { name: 'whisper', uid: 'd-1', generation: 2 },
    spec: { replicas: 2, template: { spec: { containers: [{ resources: { limits: { 'nvidia.com/gpu': 1 } } }] } }, ...spec },
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, ...status },
  });

  it('restarts the rollout and waits until all pods are new', async () => {
    const scene = aScene({ objects: { [path]: deployment() } });
    const { plan } = await restartWorkload.plan(input, scene);
    expect(plan.items[0]?.exact).toMatch(
      /^PATCH .*\{"spec":\{"template":\{"metadata":\{"annotations":\{"kubectl\.kubernetes\.io\/restartedAt":"\d{4}-.*Z"\}\}\}\},"metadata":\{"uid":"d-1"\}\}$/,
    );
    expect(plan.undo).toBe('kubectl --context lab -n ai rollout undo deployment whisper');
    expect((await done(restartWorkload, input, scene)).verification).toEqual({ seen: true, text: 'all pods of deployment ai/whisper are new and ready' });
  });

  it('goes by the generation: numbers of the old template are no success', async () => {
    vi.useFakeTimers();
    const outcome = done(restartWorkload, input, aScene({ objects: { [path]: deployment({}, { observedGeneration: 1 }) } }));
    await vi.runAllTimersAsync();
    expect((await outcome).verification).toEqual({ seen: false, text: 'deployment ai/whisper: its controller has not looked at it yet' });
  });

  it('says how far a rollout came', async () => {
    vi.useFakeTimers();
    const outcome = done(restartWorkload, input, aScene({ objects: { [path]: deployment({}, { readyReplicas: 1 }) } }));
    await vi.runAllTimersAsync();
    expect((await outcome).verification).toEqual({ seen: false, text: 'deployment ai/whisper: 1 of 2 pods are ready' });
  });

  it('warns of a rollout that waits for a GPU that only its own old pod could give', async () => {
    const nodes = [aNode({ gpus: 2 })];
    const snapshot = aSnapshot({ gpus: live(ledgerOf(nodes, [aPod({ gpus: 2 })]), now) });
    const { plan } = await restartWorkload.plan(input, aScene({ snapshot, objects: { [path]: deployment() } }));
    expect(plan.warnings).toEqual([
      'it starts a new pod before it stops an old one, and no GPU is free: the rollout will wait for ever (strategy Recreate would not)',
    ]);
  });

  it('has nothing to restart at 0 replicas, and cannot restart what is paused', async () => {
    await expect(restartWorkload.plan(input, aScene({ objects: { [path]: deployment({ replicas: 0 }) } }))).rejects.toThrow(
      'nothing to do: deployment ai/whisper is scaled to 0',
    );
    const { plan } = await restartWorkload.plan(input, aScene({ objects: { [path]: deployment({ paused: true }) } }));
    expect(plan.blockers).toEqual(['deployment ai/whisper is paused: resume it first (kubectl --context lab -n ai rollout resume deployment whisper)']);
  });
});

describe('default-storage-class', () => {
  const path = '/apis/storage.k8s.io/v1/storageclasses';
  const storageClass = (name: string, annotations: Readonly<Record<string, string>> = {}) => ({ metadata: { name, uid: `sc-${name}`, annotations } });
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const row = (name: string, chosen: boolean) => ({ name, provisioner: 'rancher.io/local-path', isDefault: chosen, volumeBindingMode: 'WaitForFirstConsumer' });

  it('marks one and unmarks the others', async () => {
    const scene = aScene({
      objects: { [path]: { items: [storageClass('local-path'), storageClass('nfs', isDefault)] } },
      later: (before) => ({ ...before, storageClasses: collection(row('local-path', true), row('nfs', false)) }),
    });
    const { plan } = await defaultStorageClass.plan({ name: 'local-path' }, scene);
    expect(plan.items.map(({ text }) => text)).toEqual(['Mark local-path as the default', 'Mark nfs as no default']);
    expect(plan.warnings).toEqual(['nfs is the default now: claims that name no class will get local-path']);
    expect((await done(defaultStorageClass, { name: 'local-path' }, scene)).verification?.seen).toBe(true);
  });

  it('only unmarks the others where two are default, and says when they still are', async () => {
    const objects = { [path]: { items: [storageClass('local-path', isDefault), storageClass('nfs', isDefault)] } };
    const scene = aScene({ objects, later: (before) => ({ ...before, storageClasses: collection(row('local-path', true), row('nfs', true)) }) });
    const { verification } = await done(defaultStorageClass, { name: 'local-path' }, scene);
    expect(scene.requests).toHaveLength(1);
    expect(verification).toEqual({ seen: false, text: 'local-path and nfs show as default' });
  });

  it('names the classes there are when the wanted one is not', async () => {
    const objects = { [path]: { items: [storageClass('nfs', isDefault)] } };
    expect((await defaultStorageClass.plan({ name: 'fast' }, aScene({ objects }))).plan.blockers).toEqual(['there is no storage class fast among nfs']);
    await expect(defaultStorageClass.plan({ name: 'nfs' }, aScene({ objects }))).rejects.toThrow('nothing to do: nfs is the only default storage class');
  });
});
