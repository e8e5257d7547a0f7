import { Agent } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { HostCommand } from '../../src/hosts/host.js';
import { podHost } from '../../src/hosts/pod-host.js';
import type { KubeClient } from '../../src/kube/client.js';
import { type Exec, startExecServer } from './exec-server.js';

const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0).reverse()) end();
});

const never = () => Promise.reject(new Error('not part of this test'));
const clientFor = (baseUrl: string): KubeClient => {
  const agent = new Agent({ keepAlive: true });
  ending.push(() => agent.destroy());
  return {
    context: 'lab',
    server: baseUrl,
    namespace: null,
    request: never,
    open: never,
    road: async () => ({ baseUrl, agent, headers: { authorization: 'Bearer token' } }),
    certificateEndsAt: () => null,
    close: () => undefined,
  };
};
const run = async (serve: (exec: Exec) => void, command: HostCommand, refuse?: { readonly status: number; readonly body: unknown }) => {
  const server = await startExecServer(serve, refuse);
  ending.push(() => server.close());
  return podHost(clientFor(server.url), { namespace: 'gpu-operator', pod: 'driver-x', container: 'driver' }).run(command);
};
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
const success = JSON.stringify({ kind: 'Status', status: 'Success' });
const exitCode = (code: number) =>
  JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: String(code) }] } });

test('a command in a container goes to the right place with the credentials of the kubeconfig', async () => {
  const seen: string[] = [];
  const result = await run(
    ({ url, request, send }) => {
      seen.push(url.pathname, url.searchParams.getAll('command').join(' '), url.searchParams.get('container') ?? '', request.headers.authorization ?? '');
      send(1, 'GPU 0: NVIDIA A16\n');
      send(2, 'note\n');
      send(3, success);
    },
    { argv: ['nvidia-smi', '-L'], env: { LC_ALL: 'C' } },
  );
  expect(seen).toEqual(['/api/v1/namespaces/gpu-operator/pods/driver-x/exec', 'env LC_ALL=C nvidia-smi -L', 'driver', 'Bearer token']);
  expect(result).toMatchObject({ exitCode: 0, stdout: 'GPU 0: NVIDIA A16\n', stderr: 'note\n' });
});

test('input is sent whole and ended, exit codes come back', async () => {
  const script = 'echo hello\n'.repeat(20_000);
  const result = await run(
    ({ input, send }) =>
      void input.then((given) => {
        send(1, `${given.length}`);
        send(3, exitCode(7));
      }),
    { argv: ['sh'], stdin: script },
  );
  expect(result).toMatchObject({ exitCode: 7, stdout: `${script.length}` });
});

test('long output, messages in parts and pings between are taken in their stride', async () => {
  const long = 'nvidia '.repeat(30_000);
  const result = await run(
    ({ send, ping, ponged }) => {
      send(1, 'in two parts\n', { inTwo: true });
      ping();
      void ponged.then((answer) => {
        send(2, answer);
        send(1, long);
        send(3, success);
      });
    },
    { argv: ['nvidia-smi', '-q', '-x'] },
  );
  expect(result.stdout).toBe(`in two parts\n${long}`);
  expect(result.stderr).toBe('still there?');
});

test('a program that the container does not have is named', async () => {
  const status = {
    kind: 'Status',
    status: 'Failure',
    reason: 'InternalError',
    message: 'exec failed: unable to start container process: exec: "nvidia-smi": executable file not found in $PATH',
  };
  expect(await failure(run(({ send }) => send(3, JSON.stringify(status)), { argv: ['nvidia-smi'] }))).toMatchObject({
    kind: 'not-found',
    message: 'there is no nvidia-smi in pod gpu-operator/driver-x',
  });
});

test('who may not exec is told which right is missing', async () => {
  const refuse = { status: 403, body: { kind: 'Status', message: 'pods "driver-x" is forbidden: User "viewer" cannot create resource "pods/exec"' } };
  expect(await failure(run(() => undefined, { argv: ['true'] }, refuse))).toMatchObject({
    kind: 'auth',
    message: expect.stringContaining('cannot create resource "pods/exec"'),
    fix: 'grant create on pods/exec in gpu-operator',
  });
});

test('a server without exec, and a pod that is gone, are said as such', async () => {
  expect(await failure(run(() => undefined, { argv: ['true'] }, { status: 501, body: {} }))).toMatchObject({
    kind: 'unreachable',
    message: expect.stringContaining('501'),
  });
  expect(await failure(run(() => undefined, { argv: ['true'] }, { status: 404, body: {} }))).toMatchObject({
    message: 'there is no pod gpu-operator/driver-x',
  });
});

test('a connection that is cut, a command that hangs and one that is given up end with their reason', async () => {
  expect(await failure(run(({ cut }) => cut(), { argv: ['train'] }))).toMatchObject({ kind: 'dropped' });
  expect(await failure(run(() => undefined, { argv: ['train'], timeoutMs: 100 }))).toMatchObject({
    kind: 'timeout',
    message: '"train" in pod gpu-operator/driver-x did not end within 100 ms',
  });
  const giveUp = new AbortController();
  expect(await failure(run(() => giveUp.abort(), { argv: ['train'], signal: giveUp.signal }))).toMatchObject({ kind: 'aborted' });
});
