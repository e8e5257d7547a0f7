import { describe, expect, it } from 'vitest';
import { kubectl } from '../../src/checks/kubectl.js';
import { checks } from '../../src/checks/registry.js';
import { live } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import type { PersistentVolumeClaim } from '../../src/state/storage.js';
import { aContainer, aNode, aPod, aWorkload, collection, now } from '../builders/snapshot.js';
import { aLab, aTarget, crashing, daemonSets, findingsOf, ledger, nodes, pending, pods, report, troubles } from './lab.js';

const minute = 60_000;
const messages = (id: string, snapshot: ClusterSnapshot) =>
  findingsOf(id, snapshot)
    .filter(({ status }) => status !== 'pass')
    .map(({ status, message }) => `${status}: ${message}`);
const one = (overrides: Parameters<typeof aPod>[0]) => aLab({ pods: collection(aPod({ name: 'a', ...overrides })) });

describe('pods', () => {
  it('may take a minute to start, and five to get Ready', () => {
    const starting = { phase: 'Pending', ready: null, containers: [aContainer({ ready: false, state: 'waiting', reason: 'ContainerCreating' })] } as const;
    expect(messages('pods-not-running', one({ ...starting, createdAt: now - 50_000 }))).toEqual([]);
    expect(messages('pods-not-running', one({ ...starting, createdAt: now - 70_000 }))).toEqual([
      'warn: Pod ai/a on gpu-1 is not running for 70s (ContainerCreating)',
    ]);
    const unready = (ms: number) => ({
      ready: { status: 'False' as const, since: now - ms, reason: 'ContainersNotReady' },
      containers: [aContainer({ ready: false })],
    });
    expect(messages('pods-not-running', one(unready(4 * minute)))).toEqual([]);
    expect(messages('pods-not-running', one(unready(6 * minute)))).toEqual(['warn: Pod ai/a on gpu-1 is not running for 6m (NotReady)']);
  });

  it('that cannot pull their image are told at once, with the reason', () => {
    const state = aContainer({
      ready: false,
      state: 'waiting',
      reason: 'ImagePullBackOff',
      message: 'toomanyrequests: You have reached your pull rate limit.',
    });
    const [finding] = findingsOf('pods-not-running', one({ phase: 'Pending', ready: null, createdAt: now - 5_000, containers: [state] }));
    expect(finding).toMatchObject({
      status: 'warn',
      message: 'Pod ai/a on gpu-1 is not running for 5s (ImagePullBackOff): toomanyrequests: You have reached your pull rate limit',
    });
    expect(finding?.fix?.summary).toContain('pull limit');
  });

  it('in a crash loop point to their last words', () => {
    const [finding] = findingsOf('crashloop', one(crashing));
    expect(finding).toMatchObject({ message: 'ai/a crashes again and again on gpu-1: container server restarted 7 times, last exit code 1' });
    expect(finding?.fix?.command).toBe('kubectl --context lab -n ai logs a -c server --previous --tail=50');
    expect(messages('pods-not-running', one(crashing))).toEqual([]);
  });

  it('without containers are no trouble', () => {
    expect(() => report(one({ containers: [], phase: 'Pending', ready: null }))).not.toThrow();
  });

  it('hang in Terminating after five minutes', () => {
    expect(messages('terminating-stuck', one({ deletedAt: now - 4 * minute }))).toEqual([]);
    expect(messages('terminating-stuck', one({ deletedAt: now - 6 * minute }))).toEqual([
      'warn: Pod ai/a on gpu-1 should have ended 6m ago and is still Terminating',
    ]);
  });

  it('by the hundred are told by their number', () => {
    const many = Array.from({ length: 300 }, (_, index) => aPod({ name: `p-${index}`, ...crashing }));
    const findings = findingsOf('crashloop', aLab({ pods: collection(...many) }));
    expect(findings).toHaveLength(25);
    expect(findings.at(-1)).toMatchObject({ object: 'cluster', message: '276 more pods like these' });
  });

  it('that were evicted or refused are counted, other failures mentioned', () => {
    const snapshot = aLab({
      deadPods: live(
        {
          failed: 423,
          succeeded: 0,
          failedByReason: new Map([
            ['Evicted', 412],
            ['Error', 10],
            ['UnexpectedAdmissionError', 1],
          ]),
        },
        now,
      ),
    });
    expect(messages('evicted', snapshot)).toEqual(['warn: 412 evicted pods lie about; other failed pods: 10 Error']);
    expect(messages('unexpected-admission', snapshot)[0]).toContain('1 pod failed with UnexpectedAdmissionError');
    expect(findingsOf('evicted', snapshot)[0]?.fix?.command).toContain(`awk '$4=="Evicted"{print $1,$2}'`);
  });
});

describe('Deployments', () => {
  it('in a roll-out that keeps its minimum are at work', () => {
    const rolling = aWorkload({ desired: 4, ready: 3, conditions: [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' }] });
    expect(messages('workloads-ready', aLab({ deployments: collection(rolling) }))).toEqual([]);
    const short = aWorkload({ desired: 4, ready: 1, conditions: [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: '' }] });
    expect(messages('workloads-ready', aLab({ deployments: collection(short) }))).toEqual(['warn: ai/resnet50-inference has 1 of 4 replicas ready']);
  });
});

describe('storage', () => {
  const aClaim = (overrides: Partial<PersistentVolumeClaim>): PersistentVolumeClaim => ({
    namespace: 'ai',
    name: 'models',
    phase: 'Pending',
    storageClassName: 'nfs',
    volumeName: null,
    requestedBytes: 2 ** 40,
    createdAt: now - 10 * minute,
    ...overrides,
  });
  const withClaim = (claim: Partial<PersistentVolumeClaim>, volumeBindingMode = 'Immediate') =>
    aLab({
      persistentVolumeClaims: collection(aClaim(claim)),
      storageClasses: collection({ name: 'nfs', provisioner: 'nfs.csi.k8s.io', isDefault: true, volumeBindingMode }),
    });

  it('waits for its provisioner', () =>
    expect(messages('pvc-bound', withClaim({}))).toEqual(['fail: Volume claim ai/models waits for 10m for a volume from nfs.csi.k8s.io']));
  it('may wait for its first pod', () => expect(messages('pvc-bound', withClaim({}, 'WaitForFirstConsumer'))).toEqual([]));
  it('may take a minute', () => expect(messages('pvc-bound', withClaim({ createdAt: now - 30_000 }))).toEqual([]));
  it('names a class that does not exist', () =>
    expect(messages('pvc-bound', withClaim({ storageClassName: 'gone' }))[0]).toContain('its StorageClass gone does not exist'));
  it('is lost with its volume', () =>
    expect(messages('pvc-bound', withClaim({ phase: 'Lost', volumeName: 'pv-1' }))).toEqual(['fail: Volume claim ai/models lost its volume pv-1']));

  it('quotes the provisioner, also for a class that waits for pods', () => {
    const event = {
      uid: 'e',
      namespace: 'ai',
      name: 'e',
      type: 'Warning' as const,
      reason: 'ProvisioningFailed',
      message: 'failed to provision volume: no space left on device.',
      object: { kind: 'PersistentVolumeClaim', namespace: 'ai', name: 'models' },
      source: null,
      count: 3,
      firstAt: now,
      lastAt: now,
    };
    expect(messages('pvc-bound', { ...withClaim({}, 'WaitForFirstConsumer'), events: collection(event) })).toEqual([
      'fail: Volume claim ai/models cannot get a volume: failed to provision volume: no space left on device',
    ]);
  });

  it('wants one default class', () => {
    const sc = (name: string, isDefault: boolean) => ({ name, provisioner: 'p', isDefault, volumeBindingMode: 'Immediate' });
    expect(messages('default-sc', aLab({ storageClasses: collection(sc('a', false)) }))).toEqual(['warn: No StorageClass is the default (there is a)']);
    expect(messages('default-sc', aLab({ storageClasses: collection(sc('a', true), sc('b', true)) }))[0]).toContain(
      '2 StorageClasses are the default: a and b',
    );
    expect(findingsOf('default-sc', aLab({ storageClasses: collection(sc('a', false)) }))[0]?.fix?.command).toBe(
      `kubectl --context lab patch storageclass a -p '{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":"true"}}}'`,
    );
  });

  it('blames the missing default for the claim without a class', () => {
    const snapshot = aLab({
      persistentVolumeClaims: collection(aClaim({ storageClassName: null })),
      storageClasses: collection({ name: 'nfs', provisioner: 'p', isDefault: false, volumeBindingMode: 'Immediate' }),
      pods: pods({ 'whisper-inference-5f6d7c8b9-q4w2e': pending('0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.') }),
    });
    expect(report(snapshot).causes.map(({ finding, follows }) => [finding.id, follows.map(({ id }) => id)])).toEqual([
      ['default-sc', ['pvc-bound', 'pods-not-running']],
    ]);
  });
});

describe('GPUs', () => {
  it('are no matter in a cluster without them', () => {
    const snapshot = aLab({
      nodes: collection(aNode({ name: 'w-1', runtimeHandlers: null })),
      gpus: ledger({}),
      daemonSets: daemonSets({ 'nvidia-device-plugin-daemonset': { desired: 0 }, 'dcgm-exporter': { desired: 0 } }),
    });
    for (const id of ['runtimeclass', 'nvidia-handler', 'gpu-label', 'device-plugin', 'gpu-count', 'dcgm-exporter'])
      expect(findingsOf(id, snapshot)).toMatchObject([{ status: 'skipped' }]);
  });

  it('that the kubelet no longer knows are missed by the labels or the settings', () => {
    const bare = aLab({
      nodes: nodes({ 'gpu-2': { gpus: 0, labels: new Map([['nvidia.com/gpu.present', 'true']]) } }),
      gpus: ledger({ controlplane: [1, 1], 'gpu-1': [8, 8] }),
    });
    expect(messages('gpu-count', bare)[0]).toMatch(/^fail: gpu-2: 0 of 1 nvidia\.com\/gpu allocatable/);
    expect(findingsOf('gpu-count', bare, { gpus: { 'gpu-2': 8 } }).find(({ object }) => object === 'node/gpu-2')?.message).toMatch(
      /^gpu-2: 0 of 8 nvidia\.com\/gpu allocatable/,
    );
  });

  it('that fell off the bus are counted', () => {
    const snapshot = aLab({ nodes: nodes({ 'gpu-2': { gpus: 7, capacityGpus: 8 } }), gpus: ledger({ 'gpu-2': [7, 8] }) });
    expect(messages('gpu-count', snapshot)).toEqual(['fail: gpu-2: 7 of 8 nvidia.com/gpu allocatable; the device plugin calls 1 of them unhealthy']);
    expect(findingsOf('gpu-count', snapshot).find(({ status }) => status === 'fail')?.fix?.command).toBe(
      `ssh gpu-2 "sudo journalctl -k -b | grep 'NVRM: Xid'"`,
    );
  });

  it('may be slices and MIG devices', () => {
    const quantities = new Map([
      ['nvidia.com/gpu', 0],
      ['nvidia.com/mig-1g.5gb', 14],
      ['nvidia.com/gpu.shared', 8],
    ]);
    const snapshot = aLab({ nodes: collection(aNode({ name: 'gpu-1', capacity: quantities, allocatable: quantities })), gpus: ledger({}) });
    expect(findingsOf('gpu-count', snapshot)).toMatchObject([{ status: 'pass', message: '22 of 22 accelerators allocatable' }]);
  });

  it('need the RuntimeClass only where nvidia is not the default runtime', () => {
    const without = { runtimeClasses: live(new Map(), now) };
    expect(findingsOf('runtimeclass', aLab(without))).toMatchObject([{ status: 'warn', severity: 'warning' }]);
    const broken = aLab({ ...without, nodes: nodes({ 'gpu-2': { gpus: 0, capacityGpus: 8 } }), gpus: ledger({ 'gpu-2': [0, 8] }) });
    expect(findingsOf('runtimeclass', broken)).toMatchObject([{ status: 'fail', severity: 'critical' }]);
    expect(report(broken).causes.map(({ finding }) => finding.id)).toEqual(['runtimeclass']);
  });

  it('blame the container runtime that does not know nvidia', () => {
    const snapshot = aLab({
      nodes: nodes({ 'gpu-2': { gpus: 0, capacityGpus: 8, runtimeHandlers: ['', 'runc'] } }),
      gpus: ledger({ 'gpu-2': [0, 8] }),
      daemonSets: daemonSets({ 'nvidia-device-plugin-daemonset': { ready: 2 } }),
      pods: pods({ 'nvidia-device-plugin-daemonset-gpu-2': crashing }),
    });
    const { causes } = report(snapshot);
    expect(causes.map(({ finding }) => finding.message)).toEqual(['The container runtime of gpu-2 has no handler nvidia (it has runc)']);
    expect(causes[0]?.finding.fix?.command).toContain('nvidia-ctk runtime configure --runtime=containerd');
  });

  it('do without handlers where the kubelet is too old to report them', () => {
    expect(findingsOf('nvidia-handler', aLab({ nodes: nodes({ 'gpu-2': { gpus: 8, runtimeHandlers: null } }) })).at(-1)).toMatchObject({ status: 'skipped' });
  });

  it('have no plugin where its node selector matches nothing', () => {
    const snapshot = aLab({
      nodes: collection(aNode({ name: 'gpu-1', gpus: 0, capacityGpus: 8 })),
      gpus: ledger({ 'gpu-1': [0, 8] }),
      daemonSets: daemonSets({ 'nvidia-device-plugin-daemonset': { desired: 0 } }),
    });
    const finding = findingsOf('device-plugin', snapshot)[0];
    expect(finding?.message).toContain('finds no node to run on: no node is labelled nvidia.com/gpu.present=true');
    expect(finding?.fix?.command).toBe('kubectl --context lab label node gpu-1 nvidia.com/gpu.present=true');
  });

  it('of several vendors have plugins of their own', () => {
    const quantities = new Map([['amd.com/gpu', 4]]);
    const snapshot = aLab({
      nodes: collection(aNode({ name: 'amd-1', capacity: quantities, allocatable: quantities })),
      gpus: ledger({}),
      daemonSets: collection(aWorkload({ kind: 'DaemonSet', namespace: 'kube-system', name: 'amdgpu-device-plugin-daemonset', desired: 1 })),
    });
    expect(findingsOf('device-plugin', snapshot)).toMatchObject([{ status: 'pass', object: 'daemonset/kube-system/amdgpu-device-plugin-daemonset' }]);
    expect(findingsOf('runtimeclass', snapshot)).toMatchObject([{ status: 'skipped' }]);
  });
});

describe('targets', () => {
  it('of the control plane that listen on loopback say so', () => {
    const target = aTarget({
      job: 'kube-scheduler',
      instance: '10.0.0.10:10259',
      health: 'down',
      lastError: 'dial tcp 10.0.0.10:10259: connect: connection refused',
    });
    expect(findingsOf('prometheus-targets', aLab({ targets: live([target], now) }))[0]).toMatchObject({
      object: 'target/kube-scheduler/10.0.0.10:10259',
      message: 'Target kube-scheduler 10.0.0.10:10259 is down: dial tcp 10.0.0.10:10259: connect: connection refused',
      fix: { summary: 'kubeadm binds this to loopback: set its bind address to 0.0.0.0, or drop the target' },
    });
  });

  it('that were not scraped yet are no trouble', () => {
    expect(troubles(aLab({ targets: live([aTarget(), aTarget({ health: 'unknown' })], now) }))).toEqual([]);
  });
});

describe('the registry', () => {
  it('has each id once, and depends only on checks that exist', () => {
    const ids = checks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const check of checks) for (const id of check.dependsOn) expect(ids).toContain(id);
  });
});

describe('a kubectl command', () => {
  it('quotes what a shell would take apart', () => {
    expect(kubectl("lab'; rm -rf /", ['get', 'pod', '$(id)'])).toBe(String.raw`kubectl --context 'lab'\''; rm -rf /' get pod '$(id)'`);
    expect(kubectl('', ['get', 'nodes'])).toBe('kubectl get nodes');
  });
});
