import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kubeconfigText } from '../../src/demo/api/kubeconfig.js';
import { createObjectStore } from '../../src/demo/api/memory-store.js';
import type { KubeObject } from '../../src/demo/api/object-store.js';
import { type ApiServer, startApiServer } from '../../src/demo/api/server.js';
import { leaseName } from '../../src/runbooks/step-lease.js';
import { hostSeat, type StepScriptOptions, stepScript } from '../../src/runbooks/step-script.js';
import { hasKubectl } from '../demo/api/test-cluster.js';
import { aStep, prelude } from '../operations/setup/a-step.js';

const leases = 'leases.coordination.k8s.io';

describe.skipIf(!hasKubectl)('the Lease of a cluster that is set up', () => {
  const store = createObjectStore();
  let api: ApiServer;
  let root: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    store.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' }, status: { phase: 'Active' } });
    const users = [
      { name: 'admin', token: 'token-of-admin', role: 'cluster-admin' },
      { name: 'viewer', token: 'token-of-viewer', role: 'view' },
    ] as const;
    api = await startApiServer({ store, version: 'v1.36.2', users, hooks: {}, gates: {} });
  });
  afterAll(() => api.close());
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lease-'));
    for (const laptop of ['laptop', 'desk']) mkdirSync(join(root, laptop));
    for (const user of ['admin', 'viewer'])
      writeFileSync(join(root, user), kubeconfigText({ server: api.url, caPem: api.caPem, user, token: `token-of-${user}` }));
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    store.remove(leases, leaseName, 'kube-system');
    rmSync(root, { recursive: true, force: true });
  });

  it('is taken in the words of who works on it, renewed meanwhile, and given back', async () => {
    const { child, open } = await working({ leaseSeconds: 2 });
    const first = lease();
    expect(first['holderIdentity']).toMatch(/^alice@laptop "at home" since 2026-11-02 12:01, step calico #[0-9a-f]{8}$/);
    expect(first).toMatchObject({ leaseDurationSeconds: 2 });
    await changed(() => lease()['renewTime'] !== first['renewTime']);
    expect(lease()).toEqual({ ...first, renewTime: expect.not.stringMatching(String(first['renewTime'])) });
    open();
    expect(await gone(child)).toBe(0);
    expect(lease()['holderIdentity']).toBeUndefined();
  });

  it('keeps somebody on another computer out, and tells them who is at work', async () => {
    const { child, open } = await working();
    const apply = await run('desk', { phase: 'apply', holder: 'bob@desk since 12:02' });
    expect([apply.status, heldBy(apply.lines)]).toEqual([84, 'alice@laptop "at home" since 2026-11-02 12:01, step calico']);
    expect((await run('desk', { phase: 'check', alone: true })).status).toBe(84);
    // To look at a cluster disturbs nobody.
    expect((await run('desk', { phase: 'check' })).status).toBe(1);
    open();
    expect(await gone(child)).toBe(0);
    expect((await run('desk', { phase: 'apply', holder: 'bob@desk since 12:02' })).status).toBe(0);
  });

  it('is looked at by a check, and not taken', async () => {
    expect((await run('desk', { phase: 'check', alone: true })).status).toBe(1);
    expect(store.get(leases, leaseName, 'kube-system')).toBeNull();
  });

  it('is taken over when nobody renews it, whatever the clock says of who had it', async () => {
    const spec = { holderIdentity: 'bob@desk since 09:00, step flannel #00000000', leaseDurationSeconds: 2, renewTime: '2099-01-01T00:00:00.000000Z' };
    store.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: leaseName, namespace: 'kube-system' }, spec });
    const began = Date.now();
    let end = await run('laptop', { phase: 'apply' });
    expect(heldBy(end.lines)).toBe('bob@desk since 09:00, step flannel');
    while (end.status === 84) end = await run('laptop', { phase: 'apply' });
    expect(end.status).toBe(0);
    expect(Date.now() - began).toBeGreaterThan(1_000);
  });

  it('is left alone by who had it, when somebody else has taken it over', async () => {
    const { child, open } = await working();
    const own = store.get(leases, leaseName, 'kube-system');
    store.update(leases, { ...here(own), spec: { ...lease(), holderIdentity: 'bob@desk since 13:00, step flannel #00000000' } });
    open();
    expect(await gone(child)).toBe(0);
    expect(lease()['holderIdentity']).toContain('bob@desk');
  });

  it('is told to be missing where it may not be written: the lock of this computer is all there is', async () => {
    const { status, lines } = await run('desk', { phase: 'apply' }, 'viewer');
    expect(status).toBe(0);
    expect(toldOf('unleased', lines)).toMatch(/\(Forbidden\).*leases/);
  });

  it('is told to be missing where the cluster does not answer', async () => {
    writeFileSync(join(root, 'viewer'), kubeconfigText({ server: 'https://127.0.0.1:1', caPem: api.caPem, user: 'viewer', token: 'none' }));
    const { status, lines } = await run('desk', { phase: 'apply' }, 'viewer');
    expect(status).toBe(0);
    expect(toldOf('unleased', lines)).toContain('127.0.0.1:1');
  });

  it('is not asked for on machines', () => {
    expect(script('desk', { phase: 'apply', seat: hostSeat })).toContain("FRAME_LEASE=''");
  });

  /** A step that waits at a gate, on the laptop. */
  async function working({ leaseSeconds = 60 } = {}) {
    const gate = join(root, 'gate');
    spawnSync('mkfifo', [gate]);
    const step = aStep('calico', { check: 'false', apply: `echo inside; cat ${gate} >/dev/null` });
    const child = spawn('bash', ['-s'], { env: env('laptop', 'admin') });
    started.push(child);
    child.stdin.end(script('laptop', { phase: 'apply', step }, leaseSeconds));
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => chunk.includes('inside') && resolve());
    });
    return { child, open: () => writeFileSync(gate, '') };
  }

  async function run(laptop: string, options: Partial<StepScriptOptions> & Pick<StepScriptOptions, 'phase'>, user = 'admin') {
    const child = spawn('bash', ['-s'], { env: env(laptop, user) });
    started.push(child);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = gone(child);
    child.stdin.end(script(laptop, options));
    return { status: await ended, lines: said.split('\n') };
  }

  function script(laptop: string, options: Partial<StepScriptOptions> & Pick<StepScriptOptions, 'phase'>, leaseSeconds = 60): string {
    const place = join(root, laptop);
    return stepScript({
      step: aStep('calico'),
      values: {},
      files: [],
      prelude,
      overwrite: false,
      holder: 'alice@laptop "at home" since 2026-11-02 12:01',
      seat: { ...hostSeat, marks: 'cluster', state: place, backups: place, logs: join(place, 'logs'), lock: join(place, 'lock'), leaseSeconds },
      ...options,
    });
  }

  function env(laptop: string, user: string): NodeJS.ProcessEnv {
    return { ...process.env, HOME: join(root, laptop), KUBECONFIG: join(root, user) };
  }

  function lease(): Readonly<Record<string, unknown>> {
    const spec: unknown = store.get(leases, leaseName, 'kube-system')?.['spec'];
    return typeof spec === 'object' && spec !== null ? { ...spec } : {};
  }

  function changed(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = store.subscribe(leases, () => {
        if (!condition()) return;
        stop();
        resolve();
      });
    });
  }
});

function here(object: KubeObject | null): KubeObject {
  if (object === null) throw new Error('there is no Lease');
  return object;
}

function gone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('close', resolve));
}

function heldBy(lines: readonly string[]): string {
  return toldOf('held', lines);
}

function toldOf(word: string, lines: readonly string[]): string {
  const line = lines.find((one) => one.startsWith(`##gpuk8s ${word} `)) ?? '';
  return Buffer.from(line.split(' ').at(-1) ?? '', 'base64')
    .toString('utf8')
    .trim();
}
