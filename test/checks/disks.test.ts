import { describe, expect, it } from 'vitest';
import { live, loading } from '../../src/state/freshness.js';
import type { NodeStats } from '../../src/state/node-stats.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { aHost, hostsOf, known, someFacts } from '../builders/host.js';
import { aCondition, aNode, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, crashing, findingsOf, nodeStats, nodes, pods, report } from './lab.js';

const gib = 2 ** 30;

describe('disks', () => {
  it.each([
    [0.6, 'pass', 'room on gpu-1'],
    [0.22, 'warn', 'gpu-1: the disk has 22 % of 440 GiB left, evicts below 15 %'],
    [0.12, 'fail', 'gpu-1: the disk has 12 % of 440 GiB left, evicts below 15 %'],
    [0.02, 'fail', 'gpu-1: the disk has 2 % of 440 GiB left, evicts below 10 %'],
  ])('with %f of their bytes left are judged by the eviction limits of their kubelet', (free, status, message) => {
    expect(findingsOf('disk-vs-eviction', withStats(nodeStats('gpu-1', free)))).toMatchObject([{ status, message }]);
  });

  it('are freed with one key', () => {
    expect(findingsOf('disk-vs-eviction', withStats(nodeStats('gpu-1', 0.02)))[0]?.fix).toMatchObject({ command: 'ssh gpu-1 sudo crictl rmi --prune' });
    const reached = { ...withStats(nodeStats('gpu-1', 0.02)), hosts: hostsOf(aHost()) };
    expect(findingsOf('disk-vs-eviction', reached)[0]?.fix?.operation).toEqual({ id: 'free-disk', input: { host: 'gpu-1' } });
  });

  it('without inodes are full too', () => {
    const disk = { sizeBytes: 440 * gib, availableBytes: 300 * gib, inodes: 1_000_000, inodesFree: 20_000 };
    expect(findingsOf('disk-vs-eviction', withStats(nodeStats('gpu-1', 0.6, { nodeFs: disk, imageFs: null })))).toMatchObject([
      { status: 'fail', message: 'gpu-1: the disk of the kubelet has 2 % of 1,000,000 inodes left, evicts below 5 %' },
    ]);
  });

  it('follow the limits that a person gave the kubelet, and the share that the settings warn at', () => {
    const own = nodeStats('gpu-1', 0.04, { evictionHard: new Map([['nodefs.available', '10Gi']]) });
    expect(findingsOf('disk-vs-eviction', withStats(own))).toMatchObject([
      { status: 'warn', message: 'gpu-1: the disk has 4 % of 440 GiB left, evicts below 10 GiB' },
    ]);
    const halfFull = withStats(nodeStats('gpu-1', 0.4));
    expect(findingsOf('disk-vs-eviction', halfFull, { thresholds: { diskWarnPercent: 50 } })).toMatchObject([{ status: 'warn' }]);
    expect(findingsOf('disk-vs-eviction', withStats(nodeStats('gpu-1', 0.22)), { thresholds: { diskWarnPercent: 80 } })).toMatchObject([{ status: 'pass' }]);
  });

  it('that are full are the one cause of DiskPressure, of evicted pods and of what cannot run there', () => {
    const healthy = aNode({ name: 'gpu-1', gpus: 8 });
    const conditions = [...healthy.conditions.filter(({ type }) => type !== 'DiskPressure'), aCondition('DiskPressure', 'True', 'KubeletHasDiskPressure')];
    const taints = [{ key: 'node.kubernetes.io/disk-pressure', value: '', effect: 'NoSchedule' }];
    const snapshot = aLab({
      nodes: nodes({ 'gpu-1': { gpus: 8, labels: new Map([['nvidia.com/gpu.present', 'true']]), conditions, taints } }),
      nodeStats: statsOf(nodeStats('gpu-1', 0.04)),
      deadPods: live({ failed: 412, succeeded: 0, failedByReason: new Map([['Evicted', 412]]) }, now),
    });
    const { causes } = report(snapshot);
    expect(causes.map(({ finding, follows }) => [finding.id, follows.map(({ id }) => id)])).toEqual([
      ['disk-vs-eviction', ['node-conditions', 'node-schedulable', 'evicted']],
    ]);
  });

  it('are looked at by df where the kubelet cannot be asked', () => {
    const full = someFacts({
      filesystems: known([{ mount: '/', device: '/dev/nvme0n1p2', sizeBytes: 440 * gib, availableBytes: 8 * gib, inodes: 1000, inodesFree: 900 }]),
    });
    const snapshot = aLab({ nodeStats: statsOf({ status: 'unseen', node: 'gpu-1', why: 'connection refused' }), hosts: hostsOf(aHost({ facts: full })) });
    expect(findingsOf('disk-vs-eviction', snapshot)).toMatchObject([
      { object: 'node/gpu-1', status: 'fail', message: expect.stringContaining('/ on gpu-1 has 1.8 %') },
    ]);
  });
});

describe('the disks of machines', () => {
  it('that answer while the API server is silent are told all the same', () => {
    const snapshot = aLab({
      nodeStats: loading(now, 'connection refused'),
      hosts: hostsOf(aHost({ facts: someFacts({ filesystems: known([{ ...roomy, mount: '/', device: '/dev/sda1' }]) }) })),
    });
    expect(findingsOf('disk-vs-eviction', snapshot)).toMatchObject([{ status: 'pass', message: 'room on the disks on gpu-1' }]);
  });
});

const roomy = { sizeBytes: 440 * gib, availableBytes: 300 * gib, inodes: 1000, inodesFree: 900 };

describe('provisioners', () => {
  const local = { namespace: 'local-path-storage', name: 'local-path-provisioner' };

  it('that are down are the reason why claims wait, and can be restarted', () => {
    const claim = {
      namespace: 'ai',
      name: 'models',
      phase: 'Pending' as const,
      storageClassName: 'local-path',
      volumeName: null,
      requestedBytes: null,
      createdAt: now - 600_000,
    };
    const snapshot = aLab({
      storageClasses: collection({ name: 'local-path', provisioner: 'rancher.io/local-path', isDefault: true, volumeBindingMode: 'Immediate' }),
      deployments: collection(aWorkload({ ...local, ready: 0 })),
      persistentVolumeClaims: collection(claim),
      pods: pods({
        'resnet50-inference-7d9c5b8f4-x2x8p': {
          ...local,
          name: 'local-path-provisioner-7f-x',
          owner: { kind: 'ReplicaSet', name: 'local-path-provisioner-7f' },
          ...crashing,
        },
      }),
    });
    const [cause] = report(snapshot).causes;
    expect(cause?.finding).toMatchObject({
      id: 'provisioner',
      status: 'fail',
      message:
        'Provisioner local-path-storage/local-path-provisioner has 0 of 1 ready (CrashLoopBackOff, 7 restarts): no volumes for rancher.io/local-path are made, 1 claim waits',
      fix: { operation: { id: 'restart-workload', input: { kind: 'deployment', ...local } } },
    });
    expect(cause?.follows.map(({ id }) => id)).toEqual(['pvc-bound', 'crashloop', 'workloads-ready']);
  });

  it('that nobody knows are skipped, and those that run pass', () => {
    expect(findingsOf('provisioner', aLab())).toMatchObject([
      { status: 'skipped', message: 'no Deployment known that makes volumes for rancher.io/local-path' },
    ]);
    expect(findingsOf('provisioner', aLab({ deployments: collection(aWorkload(local)) }))).toMatchObject([{ status: 'pass' }]);
  });
});

function withStats(...stats: readonly NodeStats[]): ClusterSnapshot {
  return aLab({ nodeStats: statsOf(...stats) });
}

function statsOf(...stats: readonly NodeStats[]): ClusterSnapshot['nodeStats'] {
  return live(new Map(stats.map((one) => [one.node, one])), now);
}
