import { afterEach, describe, expect, it } from 'vitest';
import { HostError } from '../../src/hosts/host-error.js';
import { type HostFeed, type HostFeedOptions, startHostFeed } from '../../src/hosts/host-feed.js';
import { createQuestionDesk } from '../../src/hosts/question-desk.js';
import { live, whyMissing } from '../../src/state/freshness.js';
import type { Node } from '../../src/state/nodes.js';
import type { Pod } from '../../src/state/pods.js';
import { createStore, type Store } from '../../src/state/store.js';
import { aNode, aPod } from '../builders/snapshot.js';
import { scriptedApi } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { type FakeRoads, failing, fakeRoads, hanging, healthy, type Machine, plainReader } from './fake-machines.js';
import { bootId, ubuntuAnswer } from './probe-answers.js';

let feed: HostFeed | null = null;
let store: Store;
afterEach(() => {
  feed?.close();
  store.close();
});

function start(machineOf: (name: string) => Machine, nodes: readonly Node[] | null, options: Partial<HostFeedOptions> = {}): FakeRoads {
  store = createStore({ flushMs: 1, settleMs: 0 });
  if (nodes !== null) setNodes(nodes);
  const roads = fakeRoads(machineOf);
  feed = startHostFeed({
    store,
    client: null,
    settings: {},
    asker: createQuestionDesk(store),
    everyMs: 30_000,
    env: {},
    homeDir: '/nowhere',
    probeScript: 'exit 0',
    gpus: plainReader,
    roads,
    own: { addresses: new Set(['10.0.0.99']), machineId: 'own', bootId: null },
    ...options,
  });
  return roads;
}

function setNodes(nodes: readonly Node[]): void {
  store.write('nodes', live(new Map(nodes.map((node) => [node.name, node])), Date.now()));
  store.flush();
}

function setPods(pods: readonly Pod[]): void {
  store.write('pods', live(new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod])), Date.now()));
  store.flush();
}

const host = (name: string) => store.snapshot().hosts.value?.get(name);
const contact = (name: string) => host(name)?.contact.status;
const gpus = (name: string) => store.snapshot().machineGpus.value?.get(name);

describe('the machines of a cluster', () => {
  it('are its nodes and what the settings name, each with its facts', async () => {
    const roads = start(() => healthy(), [aNode({ name: 'gpu-1' })], { settings: { each: { lb: { address: '10.0.0.5' } } } });
    await until(() => contact('gpu-1') === 'connected' && contact('lb') === 'connected');
    expect(host('gpu-1')).toMatchObject({ node: 'gpu-1', road: 'ssh ops@10.0.0.11:22', facts: { kernel: { value: '6.8.0-94-generic' } } });
    expect(host('lb')).toMatchObject({ node: null, road: 'ssh ops@10.0.0.5:22' });
    expect(roads.commands[0]?.command).toMatchObject({ argv: ['sh', '-s'], env: { GPUK8S_SUDO: '1' } });
    expect(gpus('gpu-1')).toMatchObject({ source: 'ssh', report: { status: 'ok' } });
  });

  it('include this one without SSH where it is a node, but not one that only has the same address', async () => {
    const addresses = [{ type: 'InternalIP', address: '10.0.0.99' }];
    const here = aNode({ name: 'here', addresses, info: { ...aNode().info, machineId: 'own' } });
    start(() => healthy(), [here, aNode({ name: 'twin', addresses })]);
    await until(() => contact('here') === 'connected' && contact('twin') === 'connected');
    expect(host('here')?.road).toBe('this machine');
    expect(gpus('here')?.source).toBe('local');
    expect(host('twin')?.road).toBe('ssh ops@10.0.0.99:22');
  });

  it('come and go with the nodes, and stay while no nodes are to be seen', async () => {
    const roads = start(() => healthy(), [aNode({ name: 'a' }), aNode({ name: 'b' })]);
    await until(() => contact('a') === 'connected' && contact('b') === 'connected');
    setNodes([aNode({ name: 'b' }), aNode({ name: 'c' })]);
    await until(() => contact('c') === 'connected' && host('a') === undefined);
    expect(roads.open.has('a')).toBe(false);
    expect(roads.commands.filter(({ name }) => name === 'b')).toHaveLength(1);
    store.write('nodes', { value: null, freshness: { status: 'denied', verb: 'list', resource: 'nodes' } });
    store.flush();
    expect(contact('b')).toBe('connected');
  });

  it('are those of the last visit while the API server is silent, until the list of nodes decides', async () => {
    const remembered = new Map([
      ['gpu-1', { address: '10.0.0.11', machineId: null }],
      ['gpu-9', { address: '10.0.0.19', machineId: null }],
      ['here', { address: '10.0.0.99', machineId: 'own' }],
    ]);
    const roads = start(() => healthy(), null, { remembered });
    await until(() => contact('gpu-1') === 'connected' && contact('gpu-9') === 'connected' && contact('here') === 'connected');
    expect(host('gpu-1')).toMatchObject({ node: 'gpu-1', road: 'ssh ops@10.0.0.11:22' });
    expect(host('here')?.road).toBe('this machine');
    setNodes([aNode({ name: 'gpu-1' }), aNode({ name: 'gpu-2', addresses: [{ type: 'InternalIP', address: '10.0.0.12' }] })]);
    await until(() => contact('gpu-2') === 'connected' && host('gpu-9') === undefined && host('here') === undefined);
    expect(roads.commands.filter(({ name }) => name === 'gpu-1')).toHaveLength(1);
  });

  it('do not wait for those that hang: 45 of 50 answer at once', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `gpu-${index}`);
    start(
      (name) => (Number(name.slice(4)) % 10 === 3 ? hanging : healthy()),
      names.map((name) => aNode({ name })),
    );
    await until(() => names.filter((name) => contact(name) === 'connected').length === 45, 2000);
    expect(contact('gpu-13')).toBe('connecting');
  });

  it('are none where there are neither nodes nor settings', async () => {
    start(() => healthy(), []);
    await until(() => whyMissing(store.snapshot().hosts)?.includes('no machines to look at'));
    expect(whyMissing(store.snapshot().machineGpus)).toBe(whyMissing(store.snapshot().hosts));
  });
});

describe('a machine in trouble', () => {
  it('is tried again, with its last facts, and shows the new boot after a reboot', async () => {
    let machine = healthy();
    start(() => machine, [aNode()], { everyMs: 40 });
    await until(() => contact('gpu-1') === 'connected');
    machine = failing('unreachable', 'gpu-1 (10.0.0.11) refuses connections on port 22');
    const lost = await until(() => (contact('gpu-1') === 'lost' ? host('gpu-1') : null));
    expect(lost.contact).toMatchObject({ why: 'gpu-1 (10.0.0.11) refuses connections on port 22', nextTryAt: expect.any(Number) });
    expect(lost.facts?.kernel.known).toBe(true);
    const newBoot = '0b0b0b0b-5d0a-4d4e-9a51-3f1d6a7c0001';
    machine = healthy({ with: { boot: [`${newBoot}\nbtime 1793600000`] } });
    const back = await until(() => (contact('gpu-1') === 'connected' ? host('gpu-1') : null));
    expect(back.facts?.bootId).toEqual({ known: true, value: newBoot });
  });

  it('is asked again as soon as the cluster knows of a reboot', async () => {
    const roads = start(() => healthy(), [aNode()]);
    await until(() => contact('gpu-1') === 'connected');
    setNodes([aNode({ info: { ...aNode().info, bootId: 'another' } })]);
    await until(() => roads.commands.length === 2);
  });

  it('that refuses us is left alone until a person asks again', async () => {
    let machine = failing('host-key-changed', 'the host key of gpu-1 has changed');
    const roads = start(() => machine, [aNode()], { everyMs: 20 });
    await until(() => contact('gpu-1') === 'refused');
    machine = healthy();
    await until(() => host('gpu-1'), 100);
    expect(roads.commands).toHaveLength(1);
    feed?.refresh();
    await until(() => contact('gpu-1') === 'connected');
  });

  it('whose answer is cut off shows what came, and the reason', async () => {
    const cutOff: Machine = async ({ env, onOutput }) => {
      const { stdout = '' } = await healthy()({ argv: [], ...(env === undefined ? {} : { env }) }, { ask: async () => null });
      onOutput?.(stdout.slice(0, stdout.indexOf('begin pci')), 'stdout');
      throw await failing('dropped', 'the connection to gpu-1 ended')({ argv: [] }, { ask: async () => null }).catch((error: unknown) => error);
    };
    start(() => cutOff, [aNode()]);
    const lost = await until(() => (contact('gpu-1') === 'lost' ? host('gpu-1') : null));
    expect(lost.contact).toMatchObject({ why: 'the connection to gpu-1 ended' });
    expect(lost.facts).toMatchObject({ load: { known: true }, packageHolds: { known: false, why: 'the answer was cut off before it' } });
  });

  it('without a shell says what it said instead', async () => {
    start(() => async () => ({ exitCode: 1, stdout: 'This account is currently not available.\n' }), [aNode()]);
    const lost = await until(() => (contact('gpu-1') === 'lost' ? host('gpu-1') : null));
    expect(lost.contact).toMatchObject({ why: 'the login shell there runs no commands: "This account is currently not available."' });
  });

  it('that has a question waits for the person, and goes on with the answer', async () => {
    const asking: Machine = async (command, asker) => {
      const answer = await asker.ask({ id: 'key gpu-1', host: 'gpu-1', kind: 'host-key', text: 'Is SHA256:abc the key of gpu-1?' });
      return answer === 'yes' ? healthy()(command, asker) : failing('host-key-unknown', 'the host key of gpu-1 was not accepted')(command, asker);
    };
    const outer = createStore({ flushMs: 1, settleMs: 0 });
    const desk = createQuestionDesk(outer);
    start(() => asking, [aNode()], { asker: desk });
    await until(() => contact('gpu-1') === 'asking');
    outer.flush();
    expect(host('gpu-1')?.contact).toMatchObject({ question: 'Is SHA256:abc the key of gpu-1?' });
    expect(outer.snapshot().questions.value).toHaveLength(1);
    desk.answer('key gpu-1', 'yes');
    await until(() => contact('gpu-1') === 'connected');
    outer.flush();
    expect(outer.snapshot().questions.value).toEqual([]);
    outer.close();
  });

  it('asks sudo once in ten probes, and never again where it refused', async () => {
    const refusing = healthy({ with: { 'sudo-refused': ['err sudo: a password is required', 'fail 1'] } });
    const roads = start((name) => (name === 'a' ? healthy() : refusing), [aNode({ name: 'a' }), aNode({ name: 'b' })], { everyMs: 5 });
    const sudo = (name: string) => roads.commands.filter((run) => run.name === name).map(({ command }) => command.env?.['GPUK8S_SUDO'] ?? '-');
    await until(() => sudo('a').length >= 21 && sudo('b').length >= 21);
    expect(
      sudo('a')
        .slice(0, 21)
        .flatMap((word, index) => (word === '1' ? [index] : [])),
    ).toEqual([0, 10, 20]);
    expect(sudo('b').filter((word) => word === '1')).toHaveLength(1);
  });

  it('asks root again at once after a reboot, and after an answer that was cut off', async () => {
    let probes = 0;
    const machine: Machine = async (command, asker) => {
      probes += 1;
      const boot = probes < 3 ? bootId : bootId.replace('6a1f', '7b2e');
      const answer = await healthy({ with: { boot: [`${boot}\nbtime 1793541731`] } })(
        { argv: command.argv, ...(command.env === undefined ? {} : { env: command.env }) },
        asker,
      );
      if (probes !== 1) return answer;
      command.onOutput?.((answer.stdout ?? '').slice(0, 400), 'stdout');
      throw new HostError('dropped', 'the connection to a ended');
    };
    const roads = start(() => machine, [aNode({ name: 'a' })], { everyMs: 5 });
    await until(() => roads.commands.length >= 6);
    // The first was cut off, before the third the machine was booted.
    expect(roads.commands.slice(0, 6).map(({ command }) => command.env?.['GPUK8S_SUDO'] ?? '-')).toEqual(['1', '1', '-', '1', '-', '-']);
  });
});

describe('processes on the GPUs', () => {
  it('get their pods as soon as the pods are listed, without another probe', async () => {
    const withPods: typeof plainReader.withPods = (report, cgroupOf, podOf) =>
      report.status === 'ok' ? { ...report, warnings: [`${cgroupOf.get(4242)?.trim()} ${podOf.get('0aa1') ?? 'no pod'}`] } : report;
    const roads = start(() => healthy(), [aNode()], { gpus: { ...plainReader, withPods } });
    await until(() => gpus('gpu-1'));
    expect(gpus('gpu-1')?.report).toMatchObject({ warnings: ['0::/kubepods.slice/kubepods-pod0aa1.slice/crio-1.scope no pod'] });
    setPods([aPod({ uid: '0aa1', namespace: 'ai', name: 'resnet' })]);
    await until(() => JSON.stringify(gpus('gpu-1')).includes('ai/resnet'));
    expect(roads.commands).toHaveLength(1);
  });
});

describe('GPUs of a node without a shell on it', () => {
  const plugin = aPod({
    namespace: 'kube-system',
    name: 'nvidia-device-plugin-daemonset-x1',
    app: 'nvidia-device-plugin-ds',
    containers: [
      {
        ...aPod().containers[0],
        name: 'nvidia-device-plugin-ctr',
        init: false,
        ready: true,
        restarts: 0,
        state: 'running',
        reason: null,
        message: null,
        exitCode: null,
      },
    ],
  });
  const exporter = aPod({ namespace: 'monitoring', name: 'dcgm-exporter-abc', app: 'dcgm-exporter' });

  async function api(mayExec: boolean) {
    const server = await scriptedApi();
    server.on('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', (_, response) =>
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ status: { allowed: mayExec } })),
    );
    server.on('/api/v1/namespaces/monitoring/pods/dcgm-exporter-abc:9400/proxy/metrics', (_, response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end('DCGM_FI_DEV_GPU_TEMP{gpu="0"} 40\n'),
    );
    return server;
  }

  it('come from nvidia-smi in a pod there, where the person may exec', async () => {
    await using server = await api(true);
    using client = clientFor(server.url);
    const inPod: Machine = async () => ({ stdout: '<nvidia_smi_log/>' });
    const roads = start((name) => (name.includes('/') ? inPod : failing('auth', 'no key fits')), [aNode()], { client, everyMs: 50 });
    setPods([exporter, plugin]);
    await until(() => gpus('gpu-1'));
    expect(gpus('gpu-1')).toMatchObject({ source: 'pod-exec', report: { status: 'ok' } });
    expect(host('gpu-1')?.contact).toMatchObject({ status: 'refused', why: 'no key fits' });
    expect(roads.commands.at(-1)).toMatchObject({
      name: 'kube-system/nvidia-device-plugin-daemonset-x1/nvidia-device-plugin-ctr',
      command: { argv: ['nvidia-smi', '-q', '-x'] },
    });
  });

  it('come from the DCGM exporter through the API server last of all', async () => {
    await using server = await api(false);
    using client = clientFor(server.url);
    const roads = start(() => healthy(), [aNode()], { client, everyMs: 50, settings: { enabled: false } });
    setPods([exporter, plugin]);
    await until(() => gpus('gpu-1'));
    expect(gpus('gpu-1')).toMatchObject({ source: 'dcgm', report: { driverVersion: 'dcgm' } });
    expect(host('gpu-1')?.contact).toMatchObject({ status: 'refused', why: 'SSH is switched off in the settings of this context' });
    expect(roads.commands).toEqual([]);
  });

  it('do not hold up the other facts of a machine while nvidia-smi takes its time', async () => {
    const slow: Machine = async ({ env, onOutput, signal }) => {
      const text = ubuntuAnswer({ mark: env?.['GPUK8S_MARK'] ?? '' });
      onOutput?.(text.slice(0, text.indexOf('|<?xml')), 'stdout');
      return hanging({ argv: [], ...(signal === undefined ? {} : { signal }) }, { ask: async () => null });
    };
    start(() => slow, [aNode()]);
    await until(() => contact('gpu-1') === 'connected');
    expect(host('gpu-1')?.facts?.filesystems.known).toBe(true);
    expect(gpus('gpu-1')).toBeUndefined();
  });

  it('say that nvidia-smi hangs where it does', async () => {
    start(() => healthy({ with: { 'nvidia-smi': ['', 'timeout'] } }), [aNode()]);
    await until(() => gpus('gpu-1'));
    expect(gpus('gpu-1')?.report).toEqual({ status: 'hung', why: 'nvidia-smi gave no answer in time' });
  });

  it('are none on a machine without a card, and not installed on one with a card', async () => {
    const none = healthy({ with: { 'nvidia-smi': ['', 'missing nvidia-smi'], pci: [''] } });
    const bare = healthy({ with: { 'nvidia-smi': ['', 'missing nvidia-smi'] } });
    start((name) => (name === 'cp-1' ? none : bare), [aNode({ name: 'cp-1' }), aNode()]);
    await until(() => gpus('gpu-1') && contact('cp-1') === 'connected');
    expect(gpus('gpu-1')?.report.status).toBe('not-installed');
    expect(gpus('cp-1')).toBeUndefined();
  });
});
