import { describe, expect, it } from 'vitest';
import { checks } from '../../src/checks/registry.js';
import { makeReport, reportDerivation } from '../../src/checks/report.js';
import { absent, denied, live, stale } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { createStore } from '../../src/state/store.js';
import { aNode, aPod, aSnapshot, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, aLabWithoutGpusOnGpu2, aLease, aTarget, crashing, daemonSets, ledger, nodes, pending, pods, report, troubles } from './lab.js';

const lost: ClusterSnapshot['connection'] = {
  status: 'lost',
  context: 'lab',
  server: 'https://10.0.0.10:6443',
  since: now - 240_000,
  kind: 'unreachable',
  why: 'connection refused',
  fix: 'see whether the API server runs',
  nextTryAt: now + 4_000,
};

describe('the verdict', () => {
  it('is good when all is well, and nothing is found but passes and what does not apply', () => {
    const { verdict, findings, causes } = report(aLab());
    expect(findings.filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
    expect(verdict).toBe('good');
    expect(causes).toEqual([]);
  });

  it('counts every finding once', () => {
    const { counts, findings } = report(aLab());
    expect(Object.values(counts).reduce((sum, amount) => sum + amount, 0)).toBe(findings.length);
    expect(new Set(findings.map(({ id }) => id))).toEqual(new Set(checks.map(({ id }) => id)));
  });

  it('is failed as soon as one critical check fails', () => {
    expect(report(aLabWithoutGpusOnGpu2()).verdict).toBe('failed');
  });

  it('is degraded for a cordon', () => {
    expect(report(aLab({ nodes: nodes({ 'gpu-1': { unschedulable: true } }) })).verdict).toBe('degraded');
  });

  it('is degraded, not good, while targets cannot be seen', () => {
    const snapshot = aLab({ targets: stale([aTarget()], now - 240_000, 'connection refused') });
    expect(report(snapshot).verdict).toBe('degraded');
    expect(troubles(snapshot)).toEqual(['unknown prometheus-targets cluster']);
    expect(report(snapshot).findings.find(({ status }) => status === 'unknown')?.message).toBe('scrape targets last seen 4m ago: connection refused');
  });

  it('is unknown when a critical check cannot look', () => {
    const snapshot = aLab({ nodes: denied('list', 'nodes') });
    expect(report(snapshot).verdict).toBe('unknown');
    const finding = report(snapshot).findings.find(({ id }) => id === 'node-ready');
    expect(finding).toMatchObject({ status: 'unknown', message: 'not allowed to list nodes' });
    expect(finding?.fix?.command).toBe('kubectl --context lab auth can-i list nodes --all-namespaces');
  });

  it('is good without Prometheus and Grafana, unless they are expected', () => {
    const without = aLab({ prometheus: absent('no Prometheus found'), targets: absent('no Prometheus found'), grafana: absent('no Grafana found') });
    expect(report(without).verdict).toBe('good');
    expect(troubles(without, { prometheus: true, grafana: true })).toEqual(['warn prometheus-targets cluster', 'warn grafana cluster']);
  });

  it('leaves out what the settings say to ignore', () => {
    const snapshot = aLab({
      targets: live([aTarget(), aTarget({ job: 'kube-scheduler', instance: '10.0.0.10:10259', health: 'down', lastError: 'refused' })], now),
    });
    expect(report(snapshot).verdict).toBe('degraded');
    expect(report(snapshot, { ignore: ['prometheus-targets:target/kube-scheduler/*'] }).verdict).toBe('good');
  });
});

describe('causes', () => {
  it('tell a lost GPU as one story: the device plugin, and all that follows from it', () => {
    const { causes } = report(aLabWithoutGpusOnGpu2());
    expect(causes).toHaveLength(1);
    expect(causes[0]?.finding.message).toBe(
      'gpu-2 registers 0 of 8 GPUs: its device plugin runs without the nvidia runtime class (CrashLoopBackOff, 7 restarts)',
    );
    expect(causes[0]?.finding.fix?.command).toBe(
      `kubectl --context lab -n kube-system patch daemonset nvidia-device-plugin-daemonset --type=merge -p '{"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}}}'`,
    );
    expect(causes[0]?.follows.map(({ id, object }) => `${id} ${object}`)).toEqual([
      'gpu-count node/gpu-2',
      'dcgm-exporter daemonset/monitoring/dcgm-exporter',
      'pods-not-running pod/ai/whisper-inference-5f6d7c8b9-q4w2e',
      'crashloop pod/kube-system/nvidia-device-plugin-daemonset-gpu-2',
      'crashloop pod/monitoring/dcgm-exporter-gpu-2',
      'workloads-ready deployment/ai/whisper-inference',
      'prometheus-targets target/dcgm-exporter/10.0.0.12:9400',
    ]);
  });

  it('name a plugin that runs but finds no GPU', () => {
    const snapshot = aLab({ nodes: nodes({ 'gpu-2': { gpus: 0, capacityGpus: 8 } }), gpus: ledger({ 'gpu-2': [0, 8] }) });
    const { causes } = report(snapshot);
    expect(causes).toHaveLength(1);
    expect(causes[0]?.finding.message).toMatch(
      /^gpu-2: 0 of 8 nvidia\.com\/gpu allocatable; its device plugin pod kube-system\/nvidia-device-plugin-daemonset-gpu-2 runs but finds none/,
    );
  });

  it('put everything that a dead node takes with it below the node', () => {
    const down = { ready: { status: 'False', since: now - 600_000, reason: 'NodeNotReady' } } as const;
    const snapshot = aLab({
      nodes: nodes({
        'gpu-2': {
          gpus: 8,
          ready: 'Unknown',
          readyReason: 'NodeStatusUnknown',
          taints: [{ key: 'node.kubernetes.io/unreachable', value: '', effect: 'NoExecute' }],
        },
      }),
      leases: collection(aLease('controlplane'), aLease('gpu-1'), aLease('gpu-2', { seenAt: now - 300_000, renewedAt: now - 300_000 })),
      daemonSets: daemonSets({
        'calico-node': { ready: 2 },
        'kube-proxy': { ready: 2 },
        'nvidia-device-plugin-daemonset': { ready: 2 },
        'dcgm-exporter': { ready: 2 },
      }),
      pods: pods({
        'calico-node-gpu-2': down,
        'kube-proxy-gpu-2': down,
        'nvidia-device-plugin-daemonset-gpu-2': down,
        'dcgm-exporter-gpu-2': down,
        'whisper-inference-5f6d7c8b9-q4w2e': down,
      }),
      targets: live([aTarget(), aTarget({ instance: '10.0.0.12:9100', health: 'down', lastError: 'no route to host' })], now),
    });
    const { causes } = report(snapshot);
    expect(causes.map(({ finding }) => `${finding.id} ${finding.object}`)).toEqual(['node-ready node/gpu-2']);
    const follows = causes[0]?.follows.map(({ id }) => id) ?? [];
    for (const id of [
      'kubelet-heartbeat',
      'node-schedulable',
      'cni-pods',
      'kube-proxy',
      'device-plugin',
      'dcgm-exporter',
      'pods-not-running',
      'prometheus-targets',
    ])
      expect(follows).toContain(id);
  });

  it('blame the missing pod network, not the nodes that wait for it', () => {
    const waiting = aNode({ name: 'gpu-1', gpus: 0, ready: 'False', taints: [{ key: 'node.kubernetes.io/not-ready', value: '', effect: 'NoSchedule' }] });
    const condition = { ...waiting.conditions[0], type: 'Ready', status: 'False' as const, reason: 'KubeletNotReady' };
    const message =
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
    const node = { ...waiting, conditions: [{ ...condition, message, lastHeartbeatAt: now, lastTransitionAt: now - 60_000 }] };
    const snapshot = aLab({
      nodes: collection(node),
      leases: collection(aLease('gpu-1')),
      daemonSets: collection(),
      pods: collection(
        aPod({
          namespace: 'kube-system',
          name: 'coredns-1-a',
          owner: { kind: 'ReplicaSet', name: 'coredns-1' },
          ...pending('0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.'),
        }),
      ),
      deployments: collection(aWorkload({ namespace: 'kube-system', name: 'coredns', desired: 1, ready: 0 })),
      gpus: ledger({}),
      targets: live([aTarget()], now),
    });
    const { causes } = report(snapshot);
    expect(causes.map(({ finding }) => finding.message)).toEqual(['No pod network is installed: no CNI DaemonSet found, and gpu-1 waits for one']);
    expect(causes[0]?.follows.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['node-ready', 'node-schedulable', 'coredns', 'pods-not-running', 'workloads-ready']),
    );
  });

  it('keep two independent troubles apart, the worse first', () => {
    const broken = aLabWithoutGpusOnGpu2();
    const snapshot = { ...broken, deadPods: live({ failed: 412, succeeded: 0, failedByReason: new Map([['Evicted', 412]]) }, now) };
    expect(report(snapshot).causes.map(({ finding }) => finding.id)).toEqual(['device-plugin', 'evicted']);
  });

  it('say one thing when the API server is away', () => {
    const { verdict, causes } = report({ ...aLab(), connection: lost });
    expect(verdict).toBe('unknown');
    expect(causes.map(({ finding }) => finding.message)).toEqual(['The API server https://10.0.0.10:6443 does not answer for 4m: connection refused']);
  });

  it('do not blame lost GPUs for another exporter on the same node', () => {
    const lostGpus = aLabWithoutGpusOnGpu2();
    const snapshot = { ...lostGpus, targets: live([aTarget({ instance: '10.0.0.12:9100', health: 'down', lastError: 'refused' })], now) };
    expect(report(snapshot).causes.map(({ finding }) => finding.id)).toEqual(['device-plugin', 'prometheus-targets']);
  });

  it('name a crashing pod before the workload that lacks it', () => {
    const snapshot = aLab({
      pods: pods({ 'whisper-inference-5f6d7c8b9-q4w2e': crashing }),
      deployments: collection(
        aWorkload({ namespace: 'kube-system', name: 'coredns', desired: 2 }),
        aWorkload({ namespace: 'ai', name: 'whisper-inference', ready: 0 }),
      ),
    });
    const { causes } = report(snapshot);
    expect(causes.map(({ finding, follows }) => [finding.id, follows.map(({ id }) => id)])).toEqual([['crashloop', ['workloads-ready']]]);
  });
});

describe('the report in the store', () => {
  it('waits for nodes and pods, and is made as soon as everything is there', () => {
    const store = createStore({ derivations: [reportDerivation({})], now: () => now });
    const lab = aLab();
    store.writeConnection(lab.connection);
    store.write('nodes', lab.nodes);
    store.flush();
    expect(store.snapshot().report.freshness.status).toBe('loading');
    for (const name of [
      'readyz',
      'deadPods',
      'deployments',
      'daemonSets',
      'statefulSets',
      'persistentVolumeClaims',
      'storageClasses',
      'runtimeClasses',
      'leases',
      'gpus',
      'prometheus',
      'targets',
      'grafana',
      'events',
    ] as const)
      store.write(name, lab[name]);
    store.flush();
    expect(store.snapshot().report.freshness).toMatchObject({ status: 'loading', why: '14 of 15 sources seen' });
    store.write('pods', lab.pods);
    store.flush();
    expect(store.snapshot().report.value?.verdict).toBe('good');
    store.close();
  });

  it('is there at once, as unknown, when the API server refuses', () => {
    const store = createStore({ derivations: [reportDerivation({})], now: () => now });
    store.writeConnection(lost);
    store.flush();
    expect(store.snapshot().report.value).toMatchObject({ verdict: 'unknown' });
    store.close();
  });

  it('keeps its identity while nothing changes', () => {
    const { compute } = reportDerivation({});
    const first = compute(aLab());
    const lab = aLab();
    expect(compute({ ...lab, report: first }).value).toBe(first.value);
  });

  it('does not wait for ever for what is not essential', () => {
    const { compute } = reportDerivation({});
    const empty = aSnapshot();
    const snapshot = { ...aLab(), targets: empty.targets, prometheus: empty.prometheus };
    expect(snapshot.connection.status === 'connected' && now - snapshot.connection.since > 4_000).toBe(true);
    expect(compute(snapshot).value?.verdict).toBe('degraded');
  });
});

describe('a large cluster', () => {
  it('is judged in well under 100 ms: 100 nodes, 10,000 pods, every tenth of them pending', () => {
    const snapshot = aLargeCluster();
    makeReport(snapshot, {}, now);
    const started = performance.now();
    const { findings } = makeReport({ ...snapshot, pods: { ...snapshot.pods } }, {}, now);
    const elapsed = performance.now() - started;
    expect(findings.length).toBeGreaterThan(500);
    expect(elapsed).toBeLessThan(100);
  });
});

function aLargeCluster(): ClusterSnapshot {
  const names = Array.from({ length: 100 }, (_, index) => `gpu-${index}`);
  const labels = new Map([['nvidia.com/gpu.present', 'true']]);
  const many = Array.from({ length: 10_000 }, (_, index) =>
    aPod({
      namespace: `team-${index % 40}`,
      name: `train-${index}-7d9c5b8f4-x2x8p`,
      nodeName: `gpu-${index % 100}`,
      ...(index % 10 === 0
        ? pending('0/100 nodes are available: 100 Insufficient nvidia.com/gpu. preemption: 0/100 nodes are available: 100 No preemption victims found.')
        : {}),
    }),
  );
  return aLab({
    nodes: collection(...names.map((name) => aNode({ name, gpus: 8, labels }))),
    pods: collection(...many),
    leases: collection(...names.map((name) => aLease(name))),
    gpus: ledger(Object.fromEntries(names.map((name) => [name, [8, 8] as const]))),
  });
}
