import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Evidence, startEvidence } from '../src/evidence.js';
import type { Host, HostCommand } from '../src/hosts/host.js';
import { HostError } from '../src/hosts/host-error.js';
import type { KubeClient, KubeRequest } from '../src/kube/client.js';
import { KubeError } from '../src/kube/kube-error.js';
import { readSignatures } from '../src/signature-files.js';
import { live, whyMissing } from '../src/state/freshness.js';
import type { ClusterSnapshot, Slices } from '../src/state/snapshot.js';
import { createStore, type Store } from '../src/state/store.js';
import { crashing, devicePlugin, event, lostConnection, notReady, pluginSet, wellFacts } from './builders/evidence.js';
import { aHost, hostsOf } from './builders/host.js';
import { aTarget, ledgerOf } from './builders/lab.js';
import { aCondition, aContainer, aNode, aPod, aSnapshot, collection, now } from './builders/snapshot.js';
import { until } from './kube/until.js';

const signatures = readSignatures();
const second = 1000;
const minute = 60_000;

let store: Store;
let evidence: Evidence | null;
let clock: number;
/** Requests for logs, as `namespace/pod container`, with ` previous` behind. */
let asked: string[];
let mostAtOnce: number;
let commands: string[];
let logs: Map<string, string | KubeError>;
let journals: Map<string, string>;

beforeEach(() => {
  clock = now;
  store = createStore({ now: () => clock, flushMs: 0, settleMs: 0 });
  asked = [];
  commands = [];
  mostAtOnce = 0;
  logs = new Map();
  journals = new Map();
  evidence = null;
});
afterEach(() => {
  evidence?.close();
  store.close();
});

test('while all is well nothing is asked, and nothing is known', async () => {
  await start({ pods: collection(aPod(), devicePlugin()), daemonSets: collection(pluginSet()), hosts: hostsOf(aHost({ facts: wellFacts() })) });
  await until(() => diagnoses() !== null);
  expect(diagnoses()).toEqual([]);
  expect([...asked, ...commands]).toEqual([]);
});

test('a device plugin that waits in silence is read where GPUs are missing, and only there', async () => {
  logs.set(
    'kube-system/plugin-gpu-2 ctr',
    'E1102 14:00:00.124011       1 factory.go:113] Incompatible strategy detected auto\nI1102 14:00:00.124050       1 main.go:381] No devices found. Waiting indefinitely.',
  );
  const nodes = [aNode({ name: 'gpu-1', gpus: 8 }), aNode({ name: 'gpu-2', gpus: 0, capacityGpus: 8 })];
  await start({
    nodes: collection(...nodes),
    gpus: live(ledgerOf(nodes, []), now),
    daemonSets: collection(pluginSet()),
    pods: collection(devicePlugin({ name: 'plugin-gpu-1', nodeName: 'gpu-1' }), devicePlugin({ name: 'plugin-gpu-2', nodeName: 'gpu-2' }), aPod()),
  });
  const [found] = await until(() => some(diagnoses()));
  expect(asked).toEqual(['kube-system/plugin-gpu-2 ctr']);
  expect(diagnoses()).toHaveLength(1);
  expect(found).toMatchObject({
    signature: 'device-plugin-sees-no-gpu',
    object: 'pod/kube-system/plugin-gpu-2',
    tags: ['pod/kube-system/plugin-gpu-2', 'daemonset/kube-system/nvidia-device-plugin', 'gpus/gpu-2'],
    source: 'log of container ctr',
    line: 'I1102 14:00:00.124050       1 main.go:381] No devices found. Waiting indefinitely.',
    fix: {
      summary: 'Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin',
      operation: { id: 'set-runtime-class', input: { kind: 'daemonset', namespace: 'kube-system', name: 'nvidia-device-plugin' } },
    },
  });
  expect(found?.fix.command).toMatch(/^kubectl --context lab -n kube-system patch daemonset nvidia-device-plugin /);
});

test('GPUs that only the machine knows of are missing too', async () => {
  logs.set('kube-system/plugin ctr', 'No devices found. Waiting indefinitely.');
  await start({
    nodes: collection(aNode({ name: 'gpu-1' })),
    hosts: hostsOf(aHost({ facts: wellFacts() })),
    daemonSets: collection(pluginSet()),
    pods: collection(devicePlugin({ name: 'plugin' })),
  });
  await until(() => some(diagnoses()));
  expect(asked).toEqual(['kube-system/plugin ctr']);
});

test('of a pod that crashes again and again its last run is read; one that runs again also shows the run before', async () => {
  await start({
    pods: collection(
      crashing({ name: 'waits' }),
      aPod({ name: 'runs', owner: null, ready: notReady(), containers: [aContainer({ ready: false, restarts: 3 })] }),
      aPod({
        name: 'never-ran',
        owner: null,
        phase: 'Pending',
        ready: notReady(),
        containers: [aContainer({ ready: false, state: 'waiting', reason: 'ImagePullBackOff' })],
      }),
    ),
  });
  await until(() => asked.length === 3);
  expect(asked.toSorted()).toEqual(['ai/runs server', 'ai/runs server previous', 'ai/waits server']);
});

test('a pod that is just starting is left alone until it should have started', async () => {
  const starting = aPod({
    name: 'fresh',
    ready: { status: 'False', since: now - 5 * second, reason: 'ContainersNotReady' },
    containers: [aContainer({ ready: false })],
  });
  await start({ pods: collection(starting) });
  await until(() => diagnoses() !== null);
  expect(asked).toEqual([]);
  clock = now + 20 * second;
  write('pods', collection({ ...starting }));
  await until(() => asked.length === 1);
});

test('a container that was restarted while we watched is read though it runs again', async () => {
  const pod = aPod({ name: 'redis', containers: [aContainer({ restarts: 4 })] });
  await start({ pods: collection(pod) });
  await until(() => diagnoses() !== null);
  expect(asked).toEqual([]);
  write('pods', collection({ ...pod, containers: [aContainer({ restarts: 5 })] }));
  await until(() => asked.length === 2);
  expect(asked.toSorted()).toEqual(['ai/redis server', 'ai/redis server previous']);
});

test('what ends being in trouble takes its diagnosis along', async () => {
  logs.set(
    'kube-system/coredns server',
    '[FATAL] plugin/loop: Loop (127.0.0.1:53263 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting.',
  );
  await start({ pods: collection(crashing({ name: 'coredns', namespace: 'kube-system' })) });
  await until(() => some(diagnoses()));
  write('pods', collection(aPod({ name: 'coredns', namespace: 'kube-system', containers: [aContainer({ restarts: 3 })] })));
  await until(() => diagnoses()?.length === 0);
});

test('a log is read again when its pod changes, or after a minute', async () => {
  const pod = crashing({ name: 'trainer' });
  await start({ pods: collection(pod) });
  await until(() => asked.length === 1);
  clock += 30 * second;
  write('pods', collection({ ...pod }));
  await settled();
  expect(asked).toHaveLength(1);
  write('pods', collection({ ...pod, containers: [aContainer({ ready: false, state: 'waiting', reason: 'CrashLoopBackOff', restarts: 4 })] }));
  await until(() => asked.length === 2);
  clock += 61 * second;
  write('nodes', collection(aNode()));
  await until(() => asked.length === 3);
});

test('of ten thousand pods in trouble thirty are read, two of each workload, and six at once', async () => {
  const pods = Array.from({ length: 10_000 }, (_, index) =>
    crashing({ name: `w${index % 40}-${index}`, owner: { kind: 'ReplicaSet', name: `w${index % 40}-5d9c` } }),
  );
  await start({ pods: collection(...pods) });
  await until(() => asked.length === 30);
  await settled();
  expect(asked).toHaveLength(30);
  expect(mostAtOnce).toBe(6);
  const perOwner = Map.groupBy(asked, (log) => /w\d+/.exec(log)?.[0]);
  expect(Math.max(...[...perOwner.values()].map((own) => own.length))).toBe(2);
});

test('warnings, statuses and scrape errors are understood without a request', async () => {
  await start({
    nodes: collection(
      aNode({ name: 'gpu-1' }),
      aNode({
        name: 'gpu-2',
        conditions: [
          aCondition(
            'Ready',
            'False',
            'KubeletNotReady',
            'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
          ),
        ],
      }),
    ),
    pods: collection(
      aPod({
        name: 'waits',
        phase: 'Pending',
        nodeName: null,
        containers: [],
        unschedulable: { reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.', since: now - minute },
      }),
      aPod({
        name: 'stuck',
        phase: 'Pending',
        nodeName: 'gpu-1',
        ready: notReady(),
        containers: [aContainer({ ready: false, state: 'waiting', reason: 'ContainerCreating' })],
      }),
    ),
    events: collection(
      event(
        'stuck',
        'FailedCreatePodSandBox',
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "nvidia" is configured',
      ),
      event('long-gone', 'Failed', 'toomanyrequests: You have reached your pull rate limit.'),
    ),
    targets: live(
      [aTarget({ health: 'down', lastError: 'Get "https://10.0.0.10:10257/metrics": dial tcp 10.0.0.10:10257: connect: connection refused' })],
      now,
    ),
  });
  await until(() => some(diagnoses()));
  expect(new Map(diagnoses()?.map(({ signature, object }) => [signature, object]))).toEqual(
    new Map([
      ['cni-not-initialized', 'node/gpu-2'],
      ['no-nvidia-runtime-in-containerd', 'pod/ai/stuck'],
      ['insufficient-gpus', 'pod/ai/waits'],
      ['control-plane-metrics-on-loopback', 'target/node-exporter/10.0.0.11:9100'],
    ]),
  );
  expect(diagnoses()?.find(({ signature }) => signature === 'cni-not-initialized')?.tags).toEqual(['node/gpu-2', 'host/gpu-2', 'network/gpu-2']);
  expect(asked).toEqual([]);
});

test('the log of a unit that failed is read on its machine, and the kernel only where GPUs are in question', async () => {
  journals.set('kubelet.service', '1793628012.5 gpu-2 kubelet[912]: failed to run Kubelet: running with swap on is not supported, please disable swap');
  const facts = { ...wellFacts(), failedUnits: { known: true, value: ['kubelet.service'] } as const };
  await start({
    nodes: collection(aNode({ name: 'gpu-2', gpus: 8 })),
    hosts: hostsOf(aHost({ name: 'gpu-2', facts }), aHost({ name: 'gpu-1', facts: wellFacts() })),
  });
  const [found] = await until(() => some(diagnoses()));
  expect(found).toMatchObject({
    signature: 'swap-on',
    object: 'unit/gpu-2/kubelet.service',
    source: 'unit kubelet.service',
    at: 1_793_628_012_500,
    fix: { operation: { id: 'swap-off', input: { host: 'gpu-2' } } },
  });
  expect(found?.tags).toEqual(['unit/gpu-2/kubelet.service', 'node/gpu-2', 'host/gpu-2']);
  expect(commands).toEqual(['gpu-2: kubelet.service']);
});

test('the kernel is asked where GPUs are missing', async () => {
  journals.set('kernel', '1793628012.5 gpu-2 kernel: NVRM: Xid (PCI:0000:41:00): 79, pid=1234, GPU has fallen off the bus.');
  const nodes = [aNode({ name: 'gpu-2', gpus: 7, capacityGpus: 8 })];
  await start({ nodes: collection(...nodes), gpus: live(ledgerOf(nodes, []), now), hosts: hostsOf(aHost({ name: 'gpu-2', facts: wellFacts() })) });
  const [found] = await until(() => some(diagnoses()));
  expect(found).toMatchObject({ signature: 'gpu-fell-off-bus', object: 'node/gpu-2', tags: ['node/gpu-2', 'host/gpu-2', 'gpus/gpu-2'], source: 'kernel log' });
  expect(commands).toEqual(['gpu-2: kernel']);
});

test('while the API server is silent the machines are read, and no pods', async () => {
  const at = (seconds: number) => (now / 1000 + seconds).toFixed(3);
  journals.set(
    'kubelet.service',
    [
      `${at(-900)} gpu-1 kubelet[912]: container runtime network not ready: cni plugin not initialized`,
      `${at(-2)} gpu-1 kubelet[912]: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time is after`,
    ].join('\n'),
  );
  await start({
    connection: lostConnection(),
    pods: collection(crashing({ name: 'trainer' })),
    hosts: hostsOf(aHost({ facts: wellFacts() })),
  });
  const [found] = await until(() => some(diagnoses()));
  expect(found?.signature).toBe('certificate-expired');
  // What the kubelet said a quarter of an hour ago has passed.
  expect(diagnoses()).toHaveLength(1);
  expect(asked).toEqual([]);
});

test('when nothing answers any more, what was known stays and is called old', async () => {
  logs.set('ai/trainer server', 'Failed to initialize NVML: Unknown Error');
  await start({ pods: collection(crashing({ name: 'trainer' })) });
  await until(() => some(diagnoses()));
  store.writeConnection(lostConnection());
  store.flush();
  await until(() => store.snapshot().diagnoses.freshness.status === 'stale');
  expect(store.snapshot().diagnoses.freshness).toMatchObject({ why: 'connection refused' });
  expect(diagnoses()).toHaveLength(1);
});

test('while nothing was ever seen it says what holds it up', async () => {
  await start({ connection: lostConnection() });
  await until(() => store.snapshot().diagnoses.freshness.status === 'loading' && whyMissing(store.snapshot().diagnoses) === 'connection refused');
});

test('what nvidia-smi answered is understood', async () => {
  await start({
    nodes: collection(aNode({ name: 'gpu-2' })),
    machineGpus: live(
      new Map([
        [
          'gpu-2',
          { node: 'gpu-2', source: 'ssh', at: now, report: { status: 'library-mismatch', why: 'Failed to initialize NVML: Driver/library version mismatch' } },
        ],
      ]),
      now,
    ),
  });
  const [found] = await until(() => some(diagnoses()));
  expect(found).toMatchObject({
    signature: 'driver-library-mismatch',
    object: 'node/gpu-2',
    source: 'nvidia-smi',
    fix: { operation: { id: 'reboot-node', input: { node: 'gpu-2' } } },
  });
});

test('without the right to read logs it goes on with the rest, and does not ask again', async () => {
  logs.set('ai/trainer server', new KubeError('forbidden', 'pods "trainer" is forbidden', { status: 403 }));
  const pod = crashing({ name: 'trainer' });
  await start({ pods: collection(pod), events: collection(event('trainer', 'Failed', 'toomanyrequests: You have reached your pull rate limit.')) });
  await until(() => some(diagnoses()));
  expect(diagnoses()?.[0]?.signature).toBe('image-pull-rate-limit');
  await until(() => asked.length === 1);
  clock += 2 * minute;
  write('pods', collection({ ...pod }));
  await settled();
  expect(asked).toHaveLength(1);
  evidence?.refresh();
  await until(() => asked.length === 2);
});

test('where nothing else could be looked at the missing right is the answer', async () => {
  logs.set('ai/trainer server', new KubeError('forbidden', 'pods "trainer" is forbidden', { status: 403 }));
  await start({ pods: collection(crashing({ name: 'trainer' })) });
  await until(() => store.snapshot().diagnoses.freshness.status === 'denied');
  expect(store.snapshot().diagnoses.freshness).toEqual({ status: 'denied', verb: 'get', resource: 'pods/log' });
});

test('a machine that cannot be reached, and a log that is not there yet, do no harm', async () => {
  logs.set('ai/trainer server', new KubeError('server', 'container "server" in pod "trainer" is waiting to start', { status: 400 }));
  const facts = { ...wellFacts(), failedUnits: { known: true, value: ['kubelet.service'] } as const };
  await start({ pods: collection(crashing({ name: 'trainer' })), hosts: hostsOf(aHost({ name: 'gone', facts })) });
  await until(() => asked.length === 1 && commands.length === 1);
  await settled();
  expect(diagnoses()).toEqual([]);
  expect(store.snapshot().diagnoses.freshness.status).toBe('live');
});

test('a log that cannot be read for once does not take back what it said', async () => {
  logs.set('ai/trainer server', 'Failed to initialize NVML: Unknown Error');
  await start({ pods: collection(crashing({ name: 'trainer' })) });
  await until(() => some(diagnoses()));
  logs.set('ai/trainer server', new KubeError('server', 'Get "https://10.0.0.11:10250/containerLogs": dial tcp: i/o timeout', { status: 500 }));
  clock += 61 * second;
  write('nodes', collection(aNode()));
  await until(() => asked.length === 2);
  await settled();
  expect(diagnoses()).toHaveLength(1);
});

test('the same failure twice is told once, with its newest line', async () => {
  logs.set(
    'ai/trainer server',
    '2026-11-02T14:00:00Z Failed to initialize NVML: Unknown Error\n2026-11-02T14:01:00Z retry: Failed to initialize NVML: Unknown Error',
  );
  await start({ pods: collection(crashing({ name: 'trainer' })) });
  await until(() => some(diagnoses()));
  expect(diagnoses()).toMatchObject([{ line: 'retry: Failed to initialize NVML: Unknown Error', at: Date.UTC(2026, 10, 2, 14, 1) }]);
});

async function start(slices: Partial<ClusterSnapshot>): Promise<void> {
  const { connection, ...rest } = aSnapshot(slices);
  store.writeConnection(connection);
  for (const name of Object.keys(slices)) if (isSlice(name)) copy(rest, name);
  store.flush();
  evidence = startEvidence({ store, client: fakeClient(), host: fakeHost, signatures, now: () => clock, paceMs: 0 });
}

function isSlice(name: string): name is keyof Slices {
  return name !== 'connection' && name !== 'at';
}

function copy<Name extends keyof Slices>(slices: Slices, name: Name): void {
  store.write(name, slices[name]);
}

function write<Name extends keyof Slices>(name: Name, slice: Slices[Name]): void {
  store.write(name, slice);
  store.flush();
}

const diagnoses = () => {
  store.flush();
  return store.snapshot().diagnoses.value;
};
const some = <T>(items: readonly T[] | null) => (items !== null && items.length > 0 ? items : null);

/** Until what was written has been looked at: one look more than there is anything to do for. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function fakeClient(): KubeClient {
  let open = 0;
  const refuse = () => Promise.reject(new Error('nothing else is asked for'));
  return {
    context: 'lab',
    server: 'https://10.0.0.10:6443',
    namespace: null,
    async request(path: string, { query }: KubeRequest = {}) {
      const [, namespace, pod] = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/log$/.exec(path) ?? [];
      const key = `${namespace}/${pod} ${query?.['container']}${query?.['previous'] === true ? ' previous' : ''}`;
      asked.push(key);
      open += 1;
      mostAtOnce = Math.max(mostAtOnce, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      const body = logs.get(key) ?? 'started';
      if (body instanceof KubeError) throw body;
      return { status: 200, headers: {}, body, roundTripMs: 1 };
    },
    open: refuse,
    road: refuse,
    certificateEndsAt: () => null,
    close: () => undefined,
  };
}

async function fakeHost(name: string): Promise<Host> {
  return {
    name,
    road: `ssh ${name}`,
    async run({ argv }: HostCommand) {
      const unit = argv.find((word) => word.startsWith('--unit='))?.slice('--unit='.length) ?? 'kernel';
      commands.push(`${name}: ${unit}`);
      if (name === 'gone') throw new HostError('unreachable', 'no route to gone');
      return { exitCode: 0, signal: null, stdout: `${journals.get(unit) ?? ''}\n`, stderr: '', tookMs: 1 };
    },
    close: () => undefined,
  };
}
