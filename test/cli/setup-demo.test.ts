import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../src/cli/settle.js';
import { placeOf } from '../../src/cli/setup-place.js';
import { runSetupStatus } from '../../src/cli/setup-status.js';
import { resolveConfig } from '../../src/config/config.js';
import { memoryFrom } from '../../src/config/memory-file.js';
import { openSettings } from '../../src/config/settings-file.js';
import { openSession, type Session } from '../../src/session.js';
import type { Cell } from '../../src/state/setup.js';
import { written } from './written.js';

// All that is looked at of three machines and a cluster takes a while on a small computer.
vi.setConfig({ testTimeout: 240_000 });

const hasPrograms = ['kubectl', 'jq'].every((program) => spawnSync('bash', ['-c', 'type -P "$1"', 'bash', program]).status === 0);
const wish = { target: null, hosts: [], inventory: null, set: {}, seat: null };

describe('guided setup of a demo cluster that was just started', () => {
  let folder: string;
  let session: Session | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'setup-demo-'));
  });
  afterEach(async () => {
    await session?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['healthy', 'containerd', { controlplane: ['control-plane', 'gpu'], 'gpu-1': ['gpu'], 'gpu-2': ['gpu'] }, {}],
    ['single-a16', 'cri-o', { a16: ['control-plane', 'gpu'] }, { RUNTIME: 'crio' }],
    ['time-sliced', 'containerd', { controlplane: ['control-plane', 'gpu'], 'gpu-1': ['gpu'], 'gpu-2': ['gpu'] }, { SLICES: '4' }],
  ])('knows what %s was made with', async (scenario, runtime, hosts, values) => {
    const { setup } = await started(scenario);
    const choice = await setup.lastChoice();
    if (choice === null) throw new Error('nothing is kept');
    expect(Object.fromEntries(choice.hosts.map(({ name, roles }) => [name, roles]))).toEqual(hosts);
    expect(choice.playbooks.filter((id) => ['containerd', 'cri-o', 'calico', 'flannel', 'gpu-operator'].includes(id))).toEqual([runtime, 'calico']);
    expect(choice.values).toMatchObject({ DEVICE_PLUGIN_SOURCE: 'manifest', ...values });
    expect((await setup.outline(choice)).problems).toEqual([]);
  });

  it.skipIf(!hasPrograms)('is mostly done, with a little missing, one file edited by hand, and nothing that could not be looked at', async () => {
    const { cells, text } = await looked(await started('healthy'));
    const of = (state: string) => cells.filter((cell) => cell.state.state === state);
    expect(of('unknown').map(({ step, column }) => `${step} ${column}`)).toEqual([]);
    expect(of('drifted').map(({ step, column }) => `${step} ${column}`)).toEqual(['sysctl-k8s gpu-1']);
    expect(text).toContain('    -net.core.rmem_max = 268435456\n');
    expect(of('done').length).toBeGreaterThan(cells.length * 0.75);
    expect(of('missing').length).toBeGreaterThan(3);
    expect(of('missing').length).toBeLessThan(cells.length * 0.15);
  });

  it('says where there is no kubectl that this is why the cluster could not be looked at', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const program of ['bash', 'base64', 'mktemp', 'cat', 'timeout', 'mv', 'rm', 'mkdir', 'awk', 'tail', 'cut', 'sed', 'grep', 'dirname'])
      symlinkSync(spawnSync('bash', ['-c', 'type -P "$1"', 'bash', program], { encoding: 'utf8' }).stdout.trim(), join(bin, program));
    const { cells, text } = await looked(await started('single-a16', { PATH: bin }));
    const inCluster = cells.filter(({ column, state }) => column === 'cluster' && state.state !== 'not-applicable');
    expect(inCluster.length).toBeGreaterThan(20);
    for (const { state } of inCluster)
      expect(state).toEqual({ state: 'unknown', why: 'kubectl is not installed here, and without it the cluster cannot be asked' });
    expect(cells.filter(({ column, state }) => column === 'a16' && state.state === 'unknown')).toEqual([]);
    // It is told once, not for each of the steps.
    expect(text.match(/kubectl is not installed here/g)).toHaveLength(1);
  });

  async function started(scenario: string, env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] ?? '' }): Promise<Session> {
    session = openSession({
      config: resolveConfig({ demo: scenario }, {}, { readOnly: false, refreshSeconds: 15, contexts: new Map(), setups: new Map() }),
      settings: openSettings({ XDG_CONFIG_HOME: folder }),
      machines: 'ask-on-screen',
      memory: memoryFrom({}),
      env: { ...env, HOME: folder, XDG_STATE_HOME: folder },
      homeDir: folder,
    });
    await settle(session, ['nodes'], 60_000);
    return session;
  }

  async function looked(open: Session): Promise<{ readonly cells: readonly Cell[]; readonly text: string }> {
    const out = written();
    expect(await runSetupStatus(placeOf(open), wish, 'text', out)).not.toBe(0);
    return { cells: [...(open.snapshot().setup.value?.cells.values() ?? [])], text: out.text() };
  }
});
