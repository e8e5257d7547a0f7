import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../src/demo/cluster.js';
import { type Phase, type ScriptSeat, stepScript } from '../../src/runbooks/step-script.js';
import { everyStep, filesOf, prelude, valuesOf } from './every-step.js';

const folder = mkdtempSync(join(tmpdir(), 'demo-cluster-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seat: ScriptSeat = {
  kubeContext: 'demo',
  kubeconfig: join(folder, 'kubeconfig'),
  marks: 'cluster',
  backups: join(folder, 'backups'),
  state: join(folder, 'state'),
  logs: join(folder, 'logs'),
  lock: join(folder, 'lock'),
  bootId: '/proc/sys/kernel/random/boot_id',
  leaseSeconds: 60,
};

const needed = ['kubectl', 'jq', 'flock'].every((program) => spawnSync('bash', ['-c', 'type -P "$1"', 'bash', program]).status === 0);

/** In the order of their needs. */
const steps = 'ai-namespace ai-quota priority-class netpol-ai rbac-researcher inference-workload pod-resources load-experiment'.split(' ');

const values = { AI_NAMESPACE: 'lab-ai', AI_QUOTA_GPUS: '5', MODELS: 'resnet50 distilbert', LOAD_REPLICAS: '1 3', LOAD_MINUTES: '0' };

describe.skipIf(!needed)('steps in a cluster, with the stock kubectl', () => {
  let demo: DemoCluster | null = null;
  beforeAll(async () => {
    demo = await startDemoCluster({ scenario: 'healthy', speed: 20 });
    writeFileSync(join(folder, 'kubeconfig'), demo.kubeconfig);
  });
  afterAll(() => demo?.close());

  it('go from nothing to done, change nothing when looked at again, and leave nothing behind', async () => {
    for (const id of steps) {
      const before = await run(id, 'check');
      // All the pods that the workloads are made with have what this one gives to others.
      if (id !== 'pod-resources') expect(before, `${id} before`).toMatchObject({ state: 'missing' });
      expect(await run(id, 'apply'), `${id} done`).toMatchObject({ code: 0 });
      expect(await run(id, 'verify'), `${id} verified`).toMatchObject({ code: 0 });
    }
    const objects = await kubectl('get', 'quota,limits,networkpolicies,roles,rolebindings,deployments,services', '-n', 'lab-ai', '-o', 'yaml');
    for (const id of steps) expect(await run(id, 'check'), `${id} again`).toMatchObject({ code: 0 });
    expect(await kubectl('get', 'quota,limits,networkpolicies,roles,rolebindings,deployments,services', '-n', 'lab-ai', '-o', 'yaml')).toBe(objects);
    expect(
      await kubectl('get', 'deployments', '-n', 'lab-ai', '-o', 'custom-columns=:.metadata.name,:.spec.replicas,:.status.readyReplicas', '--no-headers'),
    ).toMatch(/^distilbert +1 +1\nresnet50 +1 +1$/);
    for (const id of [...steps].reverse()) expect(await run(id, 'undo'), `${id} undone`).toMatchObject({ code: 0 });
    for (const id of steps.filter((each) => each !== 'pod-resources' && each !== 'load-experiment'))
      expect(await run(id, 'check'), `${id} undone`).toMatchObject({ state: 'missing' });
    expect(await kubectl('get', 'namespace', 'lab-ai', '--ignore-not-found')).toBe('');
  }, 240_000);

  it('notice what somebody changed by hand, and put it right', async () => {
    await run('ai-namespace', 'apply');
    await run('rbac-researcher', 'apply');
    await kubectl('patch', 'role', 'ai-researcher', '-n', 'lab-ai', '--type', 'json', '-p', '[{"op":"add","path":"/rules/0/resources/-","value":"secrets"}]');
    const drifted = await run('rbac-researcher', 'check');
    expect(drifted).toMatchObject({ state: 'drifted' });
    expect(drifted.said).toContain('-  - secrets');
    await run('rbac-researcher', 'apply');
    expect(await run('rbac-researcher', 'check')).toMatchObject({ code: 0 });
  }, 60_000);

  it('do not begin what there are no GPUs for', async () => {
    const many = await run('load-experiment', 'apply', { ...values, AI_NAMESPACE: 'ai', LOAD_WORKLOAD: 'whisper-inference', LOAD_REPLICAS: '1 90' });
    expect(many.said).toMatch(/90 replicas want 360 GPUs and \d+ can be had/);
    expect(await kubectl('get', 'deployment', 'whisper-inference', '-n', 'ai', '-o', 'jsonpath={.spec.replicas}')).toBe('1');
  }, 60_000);

  it('flag a policy that cuts kube-system off, and leave it to a person', async () => {
    expect(await run('netpol-kube-system', 'check')).toMatchObject({ code: 0 });
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny-others', namespace: 'kube-system' } };
    await kubectlWith(
      JSON.stringify({ ...policy, spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] } }),
      'create',
      '-f',
      '-',
    );
    const seen = await run('netpol-kube-system', 'check');
    expect(seen).toMatchObject({ state: 'missing' });
    expect(seen.said).toContain('in kube-system deny-others cuts kube-dns off from other namespaces');
    await kubectl('delete', 'networkpolicy', 'deny-others', '-n', 'kube-system');
  }, 60_000);

  it('delete no released volume but those that are named', async () => {
    for (const name of ['pv-old', 'pv-dear']) {
      const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name } };
      const spec = {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'fast-local',
        hostPath: { path: '/mnt/x' },
      };
      await kubectlWith(JSON.stringify({ ...volume, spec: { ...spec, claimRef: { namespace: 'ai', name: 'gone', uid: name } } }), 'create', '-f', '-');
      await kubectl('patch', 'pv', name, '--subresource=status', '--type', 'merge', '-p', '{"status":{"phase":"Released"}}');
    }
    expect(await run('pv-released', 'check')).toMatchObject({ state: 'not applicable' });
    expect(await run('pv-released', 'apply', { PV_DELETE: 'pv-old' })).toMatchObject({ code: 0 });
    expect(await kubectl('get', 'pv', 'pv-old', 'pv-dear', '--ignore-not-found', '-o', 'name')).toBe('persistentvolume/pv-dear');
  }, 60_000);

  async function run(id: string, phase: Phase, others: Readonly<Record<string, string>> = values): Promise<Ran> {
    const step = everyStep.find((each) => each.id === id);
    if (step === undefined) throw new Error(`there is no step ${id}`);
    const seen = valuesOf(step, others);
    const script = stepScript({ phase, step, values: seen, files: filesOf(step, seen), prelude, overwrite: false, holder: 'ops@laptop', seat });
    // As the engine has it: what was done is asked for again until it is seen.
    for (let tries = 0; ; tries += 1) {
      const ran = await bash(script);
      if (phase !== 'verify' || ran.code === 0 || tries === 20) return ran;
    }
  }

  function kubectl(...args: readonly string[]): Promise<string> {
    return kubectlWith('', ...args);
  }

  async function kubectlWith(input: string, ...args: readonly string[]): Promise<string> {
    const { said } = await piped('kubectl', ['--kubeconfig', join(folder, 'kubeconfig'), '--context', 'demo', ...args], input);
    return said.trim();
  }
});

interface Ran {
  readonly code: number | null;
  readonly state: string | undefined;
  readonly said: string;
}

const states: Readonly<Record<number, string>> = { 0: 'done', 1: 'missing', 80: 'drifted', 81: 'not applicable', 82: 'unknown' };

function bash(script: string): Promise<Ran> {
  return piped('bash', ['-s'], script);
}

/** The cluster answers in this process, so nothing here may wait for a program. */
function piped(program: string, args: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, state: states[code ?? -1], said }));
    child.stdin.end(input);
  });
}
