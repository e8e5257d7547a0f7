import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Asker, silentAsker } from '../../src/hosts/asker.js';
import type { Host } from '../../src/hosts/host.js';
import { HostError } from '../../src/hosts/host-error.js';
import { loadSshConfig } from '../../src/hosts/ssh-config.js';
import { connectSsh } from '../../src/hosts/ssh-host.js';
import { createSshMemory } from '../../src/hosts/ssh-memory.js';
import { type SshTarget, sshTarget } from '../../src/hosts/ssh-target.js';
import { scriptedAsker } from './asking.js';
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.js';

let home: string;
const ending: (() => void)[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ssh-login-'));
});
afterEach(() => {
  for (const end of ending.splice(0).reverse()) end();
  rmSync(home, { recursive: true, force: true });
});

const portOf = async (server: NetServer): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const answerUp = (_command: string, channel: ServerChannel) => {
  channel.write('up\n');
  channel.exit(0);
  channel.end();
};
const serve = async (options?: SshServerOptions): Promise<SshServer> => {
  const server = await startSshServer(options);
  ending.push(() => server.close());
  return server;
};
const host = (
  port: number,
  { asker = silentAsker(true), name = 'gpu-1', changes = {} }: { asker?: Asker; name?: string; changes?: Partial<SshTarget> } = {},
): Host => {
  const target = { ...sshTarget(name, '127.0.0.1', { user: 'ops', port }, loadSshConfig(home, 'none')), ...changes };
  const made = connectSsh(target, { asker, env: {}, memory: createSshMemory() });
  ending.push(() => made.close());
  return made;
};
/** For scripts that also have to accept the host key. */
const answers = (script: Parameters<typeof scriptedAsker>[0]) => scriptedAsker({ 'host-key': ['yes'], ...script });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

test('a password is asked for, a wrong one once more, and remembered for the next connection', async () => {
  const server = await serve({
    authenticate: (context) => {
      if (context.method === 'password' && context.password === 'right') context.accept();
      else context.reject(['password']);
    },
  });
  const asker = answers({ password: ['wrong', 'right'] });
  const gpu = host(server.port, { asker });
  await gpu.run({ argv: ['true'] });
  server.hangUp();
  // The first command may still find the old connection.
  await gpu.run({ argv: ['true'] }).catch(() => gpu.run({ argv: ['true'] }));
  expect(server.connections()).toBe(3);
  expect(asker.asked.slice(1).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'password: Password of ops on gpu-1',
    'password: That was not right. Password of ops on gpu-1',
  ]);
});

test('a server that asks its own questions gets them answered by the person', async () => {
  const server = await serve({
    authenticate: (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      context.prompt(
        [
          { prompt: 'Password: ', echo: false },
          { prompt: 'One-time code: ', echo: true },
        ],
        (given) => {
          if (given.join() === 'right,123456') context.accept();
          else context.reject(['keyboard-interactive']);
        },
      );
    },
  });
  const asker = answers({ password: ['right', '123456'] });
  await host(server.port, { asker }).run({ argv: ['true'] });
  expect(asker.asked.slice(1).map(({ text }) => text)).toEqual(['ops on gpu-1: Password:', 'ops on gpu-1: One-time code:']);
});

test('who declines to give a password is not asked again, and the error says what was missing', async () => {
  const server = await serve({ authenticate: (context) => context.reject(['password', 'keyboard-interactive']) });
  const asker = answers({});
  const error = await failure(host(server.port, { asker }).run({ argv: ['true'] }));
  expect(error).toMatchObject({
    kind: 'auth',
    message: 'gpu-1 (127.0.0.1) does not let ops in (it takes password, keyboard-interactive): no password was given',
  });
  expect(asker.asked.filter(({ kind }) => kind === 'password')).toHaveLength(1);
});

test('three wrong passwords are enough', async () => {
  const server = await serve({ authenticate: (context) => context.reject(['password']) });
  const asker = answers({ password: ['a', 'b', 'c', 'd'] });
  expect(await failure(host(server.port, { asker }).run({ argv: ['true'] }))).toMatchObject({
    kind: 'auth',
    message: expect.stringContaining('the password is wrong'),
  });
  expect(asker.asked.filter(({ kind }) => kind === 'password')).toHaveLength(3);
});

test('a banner and hostile words of a server disturb nothing', async () => {
  const server = await serve({
    banner: '\x1b]0;owned\x07*** authorised use only ***\n',
    exec: (_command, channel) => {
      channel.write('fact=1\n');
      channel.stderr.write('warning\n');
      channel.exit(2);
      channel.end();
    },
  });
  expect(await host(server.port).run({ argv: ['probe'] })).toMatchObject({ exitCode: 2, stdout: 'fact=1\n', stderr: 'warning\n' });
});

test('a command that a signal ended says which', async () => {
  const server = await serve({
    exec: (_command, channel) => {
      channel.exit('KILL', false, 'out of memory');
      channel.end();
    },
  });
  expect(await host(server.port).run({ argv: ['train'] })).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

test('values reach the far shell quoted, never as words of their own', async () => {
  const server = await serve();
  await host(server.port).run({ argv: ['rm', '-rf', "it's; reboot", '$(reboot)', ''], env: { NAME: '`reboot`' } });
  expect(server.commands).toEqual([`NAME='\`reboot\`' rm -rf 'it'\\''s; reboot' '$(reboot)' ''`]);
});

test('long output is cut with a note', async () => {
  const server = await serve({
    exec: (_command, channel) => {
      channel.write('x'.repeat(5000));
      channel.exit(0);
      channel.end();
    },
  });
  const { stdout } = await host(server.port).run({ argv: ['cat'], maxBytes: 1000 });
  expect(stdout).toBe(`${'x'.repeat(1000)}\n[cut after 1000 bytes]\n`);
});

test('a command can be given up', async () => {
  const server = await serve({ exec: (_command, channel) => channel.write('working') });
  const giveUp = new AbortController();
  const running = failure(host(server.port).run({ argv: ['train'], signal: giveUp.signal, onOutput: () => giveUp.abort() }));
  expect(await running).toMatchObject({ kind: 'aborted' });
});

test('a link that dies without a word is noticed by its keepalives', async () => {
  const server = await serve({ exec: (_command, channel) => channel.write('working') });
  // Passes everything on until it is pulled.
  const cable = createServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    near.pipe(far);
    far.pipe(near);
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    pull = () => {
      near.unpipe(far);
      far.unpipe(near);
      near.resume();
      far.resume();
    };
    ending.push(() => [near, far].map((socket) => socket.destroy()));
  });
  let pull: () => void = () => undefined;
  const port = await portOf(cable);
  const gpu = host(port, { changes: { keepaliveMs: 50 } });
  expect(await failure(gpu.run({ argv: ['train'], onOutput: () => pull() }))).toMatchObject({ kind: 'dropped' });
});

test('what is no SSH server is told apart from one that hangs up', async () => {
  const listen = (greet: (socket: Socket) => void) =>
    portOf(
      createServer((socket) => {
        socket.on('error', () => undefined);
        greet(socket);
      }),
    );
  const web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>no</html>\r\n'.repeat(20)));
  const full = await listen((socket) => socket.destroy());
  expect(await failure(host(web).run({ argv: ['true'] }))).toMatchObject({
    kind: 'unreachable',
    message: `what answers on port ${web} of gpu-1 (127.0.0.1) is no SSH server`,
  });
  expect(await failure(host(full).run({ argv: ['true'] }))).toMatchObject({
    kind: 'unreachable',
    message: `gpu-1 (127.0.0.1) closes connections on port ${full} at once`,
  });
});

test('of 50 hosts five hang, and the other 45 are not held up', async () => {
  const hang: Socket[] = [];
  const silentPort = await portOf(createServer((socket) => hang.push(socket)));
  ending.push(() => hang.map((socket) => socket.destroy()));
  const servers = await Promise.all(Array.from({ length: 45 }, () => serve({ exec: answerUp })));
  const started = performance.now();
  const arrived: number[] = [];
  const good = servers.map(async ({ port }, index) => {
    const { stdout } = await host(port, { name: `gpu-${index}` }).run({ argv: ['uptime'] });
    arrived.push(performance.now() - started);
    return stdout;
  });
  const bad = Array.from({ length: 5 }, (_, index) =>
    failure(host(silentPort, { name: `hung-${index}`, changes: { connectTimeoutMs: 4000 } }).run({ argv: ['uptime'] })),
  );
  expect(await Promise.all(good)).toEqual(Array.from({ length: 45 }, () => 'up\n'));
  // Of the first; all of it, servers too, runs in this one process.
  expect(Math.max(...arrived) - Math.min(...arrived)).toBeLessThan(2000);
  for (const error of await Promise.all(bad)) expect(error).toBeInstanceOf(HostError);
});
