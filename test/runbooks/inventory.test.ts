import { describe, expect, it } from 'vitest';
import { choiceFromNodes } from '../../src/runbooks/inventory.js';
import type { Node } from '../../src/state/nodes.js';
import { aNode } from '../builders/snapshot.js';

const choice = (...nodes: readonly Node[]) => choiceFromNodes(new Map(nodes.map((node) => [node.name, node])), 'lab');
const labelled = (...labels: readonly string[]) => new Map(labels.map((label) => [label, 'true'] as const));
const rolesOf = (node: Partial<Node>) => choice(aNode({ name: 'gpu-1', ...node })).hosts[0]?.roles;

describe('the inventory of a cluster in use', () => {
  it('has control planes first, and each host under its own address', () => {
    const nodes = ['gpu-10', 'gpu-2', 'cp-1'].map((name, at) =>
      aNode({
        name,
        labels: name === 'cp-1' ? labelled('node-role.kubernetes.io/control-plane') : new Map(),
        capacity: name === 'cp-1' ? new Map() : new Map([['nvidia.com/gpu', 4]]),
        addresses: [
          { type: 'Hostname', address: name },
          { type: 'InternalIP', address: `10.0.0.${at + 1}` },
        ],
      }),
    );
    expect(choice(...nodes)).toMatchObject({
      profile: null,
      playbooks: [],
      seat: 'here',
      hosts: [
        { name: 'cp-1', address: '10.0.0.3', roles: ['control-plane'] },
        { name: 'gpu-2', address: '10.0.0.2', roles: ['gpu'] },
        { name: 'gpu-10', address: '10.0.0.1', roles: ['gpu'] },
      ],
    });
  });

  it.each<readonly [string, Partial<Node>, readonly string[]]>([
    ['its GPUs', { capacity: new Map([['nvidia.com/gpu', 4]]) }, ['gpu']],
    ['its MIG slices', { capacity: new Map([['nvidia.com/mig-1g.10gb', 7]]) }, ['gpu']],
    ['what node feature discovery saw', { labels: labelled('feature.node.kubernetes.io/pci-0302_10de.present') }, ['gpu']],
    ['what GPU feature discovery saw', { labels: labelled('nvidia.com/gpu.present') }, ['gpu']],
    ['its taint', { taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }] }, ['gpu']],
    [
      'a control plane that is one by its taint',
      { taints: [{ key: 'node-role.kubernetes.io/control-plane', value: '', effect: 'NoSchedule' }] },
      ['control-plane'],
    ],
  ])('knows a GPU node by %s', (_, node, roles) => {
    expect(rolesOf({ capacity: new Map(), labels: new Map(), taints: [], ...node })).toEqual(roles);
  });

  it('takes every other node for a worker', () => {
    expect(rolesOf({ capacity: new Map([['nvidia.com/gpu', 0]]), labels: new Map(), taints: [] })).toEqual(['worker']);
    expect(rolesOf({ capacity: new Map(), labels: labelled('node-role.kubernetes.io/worker'), taints: [] })).toEqual(['worker']);
  });

  it('takes from the nodes what all of them say', () => {
    const node = aNode({ name: 'cp-1', labels: labelled('node-role.kubernetes.io/control-plane') });
    const like = (kubeletVersion: string, containerRuntimeVersion: string) => ({ ...node, info: { ...node.info, kubeletVersion, containerRuntimeVersion } });
    expect(choice(like('v1.35.9', 'cri-o://1.35.4')).values).toEqual({ K8S_MINOR: '1.35', RUNTIME: 'crio', CRIO_MINOR: '1.35' });
    expect(choice(like('v1.36.4', 'containerd://2.2.1')).values).toEqual({ K8S_MINOR: '1.36', RUNTIME: 'containerd' });
    expect(choice(like('v1.36.4', 'containerd://2.2.1'), { ...like('v1.36.4', 'cri-o://1.36.1'), name: 'cp-2' }).values).toEqual({ K8S_MINOR: '1.36' });
    expect(
      choice({
        ...like('v1.36.4', 'docker://1'),
        labels: new Map([
          ['nvidia.com/gpu.deploy.driver', 'true'],
          ['node-role.kubernetes.io/control-plane', ''],
        ]),
      }).values,
    ).toEqual({
      K8S_MINOR: '1.36',
      GPU_STACK: 'operator',
    });
  });
});
