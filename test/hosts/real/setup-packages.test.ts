import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SetupHost } from '../../../src/state/setup.js';
import { until } from '../../kube/until.js';
import { useMachinesOf } from './machines.js';
import { type SettingUp, setUpMachines } from './setting-up.js';
import { setupTree } from './setup-tree.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 120_000 });

describe('packages on a machine that is not as it should be', () => {
  const room = useMachinesOf(setupTree, 'node-1');
  const machine = () => room.machines.of('node-1');
  const hosts = (): readonly SetupHost[] => [{ name: 'node-1', address: machine().address, roles: ['gpu'] }];
  const opened: SettingUp[] = [];
  const setUp = async (steps: readonly string[], values: Readonly<Record<string, string>> = {}) => {
    const setup = await setUpMachines(room.machines, { hosts: hosts(), steps, values: { RUNTIME: 'containerd', ...values } });
    opened.push(setup);
    return setup;
  };
  const output = async (setup: SettingUp, step: string) => (await setup.desk.page(step, 'node-1')).output;
  afterEach(async () => {
    for (const setup of opened.splice(0)) await setup.close();
  });

  it('another program holds the lock of apt: it says which, waits, and goes on', async () => {
    const flag = join(machine().root, 'srv/hold');
    writeFileSync(flag, '');
    // As unattended-upgrades does it, in the middle of its work.
    const unit = ['systemd-run', '--unit=other-apt', '--setenv=DEBIAN_FRONTEND=noninteractive'];
    machine().run(...unit, 'apt-get', 'install', '-y', '-o', 'DPkg::Pre-Invoke::=while [ -e /srv/hold ]; do sleep 0.1; done', 'ethtool');
    const locked = () => machine().run('sh', '-c', 'cat /proc/locks').includes('POSIX');
    await until(locked, 20_000);
    const setup = await setUp(['apt-base']);
    await setup.desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    const waits = await setup.when('apt-base', 'node-1', (state) => state.state === 'running' && state.said?.startsWith('waiting for') === true);
    expect(waits).toMatchObject({ said: expect.stringMatching(/^waiting for apt-get \(process \d+\), which holds the lock of apt$/) });
    rmSync(flag);
    await setup.desk.settled();
    await setup.when('apt-base', 'node-1', ({ state }) => state === 'done');
    expect(machine().run('dpkg', '--audit')).toBe('');
  });

  it('dpkg was cut off half-way: that is completed first', async () => {
    machine().run('sh', '-c', 'dpkg --unpack /srv/packages/haproxy_*.deb /srv/packages/liblua5.3-0_*.deb /srv/packages/libopentracing*.deb');
    expect(machine().run('dpkg', '--audit')).toContain('haproxy');
    const setup = await setUp(['containerd-install'], { CONTAINERD_SOURCE: 'distribution' });
    expect(await setup.run()).toEqual({ 'containerd-install node-1': 'done' });
    expect(await output(setup, 'containerd-install')).toContain('completing what dpkg left half-configured');
    expect(machine().run('dpkg', '--audit')).toBe('');
  });

  it('the machine reaches nothing outside: it says which address it could not have', async () => {
    const setup = await setUp(['docker-repo'], { CONTAINERD_SOURCE: 'docker' });
    expect((await setup.run())['docker-repo node-1']).toMatch(/^failed: cannot fetch https:\/\/download\.docker\.com\/linux\/debian\/gpg: curl: \(\d+\) /);
  });
});
