import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SetupHost } from '../../../src/state/setup.js';
import { builtProgram } from '../../e2e/program.js';
import { until } from '../../kube/until.js';
import { useMachinesOf } from './machines.js';
import { ownFolder, type SettingUp, type SettingUpOptions, setUpMachines } from './setting-up.js';
import { setupTree } from './setup-tree.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 120_000 });

/** Steps that say in /srv/did what they do, and stop in the middle as long as /srv/gate is there. */
const slow = `
id: slow
title: Steps that take their time
about: Steps for tests.
steps:
  - id: slow-step
    title: Do it slowly
    why: So that something can happen meanwhile.
    on: [all]
    risk: safe
    timeout: 2m
    check: |
      [ "$(cat /srv/state/one /srv/state/two 2>/dev/null)" = "$(printf 'first\\nsecond')" ] || missing 'it is not done'
    apply: |
      echo "begun" >>/srv/did
      mkdir -p /srv/state
      say 'the first half'
      echo first >/srv/state/one
      while [ -e /srv/gate ]; do sleep 0.1; done
      say 'the second half'
      echo second >/srv/state/two
      echo "ended" >>/srv/did
    undo: |
      rm -r /srv/state
  - id: next-step
    title: Do what comes after it
    why: It needs the slow one.
    on: [all]
    needs: [slow-step]
    risk: safe
    check: |
      [ -e /srv/next ] || missing 'it is not done'
    apply: |
      echo "next" >>/srv/did
      touch /srv/next
    undo: |
      rm /srv/next
`;

describe('a setup that is cut off in the middle of a step', () => {
  const room = useMachinesOf(setupTree, 'node-1');
  const machine = () => room.machines.of('node-1');
  const inside = (path: string) => join(machine().root, path);
  const did = () => (existsSync(inside('srv/did')) ? readFileSync(inside('srv/did'), 'utf8').trim().split('\n') : []);
  const hosts = (): readonly SetupHost[] => [{ name: 'node-1', address: machine().address, roles: ['gpu'] }];
  const opened: SettingUp[] = [];
  const children: ChildProcess[] = [];
  const setUp = async (options: Partial<SettingUpOptions> = {}) => {
    const setup = await setUpMachines(room.machines, { hosts: hosts(), steps: ['slow-step', 'next-step'], playbooks: [slow], ...options });
    opened.push(setup);
    return setup;
  };
  const openGate = () => rmSync(inside('srv/gate'), { force: true });

  const prepare = () => {
    for (const path of ['srv/did', 'srv/next', 'srv/state']) rmSync(inside(path), { recursive: true, force: true });
    writeFileSync(inside('srv/gate'), '');
  };
  afterEach(async () => {
    openGate();
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const setup of opened.splice(0)) await setup.close();
  });

  it('kill -9 of the program: what it began goes on there, and is not done twice', async () => {
    prepare();
    const program = runProgram();
    await until(() => did().includes('begun'), 60_000);
    program.kill('SIGKILL');
    const resumed = await setUp();
    await resumed.desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    expect(await resumed.when('slow-step', 'node-1', ({ state }) => state === 'held')).toMatchObject({
      by: expect.stringMatching(/since [-0-9]+ \d\d:\d\d, step slow-step$/),
    });
    openGate();
    await resumed.desk.settled();
    expect(await resumed.when('next-step', 'node-1', ({ state }) => state === 'done')).toBeDefined();
    expect(resumed.states()).toEqual({ 'slow-step node-1': 'done', 'next-step node-1': 'done' });
    expect(did()).toEqual(['begun', 'ended', 'next']);
  });

  it('kill -9 of the program and power failure of the host: it is done anew from where it stands', async () => {
    prepare();
    const program = runProgram();
    await until(() => did().includes('begun'), 60_000);
    program.kill('SIGKILL');
    machine().run('systemctl', 'reboot', '--force', '--force', '--no-block');
    await until(() => machine().boots() === 2, 30_000);
    await machine().up();
    openGate();
    const resumed = await setUp();
    expect(await resumed.look()).toMatchObject({ 'slow-step node-1': 'missing: it is not done' });
    expect(await resumed.run()).toEqual({ 'slow-step node-1': 'done', 'next-step node-1': 'done' });
    expect(did()).toEqual(['begun', 'begun', 'ended', 'next']);
  });

  it('the connection is lost: it is made anew, the step is heard of again, and the rest follows by itself', async () => {
    prepare();
    const setup = await setUp();
    await setup.desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    await until(() => did().includes('begun'), 30_000);
    machine().run('sh', '-c', 'kill -KILL $(pgrep -u ops -x sshd)');
    await setup.when('slow-step', 'node-1', (state) => state.state === 'running' && state.said?.includes('connection') === true);
    openGate();
    await setup.desk.settled();
    await setup.when('next-step', 'node-1', ({ state }) => state === 'done');
    expect(setup.states()).toEqual({ 'slow-step node-1': 'done', 'next-step node-1': 'done' });
    expect(did()).toEqual(['begun', 'ended', 'next']);
    expect(await setup.done()).toEqual(['apply slow-step node-1 done', 'apply next-step node-1 done']);
  });

  it('the network drops out for a while: what happened there meanwhile is heard when it is back', async () => {
    prepare();
    const setup = await setUp();
    await setup.desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    await until(() => did().includes('begun'), 30_000);
    machine().run('ip', 'link', 'set', 'host0', 'down');
    openGate();
    await until(() => did().includes('ended'), 20_000);
    machine().run('ip', 'link', 'set', 'host0', 'up');
    await setup.desk.settled();
    await setup.when('next-step', 'node-1', ({ state }) => state === 'done');
    expect(did()).toEqual(['begun', 'ended', 'next']);
    expect((await setup.desk.page('slow-step', 'node-1')).output).toEqual(['the first half', 'the second half']);
  });

  it('two engineers at once: the second is told who holds the host, and finds it done', async () => {
    prepare();
    const [ann, bob] = [await setUp({ who: 'ann@desk' }), await setUp({ who: 'bob@bench' })];
    await ann.desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    await until(() => did().includes('begun'), 30_000);
    await bob.desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    expect(await bob.when('slow-step', 'node-1', ({ state }) => state === 'held')).toMatchObject({
      by: expect.stringMatching(/^ann@desk since [-0-9]+ \d\d:\d\d, step slow-step$/),
    });
    openGate();
    await Promise.all([ann.desk.settled(), bob.desk.settled()]);
    for (const each of [ann, bob]) await each.when('next-step', 'node-1', ({ state }) => state === 'done');
    expect(did()).toEqual(['begun', 'ended', 'next']);
    expect([(await ann.done()).length + (await bob.done()).length]).toEqual([2]);
  });

  /** The built program, as somebody types it. */
  function runProgram(): ChildProcess {
    const home = room.machines.home;
    const config = join(home, '.config', 'gpuk8s-tui');
    mkdirSync(config, { recursive: true });
    rmSync(join(config, 'runbooks'), { recursive: true, force: true });
    const own = ownFolder(home, ['slow-step', 'next-step'], [slow]);
    writeFileSync(join(home, '.ssh', 'config'), `User ops\nIdentityFile ${room.machines.key}\n`);
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_STATE_HOME: join(home, '.state') };
    const words = ['setup', 'run', 'of-the-test', '--cluster', 'lab', '--host', `node-1=${machine().address}:gpu`, '--yes'];
    renameSync(own, join(config, 'runbooks'));
    const child = spawn(process.execPath, [builtProgram, ...words], { env, cwd: home, stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    return child;
  }
});
