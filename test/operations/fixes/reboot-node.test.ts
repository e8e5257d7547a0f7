import { describe, expect, it, vi } from 'vitest';
import { HostError } from '../../../src/hosts/host-error.js';
import { KubeError } from '../../../src/kube/kube-error.js';
import { rebootNode } from '../../../src/operations/fixes/reboot-node.js';
import { live } from '../../../src/state/freshness.js';
import type { Node } from '../../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { aHost, hostsOf, known, someFacts } from '../../builders/host.js';
import { ledgerOf } from '../../builders/lab.js';
import { aNode, aPod, aSnapshot, collection, now } from '../../builders/snapshot.js';
import { aScene, carryOut, type SceneOptions } from './a-scene.js';

const input = { node: 'gpu-1' };
const after = '0c8a4a52-2f9f-4a34-9c39-1f8f6b1d0002';

function aCluster(nodes: readonly Node[], overrides: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return aSnapshot({
    nodes: collection(...nodes),
    pods: collection(aPod({ name: 'whisper-x', uid: 'p-1', gpus: 2 })),
    gpus: live(ledgerOf(nodes, []), now),
    hosts: hostsOf(aHost()),
    ...overrides,
  });
}

const nodes = [aNode({ gpus: 8 }), aNode({ name: 'gpu-2' }), aNode({ name: 'cp', roles: ['control-plane'] })];

function aResident(name: string, metadata: Readonly<Record<string, unknown>> = {}, spec: Readonly<Record<string, unknown>> = {}) {
  const owner = { ownerReferences: [{ kind: 'ReplicaSet', name: 'whisper-5d9', controller: true }] };
  return {
    metadata: { namespace: 'ai', name, uid: `uid-${name}`, labels: { app: name }, ...owner, ...metadata },
    spec: { nodeName: 'gpu-1', ...spec },
    status: { phase: 'Running' },
  };
}

function theScene(residents: readonly unknown[], options: SceneOptions & { readonly unschedulable?: boolean; readonly budgets?: readonly unknown[] } = {}) {
  const { unschedulable, budgets = [], ...rest } = options;
  return aScene({
    snapshot: aCluster(nodes),
    later: rebooted,
    ...rest,
    objects: {
      '/api/v1/nodes/gpu-1': { metadata: { name: 'gpu-1', uid: 'node-1' }, spec: { unschedulable } },
      '/api/v1/pods': { items: residents },
      '/apis/policy/v1/poddisruptionbudgets': { items: budgets },
    },
  });
}

/** The node is back: another boot id, Ready, all GPUs, its pods elsewhere. */
function rebooted(snapshot: ClusterSnapshot): ClusterSnapshot {
  const back = aNode({ gpus: 8, info: { ...aNode().info, bootId: after } });
  return {
    ...snapshot,
    nodes: collection(back, ...nodes.slice(1)),
    pods: collection(),
    hosts: hostsOf(aHost({ facts: someFacts({ bootId: known(after) }) })),
  };
}

describe('reboot-node', () => {
  it('cordons, evicts all but DaemonSets and static pods, reboots, waits for another boot id and Ready, and uncordons', async () => {
    const scene = theScene([
      aResident('whisper'),
      aResident('dcgm', { ownerReferences: [{ kind: 'DaemonSet', name: 'dcgm', controller: true }] }),
      aResident('etcd', { annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [{ kind: 'Node', name: 'gpu-1', controller: true }] }),
    ]);
    const planned = await rebootNode.plan(input, scene);
    expect(planned.plan.items.map(({ object, text }) => `${object}: ${text}`)).toEqual([
      'node/gpu-1: Let no new pods be scheduled to gpu-1 (cordon)',
      'pod/ai/whisper: Evict it',
      'node/gpu-1: Wait until the evicted pods have left gpu-1',
      'host/gpu-1: Reboot',
      'host/gpu-1: Wait until gpu-1 has booted anew',
      'node/gpu-1: Wait until gpu-1 is Ready',
      'node/gpu-1: Let pods be scheduled to gpu-1 again (uncordon)',
    ]);
    expect(planned.plan).toMatchObject({
      risk: 'disruptive',
      goal: 'gpu-1 rebooted and Ready, 8 GPUs registered',
      blockers: [],
      warnings: ['1 pod is evicted'],
    });
    expect((await carryOut(planned, scene)).verification).toEqual({ seen: true, text: 'gpu-1 rebooted and Ready, 8 GPUs registered' });
    expect(scene.commands).toEqual(['sudo systemctl reboot']);
    expect(scene.requests[1]).toBe(
      'POST /api/v1/namespaces/ai/pods/whisper/eviction {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"ai","name":"whisper"},"deleteOptions":{"preconditions":{"uid":"uid-whisper"}}}',
    );
  });

  it('takes the end of the connection for the reboot it asked for', async () => {
    const scene = theScene([], { says: { 'systemctl reboot': new HostError('dropped', 'the connection to gpu-1 ended while "systemctl" ran') } });
    expect(await carryOut(await rebootNode.plan(input, scene), scene)).toMatchObject({ state: 'done', failed: [] });
  });

  it('asks a budget that forbids an eviction again until it allows it', async () => {
    vi.useFakeTimers();
    let asked = 0;
    const forbidden = new KubeError('throttled', "Cannot evict pod as it would violate the pod's disruption budget.", { status: 429 });
    const scene = theScene([aResident('whisper')], { answer: (method) => (method === 'POST' && ++asked < 4 ? forbidden : null) });
    const outcome = carryOut(await rebootNode.plan(input, scene), scene);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect((await outcome).state).toBe('done');
    expect(asked).toBe(4);
  });

  it('reboots nothing while a budget goes on forbidding, and says how to take the cordon back', async () => {
    vi.useFakeTimers();
    const forbidden = new KubeError('throttled', "Cannot evict pod as it would violate the pod's disruption budget.", { status: 429 });
    const budget = {
      metadata: { namespace: 'ai', name: 'whisper' },
      spec: { selector: { matchLabels: { app: 'whisper' } } },
      status: { disruptionsAllowed: 0 },
    };
    const scene = theScene([aResident('whisper')], { budgets: [budget], answer: (method) => (method === 'POST' ? forbidden : null) });
    const planned = await rebootNode.plan(input, scene);
    expect(planned.plan.warnings).toContain('ai/whisper allows no eviction now: asked again for 5 min each, then given up');
    expect(planned.plan.undo).toBe('the reboot cannot be taken back; where it is given up half way, kubectl --context lab uncordon gpu-1');
    const outcome = carryOut(planned, scene);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect(await outcome).toMatchObject({ state: 'failed', failed: [forbidden.message], skipped: 5 });
    expect(scene.commands).toEqual([]);
  });

  it('leaves a node cordoned that was so before', async () => {
    const scene = theScene([], {
      unschedulable: true,
      later: (snapshot) => ({ ...rebooted(snapshot), nodes: collection(aNode({ gpus: 8, unschedulable: true, info: { ...aNode().info, bootId: after } })) }),
    });
    const planned = await rebootNode.plan(input, scene);
    expect(planned.plan.items.map(({ text }) => text)).toEqual(['Reboot', 'Wait until gpu-1 has booted anew', 'Wait until gpu-1 is Ready']);
    expect((await carryOut(planned, scene)).verification?.text).toBe('gpu-1 rebooted and Ready, 8 GPUs registered, still cordoned as before');
  });

  it('says when it came back with fewer GPUs', async () => {
    const scene = theScene([], { later: (snapshot) => ({ ...rebooted(snapshot), gpus: live(ledgerOf([aNode({ gpus: 7, capacityGpus: 8 })], []), now) }) });
    expect((await carryOut(await rebootNode.plan(input, scene), scene)).verification).toEqual({ seen: false, text: '7 of 8 GPUs of gpu-1 registered' });
  });

  it('does not uncordon what did not come back', async () => {
    const scene = theScene([], { later: (snapshot) => snapshot });
    const outcome = await carryOut(await rebootNode.plan(input, scene), scene);
    expect(outcome).toMatchObject({ failed: ['not seen within 15m: gpu-1 has booted anew'], skipped: 2 });
    expect(scene.requests).toHaveLength(1);
    expect(outcome.verification?.seen).not.toBe(true);
  });

  it('is destructive for pods that nothing makes anew, and names Jobs and scratch data', async () => {
    const residents = [
      aResident('by-hand', { ownerReferences: [] }),
      aResident('train', { ownerReferences: [{ kind: 'Job', name: 'train-1', controller: true }] }, { volumes: [{ name: 'tmp', emptyDir: {} }] }),
    ];
    const { plan } = await rebootNode.plan(input, theScene(residents));
    expect(plan).toMatchObject({ risk: 'destructive', confirmName: 'gpu-1' });
    expect(plan.warnings).toEqual(
      expect.arrayContaining(['1 running Job pod begins anew: ai/train', 'not recreated, since no controller owns it: ai/by-hand']),
    );
  });

  it('evicts nothing where there is nowhere to go, and tells that the API goes away with the only control plane', async () => {
    const alone = aCluster([aNode({ roles: ['control-plane'] })]);
    const { plan } = await rebootNode.plan(input, theScene([aResident('whisper')], { snapshot: alone }));
    expect(plan.items.some(({ text }) => text === 'Evict it')).toBe(false);
    expect(plan.warnings).toEqual([
      'no other node can take pods: 1 pod on gpu-1 stops with it and starts again after it',
      'it is the only control plane: the API server goes away until it is back; the rest is seen over SSH meanwhile',
    ]);
  });

  it('cannot be done where etcd would lose its quorum, or from the machine itself', async () => {
    const planes = aCluster(['gpu-1', 'cp-2', 'cp-3'].map((name) => aNode({ name, roles: ['control-plane'], ready: name === 'cp-2' ? 'False' : 'True' })));
    expect((await rebootNode.plan(input, theScene([], { snapshot: planes }))).plan.blockers).toEqual([
      'cp-2 not Ready: without gpu-1 too, etcd would lose its quorum',
    ]);
    expect((await rebootNode.plan(input, theScene([], { road: 'this machine' }))).plan.blockers).toEqual([
      'this program runs on gpu-1 and would end with it: reboot it from another machine',
    ]);
  });
});
