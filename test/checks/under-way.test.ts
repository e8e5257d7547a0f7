import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import { aContainer, aNode, aPod, collection, now } from '../builders/snapshot.js';
import { aLab, aTarget, daemonSets, findingsOf, nodeStats, pods } from './lab.js';

const unready = { status: 'False', since: now - 20_000, reason: 'ContainersNotReady' } as const;
const calico = (changes: Parameters<typeof pods>[0]) => aLab({ daemonSets: daemonSets({ 'calico-node': { ready: 2 } }), pods: pods(changes) });

describe('a pod that has only just begun', () => {
  it('of a DaemonSet needs no restart yet', () => {
    const begun = {
      createdAt: now - 20_000,
      startedAt: now - 20_000,
      ready: unready,
      containers: [aContainer({ state: 'waiting', reason: 'ContainerCreating', ready: false })],
    };
    expect(findingsOf('cni-pods', calico({ 'calico-node-gpu-2': begun }))).toMatchObject([
      { status: 'warn', severity: 'warning', message: 'gpu-2 has no pod network: calico-node is just starting there (ContainerCreating)', fix: null },
    ]);
  });

  it('of a DaemonSet is in trouble after a minute, or as soon as it crashed', () => {
    const long = { createdAt: now - 120_000, startedAt: now - 120_000, ready: unready };
    const crashed = { createdAt: now - 20_000, startedAt: now - 20_000, ready: unready, containers: [aContainer({ ready: false, restarts: 1 })] };
    for (const pod of [long, crashed])
      expect(findingsOf('cni-pods', calico({ 'calico-node-gpu-2': pod }))).toMatchObject([{ status: 'fail', fix: { operation: { id: 'delete-pod' } } }]);
  });

  it('is not held up since it was created, but since its node is at it', () => {
    const pod = aPod({
      namespace: 'ai',
      name: 'whisper-1',
      phase: 'Pending',
      nodeName: 'gpu-2',
      ready: null,
      createdAt: now - 3_600_000,
      startedAt: now - 2_000,
      containers: [aContainer({ state: 'waiting', reason: 'ContainerCreating', ready: false })],
    });
    expect(findingsOf('pods-not-running', aLab({ pods: collection(pod) }))).toMatchObject([{ status: 'pass' }]);
  });
});

describe('a target that was down when it was scraped last', () => {
  const target = (lastScrapeAt: number) =>
    aTarget({
      job: 'dcgm-exporter',
      instance: '10.0.0.12:9400',
      health: 'down',
      lastError: 'connection refused',
      lastScrapeAt,
      labels: new Map([
        ['namespace', 'monitoring'],
        ['pod', 'dcgm-exporter-gpu-2'],
      ]),
    });
  const readySince = (since: number) => pods({ 'dcgm-exporter-gpu-2': { ready: { status: 'True', since, reason: '' } } });

  it('is waited for while its pod has got Ready since', () => {
    const snapshot = aLab({ targets: live([aTarget(), target(now - 9_000)], now), pods: readySince(now - 4_000) });
    expect(findingsOf('prometheus-targets', snapshot)).toMatchObject([{ status: 'pass', message: '1 of 2 up, 1 not scraped yet' }]);
  });

  it('is down where its pod was Ready before', () => {
    const snapshot = aLab({ targets: live([aTarget(), target(now - 9_000)], now), pods: readySince(now - 60_000) });
    expect(findingsOf('prometheus-targets', snapshot)).toMatchObject([{ status: 'warn', message: expect.stringContaining('is down: connection refused') }]);
  });
});

it('a node that keeps its pressure for five minutes though there is room again is not to be cleared once more', () => {
  const pressed = aNode({
    name: 'gpu-1',
    gpus: 8,
    conditions: [{ type: 'DiskPressure', status: 'True', reason: 'KubeletHasDiskPressure', message: '', lastHeartbeatAt: now, lastTransitionAt: now - 60_000 }],
  });
  const stats = (free: number) => live(new Map([['gpu-1', nodeStats('gpu-1', free)]]), now);
  const fixes = (free: number) =>
    findingsOf('node-conditions', aLab({ nodes: collection(pressed), nodeStats: stats(free) })).map(({ fix }) => fix?.operation?.id ?? fix?.summary);
  expect(fixes(0.05)).toEqual(['free-disk']);
  expect(fixes(0.4)).toEqual([expect.stringMatching(/^Nothing: there is room again/)]);
});
