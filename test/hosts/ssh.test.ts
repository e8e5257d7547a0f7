import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Asker } from '../../src/hosts/asker.js';
import { silentAsker } from '../../src/hosts/asker.js';
import type { Host } from '../../src/hosts/host.js';
import { HostError } from '../../src/hosts/host-error.js';
import type { HostSettings } from '../../src/hosts/host-settings.js';
import { loadSshConfig } from '../../src/hosts/ssh-config.js';
import { connectSsh } from '../../src/hosts/ssh-host.js';
import { createSshMemory } from '../../src/hosts/ssh-memory.js';
import { sshTarget } from '../../src/hosts/ssh-target.js';
import { scriptedAsker } from './asking.js';
import { hasSshd, type SshLab, sshLab } from './sshd.js';

describe.skipIf(!hasSshd)('against an OpenSSH server', () => {
  let lab: SshLab;
  const hosts: Host[] = [];

  beforeEach(() => {
    lab = sshLab();
  });

  afterEach(async () => {
    for (const host of hosts.splice(0)) host.close();
    await lab.close();
  });

  const host = (port: number, options: { asker?: Asker; settings?: HostSettings; env?: NodeJS.ProcessEnv; name?: string } = {}): Host => {
    const { asker = silentAsker(false), settings = {}, env = {}, name = 'gpu-1' } = options;
    const target = sshTarget(name, '127.0.0.1', { port, ...settings }, loadSshConfig(lab.home, join(lab.home, 'no-system-file')));
    const made = connectSsh(target, { asker, env, memory: createSshMemory() });
    hosts.push(made);
    return made;
  };
  const failure = async (promise: Promise<unknown>): Promise<HostError> => {
    const error = await promise.then(
      () => null,
      (caught: unknown) => caught,
    );
    if (!(error instanceof HostError)) throw new Error(`no HostError but ${String(error)}`);
    return error;
  };

  test('a key lets me in, and a command comes back with output, errors and exit code', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const result = await host(server.port).run({ argv: ['sh', '-c', 'cat; echo "$A" >&2; exit 3'], stdin: 'grüß\n', env: { A: "it's $HOME" } });
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: 'grüß\n', stderr: "it's $HOME\n" });
  });

  test('all commands use one connection', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const gpu = host(server.port);
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => gpu.run({ argv: ['echo', String(index)] })));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(server.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  test('an unknown host key is asked about with its fingerprint, kept, and not asked about again', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    const asker = scriptedAsker({ 'host-key': ['yes'] });
    await host(server.port, { asker }).run({ argv: ['true'] });
    const [, fingerprint = ''] = /(SHA256:\S+)/.exec(execFileSync('ssh-keygen', ['-lf', lab.hostKey('usual')], { encoding: 'utf8' })) ?? [];
    expect(asker.asked.map(({ text }) => text)).toEqual([
      `gpu-1 (127.0.0.1 port ${server.port}) is not known yet. Its ED25519 key has the fingerprint ${fingerprint}. Is that right?`,
    ]);
    expect(statSync(lab.ssh('known_hosts')).mode & 0o777).toBe(0o600);
    // The stock client takes it from there.
    expect(execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${server.port}`, '-f', lab.ssh('known_hosts')], { encoding: 'utf8' })).toContain('ssh-ed25519');
    await host(server.port).run({ argv: ['true'] });
  });

  test('an unknown host key is refused where nobody can be asked, and nothing is written', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    const error = await failure(host(server.port).run({ argv: ['true'] }));
    expect(error).toMatchObject({ kind: 'host-key-unknown', message: expect.stringContaining('SHA256:') });
    expect(error.fix).toContain(`ssh -p ${server.port}`);
    expect(existsSync(lab.ssh('known_hosts'))).toBe(false);
  });

  test('a changed host key is refused with both fingerprints, the place and the way out, and nobody is asked', async () => {
    lab.key('id_ed25519');
    const server = await lab.start({ hostKeys: [lab.hostKey('new')] });
    lab.trust(server.port, lab.hostKey('old'));
    const asker = scriptedAsker({ 'host-key': ['yes'] });
    const error = await failure(host(server.port, { asker }).run({ argv: ['true'] }));
    const print = (name: string) => /(SHA256:\S+)/.exec(execFileSync('ssh-keygen', ['-lf', lab.hostKey(name)], { encoding: 'utf8' }))?.[1];
    expect(error.kind).toBe('host-key-changed');
    expect(error.message).toContain(`ED25519 ${print('new')}`);
    expect(error.message).toContain(`${lab.ssh('known_hosts')}:1 has ED25519 ${print('old')}`);
    expect(error.fix).toBe(`if it was set up anew: ssh-keygen -R '[127.0.0.1]:${server.port}'`);
    expect(asker.asked).toEqual([]);
  });

  test('a server with several host keys is asked for the one that is known, also in a hashed known_hosts', async () => {
    lab.key('id_ed25519');
    const server = await lab.start({ hostKeys: [lab.hostKey('usual'), lab.hostKey('ec', 'ecdsa'), lab.hostKey('rsa', 'rsa')] });
    lab.trust(server.port, lab.hostKey('rsa'), { hashed: true });
    expect(readFileSync(lab.ssh('known_hosts'), 'utf8')).toMatch(/^\|1\|/);
    await host(server.port).run({ argv: ['true'] });
  });

  test.each([
    ['an OpenSSH key', 'ed25519', undefined],
    ['an RSA key in PEM', 'rsa', 'PEM' as const],
    ['an ECDSA key in PKCS#8', 'ecdsa', 'PKCS8' as const],
  ])('%s with a passphrase is unlocked once for several hosts', async (_name, type, format) => {
    lab.key(`id_${type}`, { type, passphrase: 'open sesame', ...(format === undefined ? {} : { format }) });
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const asker = scriptedAsker({ passphrase: ['wrong', 'open sesame'] });
    const memory = createSshMemory();
    const config = loadSshConfig(lab.home, 'no-system-file');
    const run = async (name: string) => {
      const made = connectSsh(sshTarget(name, '127.0.0.1', { port: server.port }, config), { asker, env: {}, memory });
      hosts.push(made);
      return (await made.run({ argv: ['echo', name] })).stdout.trim();
    };
    expect(await Promise.all([run('gpu-1'), run('gpu-2'), run('gpu-3')])).toEqual(['gpu-1', 'gpu-2', 'gpu-3']);
    expect(asker.asked.map(({ kind }) => kind)).toEqual(['passphrase', 'passphrase']);
    expect(asker.asked[1]?.text).toContain('That was not the passphrase');
  });

  test('a person may take longer than the time limits, for all hosts that wait for the answer', async () => {
    lab.key('id_ed25519', { passphrase: 'open sesame' });
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const memory = createSshMemory();
    const config = loadSshConfig(lab.home, 'no-system-file');
    const slow: Asker = { ask: () => new Promise((resolve) => setTimeout(() => resolve('open sesame'), 1500)) };
    const run = async (name: string) => {
      const target = { ...sshTarget(name, '127.0.0.1', { port: server.port }, config), connectTimeoutMs: 700 };
      const made = connectSsh(target, { asker: slow, env: {}, memory });
      hosts.push(made);
      return (await made.run({ argv: ['echo', name] })).stdout.trim();
    };
    expect(await Promise.all([run('gpu-1'), run('gpu-2')])).toEqual(['gpu-1', 'gpu-2']);
  });

  test('a login that the server gave up while the person was thinking is begun anew with the answer', async () => {
    lab.key('id_ed25519', { passphrase: 'open sesame' });
    const server = await lab.start({ lines: ['LoginGraceTime 1'] });
    lab.trust(server.port, lab.hostKey('usual'));
    const slow: Asker = { ask: () => new Promise((resolve) => setTimeout(() => resolve('open sesame'), 2000)) };
    expect((await host(server.port, { asker: slow }).run({ argv: ['echo', 'in'] })).stdout).toBe('in\n');
  });

  test('a passphrase is not asked for where the server does not want the key', async () => {
    lab.key('id_ed25519', { passphrase: 'secret', allowed: false });
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const asker = scriptedAsker({});
    const error = await failure(host(server.port, { asker }).run({ argv: ['true'] }));
    expect(error).toMatchObject({ kind: 'auth', message: `gpu-1 (127.0.0.1) does not let ${lab.user} in (it takes publickey): it refused the key offered` });
    expect(asker.asked).toEqual([]);
  });

  test('without any key it says so, and what to do', async () => {
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const error = await failure(host(server.port).run({ argv: ['true'] }));
    expect(error.message).toContain('there was no key to offer');
    expect(error.fix).toContain(`ssh-copy-id -p ${server.port} ${lab.user}@127.0.0.1`);
  });

  test('an agent with more keys than the server takes attempts still gets in with its last one', async () => {
    const keys = Array.from({ length: 14 }, (_, index) => lab.key(`agent-${index}`, { allowed: index === 13 }));
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const socket = join(lab.home, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    try {
      execFileSync('ssh-add', ['-q', ...keys], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      const gpu = host(server.port, { env: { SSH_AUTH_SOCK: socket } });
      expect((await gpu.run({ argv: ['echo', 'in'] })).stdout).toBe('in\n');
    } finally {
      agent.kill();
    }
  });

  test('after the connection broke, the command under way fails and the next one connects anew', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const gpu = host(server.port);
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const sleeping = failure(gpu.run({ argv: ['sh', '-c', 'echo up; exec sleep 60'], onOutput: () => started() }));
    await running;
    server.killConnections();
    expect(await sleeping).toMatchObject({ kind: 'dropped', message: 'the connection to gpu-1 (127.0.0.1) was lost while "sh" ran' });
    expect((await gpu.run({ argv: ['echo', 'back'] })).stdout).toBe('back\n');
  });

  test('a machine that is down is unreachable, and reached again when it is back', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const gpu = host(server.port);
    await gpu.run({ argv: ['true'] });
    await server.stop();
    // The first command may still find the old connection and learn that it is gone.
    const error = await failure(gpu.run({ argv: ['true'] }));
    const next = error.kind === 'dropped' ? await failure(gpu.run({ argv: ['true'] })) : error;
    expect(next).toMatchObject({ kind: 'unreachable', message: `gpu-1 (127.0.0.1) refuses connections on port ${server.port}` });
    await lab.start({ port: server.port });
    expect((await gpu.run({ argv: ['echo', 'back'] })).stdout).toBe('back\n');
  });

  test('a command that takes too long is ended on the far side too', async () => {
    lab.key('id_ed25519');
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const gpu = host(server.port);
    const mark = `60.${process.pid}`;
    const error = await failure(gpu.run({ argv: ['sh', '-c', `echo $$; exec sleep ${mark}`], stdin: '', timeoutMs: 300 }));
    expect(error).toMatchObject({ kind: 'timeout', message: '"sh" on gpu-1 did not end within 300 ms' });
    await expect
      .poll(() => execFileSync('sh', ['-c', `ps ax -o args | grep -c '[s]leep ${mark}' || true`], { encoding: 'utf8' }).trim(), { timeout: 5000 })
      .toBe('0');
  });

  test('through a jump host, whose key is checked too, many hosts share one connection to it', async () => {
    lab.key('id_ed25519');
    const bastion = await lab.start({ hostKeys: [lab.hostKey('bastion')] });
    const server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    const settings = { jump: `${lab.user}@127.0.0.1:${bastion.port}` };
    expect(await failure(host(server.port, { settings }).run({ argv: ['true'] }))).toMatchObject({
      kind: 'host-key-unknown',
      message: expect.stringContaining(String(bastion.port)),
    });
    lab.trust(bastion.port, lab.hostKey('bastion'));
    const memory = createSshMemory();
    const config = loadSshConfig(lab.home, 'no-system-file');
    const run = async (name: string) => {
      const made = connectSsh(sshTarget(name, '127.0.0.1', { port: server.port, ...settings }, config), { asker: silentAsker(false), env: {}, memory });
      hosts.push(made);
      expect(made.road).toBe(`ssh ${lab.user}@127.0.0.1:${server.port} via 127.0.0.1`);
      return (await made.run({ argv: ['echo', name] })).stdout.trim();
    };
    const names = ['gpu-1', 'gpu-2', 'gpu-3', 'gpu-4'];
    expect(await Promise.all(names.map(run))).toEqual(names);
    expect(bastion.log().match(/Accepted publickey/g)).toHaveLength(1);
    expect(server.log().match(/Accepted publickey/g)).toHaveLength(4);
  });

  test('what the jump host cannot reach, or may not, is said with its name, and a lost jump host is connected to anew', async () => {
    lab.key('id_ed25519');
    const bastion = await lab.start();
    const strict = await lab.start({ lines: ['AllowTcpForwarding no'] });
    const server = await lab.start();
    for (const { port } of [bastion, strict, server]) lab.trust(port, lab.hostKey('usual'));
    const via = (jump: number, port: number) => host(port, { settings: { jump: `${lab.user}@127.0.0.1:${jump}` } });
    expect(await failure(via(bastion.port, 1).run({ argv: ['true'] }))).toMatchObject({
      kind: 'unreachable',
      message: '127.0.0.1 cannot connect to 127.0.0.1 port 1: Connection refused',
    });
    expect(await failure(via(strict.port, server.port).run({ argv: ['true'] }))).toMatchObject({
      message: `127.0.0.1 does not pass connections on to 127.0.0.1 port ${server.port}`,
    });
    const gpu = via(bastion.port, server.port);
    await gpu.run({ argv: ['true'] });
    bastion.killConnections();
    // The first command may still find the old connection and learn that it is gone.
    const { stdout } = await gpu.run({ argv: ['echo', 'back'] }).catch(() => gpu.run({ argv: ['echo', 'back'] }));
    expect(stdout).toBe('back\n');
  });

  test('a host that takes the connection and never speaks is given up after ConnectTimeout', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const target = { ...sshTarget('gpu-1', '127.0.0.1', { port }, loadSshConfig(lab.home, 'no-system-file')), connectTimeoutMs: 300 };
    const gpu = connectSsh(target, { asker: silentAsker(false), env: {}, memory: createSshMemory() });
    expect(await failure(gpu.run({ argv: ['true'] }))).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('does not speak SSH') });
    silent.close();
  });
});
