import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Asker, silentAsker } from '../../../src/hosts/asker.js';
import type { Host } from '../../../src/hosts/host.js';
import type { HostSettings } from '../../../src/hosts/host-settings.js';
import { loadSshConfig } from '../../../src/hosts/ssh-config.js';
import { connectSsh } from '../../../src/hosts/ssh-host.js';
import { createSshMemory } from '../../../src/hosts/ssh-memory.js';
import { sshTarget } from '../../../src/hosts/ssh-target.js';
import { scriptedAsker } from '../asking.js';
import { watchMachines } from './feed.js';
import type { Machine } from './machine.js';
import { useMachines } from './machines.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 180_000 });

describe('logging in to machines', () => {
  const room = useMachines('bastion', 'gpu-1');
  const hosts: Host[] = [];
  afterEach(() => {
    for (const host of hosts.splice(0)) host.close();
    try {
      room.machines.trust('bastion', 'gpu-1');
    } catch {
      // Skipped: there are no machines.
    }
  });
  const machine = (name: string) => room.machines.of(name);
  const login = (
    name: string,
    { address = machine(name).address, asker = silentAsker(false), settings = {} }: { address?: string; asker?: Asker; settings?: HostSettings } = {},
  ): Host => {
    const { home, key } = room.machines;
    const target = sshTarget(name, address, { user: 'ops', key, ...settings }, loadSshConfig(home, 'none'));
    const host = connectSsh(target, { asker, env: {}, memory: createSshMemory() });
    hosts.push(host);
    return host;
  };

  describe('as root by sudo', () => {
    it('needs no password where sudo wants none', async () => {
      expect(await login('gpu-1').run({ argv: ['id', '-un'], sudo: true })).toMatchObject({ exitCode: 0, stdout: 'root\n' });
    });
    it('asks for the password once, and hands the command its own input', async () => {
      const asker = scriptedAsker({ 'sudo-password': ['secret'] });
      const gpu = login('gpu-1', { asker, settings: { user: 'pat' } });
      expect(await gpu.run({ argv: ['sh', '-c', 'id -un; cat'], stdin: 'mine\n', sudo: true })).toMatchObject({ exitCode: 0, stdout: 'root\nmine\n' });
      expect(await gpu.run({ argv: ['cat', '/etc/shadow'], sudo: true })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('pat:') });
      expect(asker.asked.map(({ kind, text }) => ({ kind, text }))).toEqual([{ kind: 'sudo-password', text: 'Password of pat for sudo on gpu-1' }]);
    });
    it('asks for it where sudo speaks German and a .bashrc prints', async () => {
      const { root } = machine('bastion');
      writeFileSync(join(root, 'etc/default/locale'), 'LANG=de_DE.UTF-8\nLC_ALL=de_DE.UTF-8\nLANGUAGE=de\n');
      writeFileSync(join(root, 'home/pat/.bashrc'), 'echo Guten Tag; echo Achtung >&2\n');
      const asker = scriptedAsker({ 'sudo-password': ['falsch', 'secret'] });
      const bastion = login('bastion', { asker, settings: { user: 'pat' } });
      expect((await bastion.run({ argv: ['sh', '-c', 'echo $LANG; ls /nicht-da'] })).stderr).toContain('Datei oder Verzeichnis nicht gefunden');
      expect(await bastion.run({ argv: ['id', '-un'], sudo: true })).toMatchObject({ exitCode: 0, stdout: 'Guten Tag\nroot\n' });
      expect(asker.asked.map(({ text }) => text)).toEqual([
        'Password of pat for sudo on bastion',
        'That was not the password. Password of pat for sudo on bastion',
      ]);
    });
    it('says so when the password is wrong, and leaves no trace of it', async () => {
      const asker = scriptedAsker({ 'sudo-password': ['guess-1', 'guess-2', 'guess-3', 'guess-4'] });
      const error = await failure(login('gpu-1', { asker, settings: { user: 'pat' } }).run({ argv: ['id'], sudo: true }));
      expect(error).toMatchObject({ kind: 'sudo', message: 'the password of pat for sudo on gpu-1 is wrong' });
      expect(String(error)).not.toContain('guess');
    });
    it('says so when nobody gives a password, and when the user may not at all', async () => {
      expect(await failure(login('gpu-1', { settings: { user: 'pat' } }).run({ argv: ['id'], sudo: true }))).toMatchObject({
        kind: 'sudo',
        message: expect.stringContaining('wants the password of pat'),
      });
      const asker = scriptedAsker({ 'sudo-password': ['x'] });
      machine('gpu-1').run('sh', '-c', 'echo guest:x | chpasswd');
      expect(await failure(login('gpu-1', { asker, settings: { user: 'guest' } }).run({ argv: ['id'], sudo: true }))).toMatchObject({
        kind: 'sudo',
        message: expect.stringMatching(/guest.*sudo/),
      });
    });
  });

  it('asks for the password where there is no key, and once more after a wrong one', async () => {
    const asker = scriptedAsker({ password: ['guess', 'secret'] });
    const { home } = room.machines;
    const target = sshTarget('gpu-1', machine('gpu-1').address, { user: 'pat' }, loadSshConfig(home, 'none'));
    const host = connectSsh(target, { asker, env: {}, memory: createSshMemory() });
    hosts.push(host);
    expect(await host.run({ argv: ['id', '-un'] })).toMatchObject({ stdout: 'pat\n' });
    expect(asker.asked.map(({ kind }) => kind)).toEqual(['password', 'password']);
  });

  describe('by host key', () => {
    it('goes through without a question where the key is known', async () => {
      const asker = scriptedAsker({});
      expect(await login('gpu-1', { asker }).run({ argv: ['hostname'] })).toMatchObject({ stdout: 'gpu-1\n' });
      expect(asker.asked).toEqual([]);
    });
    it('asks with the fingerprint where it is not, and keeps a yes', async () => {
      room.machines.trust();
      const asker = scriptedAsker({ 'host-key': ['yes'] });
      expect(await login('gpu-1', { asker }).run({ argv: ['hostname'] })).toMatchObject({ stdout: 'gpu-1\n' });
      expect(asker.asked.map(({ text }) => text)).toEqual([expect.stringContaining(fingerprint(machine('gpu-1')))]);
      expect(readFileSync(join(room.machines.home, '.ssh/known_hosts'), 'utf8').trim()).toBe(`${machine('gpu-1').address} ${machine('gpu-1').hostKey()}`);
      expect(await login('gpu-1').run({ argv: ['hostname'] })).toMatchObject({ stdout: 'gpu-1\n' });
    });
    it('refuses where a person says no or nobody can be asked', async () => {
      room.machines.trust();
      const unknown = { kind: 'host-key-unknown', message: expect.stringContaining(fingerprint(machine('gpu-1'))) };
      expect(await failure(login('gpu-1', { asker: scriptedAsker({ 'host-key': ['no'] }) }).run({ argv: ['true'] }))).toMatchObject(unknown);
      expect(await failure(login('gpu-1').run({ argv: ['true'] }))).toMatchObject(unknown);
      expect(await login('gpu-1', { asker: silentAsker(true) }).run({ argv: ['hostname'] })).toMatchObject({ stdout: 'gpu-1\n' });
    });
    it('refuses a changed key with both fingerprints, and never asks', async () => {
      const before = fingerprint(machine('gpu-1'));
      room.machines.trust('gpu-1');
      for (const file of ['ssh_host_ed25519_key', 'ssh_host_ed25519_key.pub']) rmSync(join(machine('gpu-1').root, 'etc/ssh', file));
      machine('gpu-1').run('ssh-keygen', '-A');
      machine('gpu-1').run('systemctl', 'restart', 'ssh');
      const after = fingerprint(machine('gpu-1'));
      expect(after).not.toBe(before);
      const asker = scriptedAsker({ 'host-key': ['yes'] });
      const error = await failure(login('gpu-1', { asker }).run({ argv: ['true'] }));
      expect(error).toMatchObject({ kind: 'host-key-changed', message: expect.stringContaining(before) });
      expect(error).toMatchObject({ message: expect.stringContaining(after), fix: expect.stringContaining('ssh-keygen') });
      expect(asker.asked).toEqual([]);
      const watched = watchMachines(room.machines, ['gpu-1', 'bastion'], { asker });
      try {
        const { contact } = await watched.when('gpu-1', (state) => state.contact.status === 'refused');
        expect(contact).toMatchObject({ why: expect.stringContaining(after) });
      } finally {
        watched.close();
      }
    });
  });

  describe('through another machine', () => {
    // The settings' key is for the machine itself; the one on the way is known to ssh_config.
    const settings = { jump: 'bastion' };
    const describeBastion = () =>
      writeFileSync(
        join(room.machines.home, '.ssh/config'),
        `Host bastion\n  HostName ${machine('bastion').address}\n  User ops\n  IdentityFile ${room.machines.key}\n`,
      );

    it('reaches what only that one reaches', async () => {
      const { innerAddress } = machine('gpu-1');
      expect(await failure(login('gpu-1', { address: innerAddress }).run({ argv: ['true'] }))).toMatchObject({ kind: 'unreachable' });
      describeBastion();
      const through = login('gpu-1', { address: innerAddress, settings });
      const { stdout } = await through.run({ argv: ['sh', '-c', 'hostname; echo "$SSH_CONNECTION"'] });
      expect(stdout).toBe(`gpu-1\n${machine('bastion').innerAddress} ${/ (\d+) /.exec(stdout)?.[1]} ${innerAddress} 22\n`);
      expect(through.road).toBe(`ssh ops@${innerAddress}:22 via bastion`);
    });
    it('checks the keys of both on the way', async () => {
      room.machines.trust('gpu-1');
      describeBastion();
      const asker = scriptedAsker({});
      const { innerAddress } = machine('gpu-1');
      expect(await failure(login('gpu-1', { address: innerAddress, asker, settings }).run({ argv: ['true'] }))).toMatchObject({
        kind: 'host-key-unknown',
        message: expect.stringContaining(fingerprint(machine('bastion'))),
      });
      room.machines.trust('bastion');
      expect(await failure(login('gpu-1', { address: innerAddress, asker, settings }).run({ argv: ['true'] }))).toMatchObject({
        kind: 'host-key-unknown',
        message: expect.stringContaining(fingerprint(machine('gpu-1'))),
      });
    });
  });

  it('says that there is no nvidia-smi, with and without sudo', async () => {
    for (const sudo of [false, true]) {
      expect(await failure(login('gpu-1').run({ argv: ['nvidia-smi', '-q', '-x'], sudo }))).toMatchObject({
        kind: 'not-found',
        message: 'there is no nvidia-smi on gpu-1',
      });
    }
  });
});

function fingerprint({ root }: Machine): string {
  const shown = execFileSync('ssh-keygen', ['-lf', join(root, 'etc/ssh/ssh_host_ed25519_key.pub')], { encoding: 'utf8' });
  return /SHA256:\S+/.exec(shown)?.[0] ?? 'none';
}

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}
