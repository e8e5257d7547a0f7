import { describe, expect, it } from 'vitest';
import { createPlacement } from '../../src/kube/placement.js';
import { placementNode } from '../../src/kube/placement-node.js';
import { placementPod, placementRules } from '../../src/kube/placement-pod.js';

/** How many of so many pods alike find a node, where, and why the others do not. */
function placed(amount: number, pod: unknown, nodes: readonly unknown[], others: readonly unknown[] = [], labels = new Map([['app', 'resnet']])) {
  const placement = createPlacement(
    nodes.flatMap((node) => placementNode(node) ?? []),
    others.flatMap((other) => placementPod(other) ?? []),
  );
  const on: string[] = [];
  for (let index = 0; index < amount; index += 1) {
    const outcome = placement.place(placementRules('ai', labels, pod));
    if ('why' in outcome) return { on: on.sort(), why: outcome.why };
    on.push(outcome.node);
  }
  return { on: on.sort(), why: null };
}

function node(
  name: string,
  overrides: {
    gpus?: number;
    cpu?: string;
    pods?: string;
    taints?: unknown;
    labels?: Readonly<Record<string, string>>;
    cordoned?: boolean;
    resource?: string;
  } = {},
) {
  const { gpus = 0, cpu = '64', pods = '110', taints, labels = {}, cordoned = false, resource = 'nvidia.com/gpu' } = overrides;
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { taints, unschedulable: cordoned },
    status: { allocatable: { cpu, memory: '512Gi', pods, [resource]: String(gpus) } },
  };
}

function pod(requests: Readonly<Record<string, string>>, rest: Readonly<Record<string, unknown>> = {}) {
  return { containers: [{ name: 'server', resources: { requests } }], ...rest };
}

function living(name: string, nodeName: string, spec: Readonly<Record<string, unknown>>, labels: Readonly<Record<string, string>> = { app: 'other' }) {
  return { metadata: { name, namespace: 'ai', uid: name, labels }, spec: { nodeName, ...spec }, status: { phase: 'Running' } };
}

const oneGpu = pod({ 'nvidia.com/gpu': '1' });

describe('placing pods as the scheduler does', () => {
  it('fills what the living leave free, and says of the rest what the scheduler says', () => {
    const busy = living('train', 'gpu-1', pod({ 'nvidia.com/gpu': '6' }));
    expect(placed(5, oneGpu, [node('gpu-1', { gpus: 8 }), node('gpu-2', { gpus: 1 }), node('cp')], [busy])).toEqual({
      on: ['gpu-1', 'gpu-1', 'gpu-2'],
      why: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
    });
  });

  it('does not count what ends or is being deleted', () => {
    const leaving = { ...living('old', 'gpu-1', pod({ 'nvidia.com/gpu': '1' })) };
    const terminating = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-11-02T14:00:00Z' } };
    const done = { ...living('job', 'gpu-1', pod({ 'nvidia.com/gpu': '1' })), status: { phase: 'Succeeded' } };
    expect(placed(1, oneGpu, [node('gpu-1', { gpus: 1 })], [terminating, done])).toEqual({ on: ['gpu-1'], why: null });
  });

  it('counts MIG slices and shared GPUs by their own names', () => {
    expect(placed(3, pod({ 'nvidia.com/mig-1g.10gb': '1' }), [node('gpu-1', { gpus: 2, resource: 'nvidia.com/mig-1g.10gb' })])).toEqual({
      on: ['gpu-1', 'gpu-1'],
      why: '0/1 nodes are available: 1 Insufficient nvidia.com/mig-1g.10gb.',
    });
    expect(placed(1, pod({ 'nvidia.com/gpu.shared': '1' }), [node('gpu-1', { gpus: 8 })]).why).toBe(
      '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.shared.',
    );
  });

  it('says everything that one node lacks, and counts cores exactly', () => {
    expect(placed(1, pod({ cpu: '2', 'nvidia.com/gpu': '2' }), [node('gpu-1', { gpus: 1, cpu: '1' })]).why).toBe(
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient nvidia.com/gpu.',
    );
    expect(placed(11, pod({ cpu: '100m' }), [node('small', { cpu: '1' })]).on).toHaveLength(10);
    expect(placed(3, pod({ cpu: '1m' }), [node('small', { pods: '2' })]).why).toBe('0/1 nodes are available: 1 Too many pods.');
  });

  it('honours cordons, taints, selectors and required affinity', () => {
    const nodes = [
      node('a', { cordoned: true }),
      node('b', { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] }),
      node('c', { labels: { zone: 'z1' } }),
      node('d', { labels: { zone: 'z2', count: '4' } }),
    ];
    expect(placed(1, pod({}, { nodeSelector: { zone: 'z3' } }), nodes).why).toBe(
      "0/4 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: present}, 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector.",
    );
    const tolerant = { nodeSelector: { 'kubernetes.io/hostname': 'b' }, tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] };
    expect(placed(1, pod({}, tolerant), nodes).on).toEqual(['b']);
    const terms = [{ matchExpressions: [{ key: 'count', operator: 'Gt', values: ['3'] }] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
    expect(placed(1, pod({}, { affinity }), nodes).on).toEqual(['d']);
  });

  it('keeps pods apart that want no sister on their node, and those that others keep away', () => {
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'resnet' } } };
    const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    expect(placed(3, pod({}, { affinity: apart }), [node('a'), node('b')])).toEqual({
      on: ['a', 'b'],
      why: "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.",
    });
    const guard = living('guard', 'a', pod({}, { affinity: apart }));
    expect(placed(1, pod({}), [node('a')], [guard]).why).toBe("0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.");
  });

  it('puts the first pod of a kind that wants to be together anywhere, and the rest beside it', () => {
    const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'resnet' } } };
    const together = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const nodes = [
      node('a', { labels: { zone: 'z1' }, pods: '1' }),
      node('b', { labels: { zone: 'z1' }, pods: '1' }),
      node('c', { labels: { zone: 'z2' }, pods: '1' }),
    ];
    const { on, why } = placed(3, pod({}, { affinity: together }), nodes.slice(0, 2));
    expect(on).toEqual(['a', 'b']);
    expect(why).toBe('0/2 nodes are available: 2 Too many pods.');
  });

  it('spreads over domains no more unevenly than allowed', () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'resnet' } },
    };
    const spread = pod({ 'nvidia.com/gpu': '1' }, { topologySpreadConstraints: [constraint] });
    expect(placed(6, spread, [node('a', { gpus: 8 }), node('b', { gpus: 1 })])).toEqual({
      on: ['a', 'a', 'b'],
      why: "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) didn't match pod topology spread constraints.",
    });
    const soft = pod({ 'nvidia.com/gpu': '1' }, { topologySpreadConstraints: [{ ...constraint, whenUnsatisfiable: 'ScheduleAnyway' }] });
    expect(placed(6, soft, [node('a', { gpus: 8 }), node('b', { gpus: 1 })]).why).toBeNull();
  });

  it('gives a port of the node to one pod', () => {
    const serving = { containers: [{ name: 'server', ports: [{ containerPort: 80, hostPort: 80 }] }] };
    expect(placed(2, serving, [node('a')]).why).toBe("0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.");
  });

  it('counts the hungriest init container and sidecars', () => {
    const spec = {
      containers: [{ name: 'server', resources: { requests: { cpu: '1' } } }],
      initContainers: [
        { name: 'proxy', restartPolicy: 'Always', resources: { requests: { cpu: '500m' } } },
        { name: 'fetch', resources: { requests: { cpu: '3' } } },
      ],
    };
    expect(placed(2, spec, [node('a', { cpu: '7' })])).toMatchObject({ on: ['a', 'a'] });
    expect(placed(2, spec, [node('a', { cpu: '6.9' })]).on).toEqual(['a']);
  });

  it('finds no place where there are no nodes', () => {
    expect(placed(1, oneGpu, []).why).toBe('no nodes available to schedule pods');
  });
});
