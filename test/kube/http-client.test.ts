import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeServingCertificate } from '../../src/demo/api/certificate.js';
import type { KubeClient } from '../../src/kube/client.js';
import { KubeError } from '../../src/kube/kube-error.js';
import { json, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';
import { connectProxy } from './connect-proxy.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kube-client-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('a packed answer is unpacked, and the query and path arrive as given', async () => {
  await using api = await scriptedApi();
  api.on('/prefix/api/v1/pods', (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync('{"items":[1,2]}'));
  });
  using client = clientFor(`${api.url}/prefix/`);
  const answer = await client.request('/api/v1/pods', { query: { fieldSelector: 'a!=b,c=d', limit: 2, continue: undefined } });
  expect(answer.body).toEqual({ items: [1, 2] });
  expect(api.calls[0]?.query.get('fieldSelector')).toBe('a!=b,c=d');
  expect(api.calls[0]?.query.has('continue')).toBe(false);
  expect(answer.roundTripMs).toBeGreaterThan(0);
});

test('a DELETE with a body says how long it is', async () => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => json(response, {}));
  using client = clientFor(api.url);
  await client.request('/x', { method: 'DELETE', body: { preconditions: { uid: 'ü' } } });
  expect(api.calls[0]?.headers['content-length']).toBe(String(Buffer.byteLength('{"preconditions":{"uid":"ü"}}')));
  expect(api.calls[0]?.headers['transfer-encoding']).toBeUndefined();
});

test('requests one after the other share a connection', async () => {
  await using api = await scriptedApi();
  const ports = new Set<number | undefined>();
  api.on('/x', (_, response) => {
    ports.add(response.socket?.remotePort);
    json(response, {});
  });
  using client = clientFor(api.url);
  for (let index = 0; index < 5; index += 1) await client.request('/x');
  expect(ports.size).toBe(1);
});

test('a connection that the server closed while it was idle is no trouble', async () => {
  await using api = await scriptedApi();
  let count = 0;
  api.on('/x', (_, response) => {
    count += 1;
    if (count === 2) response.socket?.destroy();
    else json(response, { count });
  });
  using client = clientFor(api.url);
  await client.request('/x');
  expect((await client.request('/x')).body).toEqual({ count: 3 });
});

test('after a 401 the token file is read again, once', async () => {
  await using api = await scriptedApi();
  const file = join(directory, 'token');
  writeFileSync(file, 'old\n');
  api.on('/x', ({ headers }, response) => (headers.authorization === 'Bearer new' ? json(response, {}) : status(response, 401, 'Unauthorized')));
  using client = clientFor(api.url, { user: { tokenFile: file } });
  await expect(client.request('/x')).rejects.toMatchObject({ kind: 'unauthorized', status: 401 });
  expect(api.calls.length).toBe(2);
  writeFileSync(file, 'new\n');
  expect((await client.request('/x')).status).toBe(200);
});

test('a 403 is told in the words of the server', async () => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => status(response, 403, 'nodes is forbidden: User "viewer" cannot list resource "nodes" in API group "" at the cluster scope'));
  using client = clientFor(api.url);
  await expect(client.request('/x')).rejects.toMatchObject({
    kind: 'forbidden',
    message: expect.stringContaining('User "viewer" cannot list resource "nodes"'),
  });
});

test.each([
  [404, 'not-found'],
  [409, 'conflict'],
  [410, 'gone'],
  [422, 'server'],
  [500, 'server'],
  [503, 'server'],
])('a Status with code %i is an error of kind %s', async (code, kind) => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => status(response, code, 'because'));
  using client = clientFor(api.url);
  await expect(client.request('/x')).rejects.toMatchObject({ kind, status: code, message: expect.stringContaining('because') });
});

test('a 429 says when to come back', async () => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => status(response, 429, 'too many requests', { 'retry-after': '7' }));
  using client = clientFor(api.url);
  await expect(client.request('/x')).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 7000 });
});

test("a load balancer's 503 page means that nobody is behind it", async () => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => response.writeHead(503, { 'content-type': 'text/plain' }).end('no server is available'));
  using client = clientFor(api.url);
  await expect(client.request('/x')).rejects.toMatchObject({ kind: 'unreachable', status: 503 });
});

test('a web page in place of JSON is told by its title', async () => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><html><title>Hotel \u001b[31mWiFi</title>'));
  using client = clientFor(api.url);
  const error = await failure(client.request('/x'));
  expect(error).toMatchObject({ kind: 'not-kubernetes', fix: expect.stringContaining('NO_PROXY') });
  expect(error.message).toContain('a web page ("Hotel WiFi")');
});

test('text is given as text where text was asked for', async () => {
  await using api = await scriptedApi();
  using client = clientFor(api.url);
  expect((await client.request('/readyz?verbose', { accept: '*/*' })).body).toContain('[+]etcd ok');
  expect(api.calls[0]?.query.has('verbose')).toBe(true);
});

test('a server that refuses connections is told as such, with what to look at', async () => {
  const api = await scriptedApi();
  await api.stop();
  using client = clientFor(api.url);
  await expect(client.request('/x')).rejects.toMatchObject({
    kind: 'unreachable',
    message: `127.0.0.1:${api.port} refuses connections`,
    fix: expect.stringContaining('kube-apiserver'),
  });
});

test('a server whose name is unknown is told by its name', async () => {
  using client = clientFor('https://no-such-host.invalid:6443');
  await expect(client.request('/x')).rejects.toMatchObject({ kind: 'unreachable', message: 'the name no-such-host.invalid cannot be resolved' });
});

test('a server that accepts but never answers is given up after the time allowed', async () => {
  await using silent = await silentServer();
  using client = clientFor(`http://127.0.0.1:${silent.port}`);
  await expect(client.request('/x', { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringContaining('does not answer') });
});

test('an answer that stops half way is given up after the time allowed', async () => {
  await using api = await scriptedApi();
  api.on('/x', (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"items":['));
  using client = clientFor(api.url);
  await expect(client.request('/x', { timeoutMs: 1 })).rejects.toMatchObject({ kind: 'unreachable' });
});

test('a request can be given up at any time', async () => {
  await using silent = await silentServer();
  using client = clientFor(`http://127.0.0.1:${silent.port}`);
  const giveUp = new AbortController();
  const answer = failure(client.request('/x', { signal: giveUp.signal }));
  giveUp.abort();
  expect((await answer).kind).toBe('aborted');
});

test('over TLS the end of the certificate is known after the first answer', async () => {
  const tls = makeServingCertificate({ notAfter: new Date('2031-05-06T07:08:09Z') });
  await using api = await scriptedApi({ tls });
  using client = clientFor(api.url, { cluster: { 'certificate-authority-data': base64(tls.caPem) } });
  expect(client.certificateEndsAt()).toBeNull();
  await client.request('/version');
  expect(client.certificateEndsAt()).toBe(Date.parse('2031-05-06T07:08:09Z'));
});

test('an expired certificate is told with its date', async () => {
  const tls = makeServingCertificate({ notBefore: new Date('2024-01-01T00:00:00Z'), notAfter: new Date('2025-01-02T03:04:05Z') });
  await using api = await scriptedApi({ tls });
  using client = clientFor(api.url, { cluster: { 'certificate-authority-data': base64(tls.caPem) } });
  const error = await failure(client.request('/version'));
  expect(error).toMatchObject({ kind: 'tls', fix: expect.stringContaining('kubeadm certs renew') });
  expect(error.message).toMatch(/^the certificate of 127\.0\.0\.1:\d+ expired on 2025-01-02, /);
});

test('a certificate of another authority is told with who signed it', async () => {
  await using api = await scriptedApi({ tls: makeServingCertificate() });
  using client = clientFor(api.url, { cluster: { 'certificate-authority-data': base64(makeServingCertificate().caPem) } });
  await expect(client.request('/version')).rejects.toMatchObject({
    kind: 'tls',
    message: expect.stringMatching(/not signed by the kubeconfig's certificate authority \(signed by kubernetes\)/),
  });
});

test('a certificate for other names is told with the names it has', async () => {
  const tls = makeServingCertificate();
  await using api = await scriptedApi({ tls });
  using client = clientFor(api.url, { cluster: { 'certificate-authority-data': base64(tls.caPem), 'tls-server-name': 'gpu-lab.example' } });
  await expect(client.request('/version')).rejects.toMatchObject({
    kind: 'tls',
    message: expect.stringMatching(/is not for gpu-lab\.example; it is for .*localhost/),
    fix: expect.stringContaining('tls-server-name: '),
  });
});

test('insecure-skip-tls-verify takes any certificate', async () => {
  await using api = await scriptedApi({ tls: makeServingCertificate({ notBefore: new Date('2024-01-01'), notAfter: new Date('2025-01-01') }) });
  using client = clientFor(api.url, { cluster: { 'insecure-skip-tls-verify': true } });
  expect((await client.request('/version')).status).toBe(200);
});

test('https to a server that speaks plain http says so, and the other way round', async () => {
  await using plain = await scriptedApi();
  using wrong = clientFor(plain.url.replace('http:', 'https:'));
  await expect(wrong.request('/version')).rejects.toMatchObject({ kind: 'tls', message: expect.stringContaining('does not speak TLS') });
});

test('tokens, passwords and impersonation go out as headers', async () => {
  await using api = await scriptedApi();
  using token = clientFor(api.url, { user: { token: 'secret', as: 'jane', 'as-groups': ['dev', 'ops'], 'as-user-extra': { 'example.com/team': ['ml'] } } });
  await token.request('/version');
  expect(api.calls[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'impersonate-user': 'jane', 'impersonate-extra-example.com%2fteam': 'ml' });
  expect(String(api.calls[0]?.headers['impersonate-group'])).toBe('dev, ops');
  using password = clientFor(api.url, { user: { username: 'u', password: 'p' } });
  await password.request('/version');
  expect(api.calls[1]?.headers.authorization).toBe(`Basic ${base64('u:p')}`);
});

test('a credential plugin is run once for many requests, and again after a 401', async () => {
  await using api = await scriptedApi();
  const counter = join(directory, 'runs');
  writeFileSync(counter, '');
  const command = script('plugin', `echo run >> ${counter}; echo '{"kind":"ExecCredential","status":{"token":"t'$(wc -l < ${counter})'"}}'`);
  let accepted = 'Bearer t1';
  api.on('/x', ({ headers }, response) => (headers.authorization === accepted ? json(response, {}) : status(response, 401, 'Unauthorized')));
  using client = clientFor(api.url, { user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } } }, process.env);
  await Promise.all([client.request('/x'), client.request('/x'), client.request('/x')]);
  accepted = 'Bearer t2';
  expect((await client.request('/x')).status).toBe(200);
});

test('many requests that are refused at once run a credential plugin once more, not many times', async () => {
  await using api = await scriptedApi();
  const counter = join(directory, 'storm');
  writeFileSync(counter, '');
  const command = script('storming', `echo run >> ${counter}; echo '{"status":{"token":"t'$(wc -l < ${counter})'"}}'`);
  let accepted = 'Bearer t1';
  api.on('/x', ({ headers }, response) => (headers.authorization === accepted ? json(response, {}) : status(response, 401, 'Unauthorized')));
  using client = clientFor(api.url, { user: { exec: { command } } }, process.env);
  await client.request('/x');
  accepted = 'Bearer t2';
  await Promise.all(Array.from({ length: 8 }, () => client.request('/x')));
  expect(readFileSync(counter, 'utf8')).toBe('run\nrun\n');
});

test('a certificate without its key is told before anything is sent', async () => {
  const tls = makeServingCertificate();
  const data = { 'client-certificate-data': base64(tls.certPem), 'client-key-data': base64(makeServingCertificate().keyPem) };
  using client = clientFor('https://127.0.0.1:1', { user: data });
  await expect(client.request('/x')).rejects.toMatchObject({
    kind: 'tls',
    message: expect.stringContaining('certificates or the proxy of context "lab" cannot be used'),
  });
});

test('a credential that has expired is fetched anew', async () => {
  await using api = await scriptedApi();
  const command = script('expiring', `echo '{"status":{"token":"t","expirationTimestamp":"2020-01-01T00:00:00Z"}}'`);
  using client = clientFor(api.url, { user: { exec: { command } } }, process.env);
  await client.request('/version');
  await client.request('/version');
  expect(api.calls.at(-1)?.headers.authorization).toBe('Bearer t');
});

test('a failing credential plugin is told by its first line', async () => {
  const command = script('failing', 'echo >&2; echo "Please \u001b[1mlog in\u001b[0m again" >&2; echo more >&2; exit 3');
  using client = clientFor('http://127.0.0.1:1', { user: { exec: { command, installHint: 'see the wiki' } } }, process.env);
  await expect(client.request('/x')).rejects.toMatchObject({
    kind: 'unauthorized',
    message: 'no credentials: the plugin failing failed with exit code 3: Please log in again',
    fix: 'see the wiki',
  });
});

test('a credential plugin that is not installed is told with its install hint', async () => {
  using client = clientFor('http://127.0.0.1:1', { user: { exec: { command: 'no-such-plugin', installHint: 'apt install plugin' } } }, process.env);
  await expect(client.request('/x')).rejects.toMatchObject({
    kind: 'unauthorized',
    message: 'no credentials: the plugin no-such-plugin is not installed (not found in PATH)',
    fix: 'apt install plugin',
  });
});

test('requests go through the proxy of the kubeconfig, with its user and password', async () => {
  const tls = makeServingCertificate();
  await using api = await scriptedApi({ tls });
  await using proxy = await connectProxy();
  using client = clientFor(api.url, {
    cluster: { 'certificate-authority-data': base64(tls.caPem), 'proxy-url': `http://me:pass%20word@127.0.0.1:${proxy.port}` },
  });
  expect((await client.request('/version')).status).toBe(200);
  expect(proxy.connects).toEqual([{ target: `127.0.0.1:${api.port}`, authorization: `Basic ${base64('me:pass word')}` }]);
});

test('a proxy that refuses is named', async () => {
  await using proxy = await connectProxy({ refuse: 407 });
  using client = clientFor('https://10.1.2.3:6443', { cluster: { 'proxy-url': `http://127.0.0.1:${proxy.port}` } });
  await expect(client.request('/version')).rejects.toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ refused to connect to 10\.1\.2\.3:6443: 407/),
  });
});

test('no error carries a secret', async () => {
  const errors: KubeError[] = [];
  for (const user of [{ token: 'hunter2' }, { username: 'u', password: 'hunter2' }]) {
    using client = clientFor('http://127.0.0.1:1', { user, cluster: { 'proxy-url': 'http://u:hunter2@127.0.0.1:1' } });
    errors.push(await failure(client.request('/x')));
  }
  for (const error of errors) expect(`${error.message} ${error.fix}`).not.toContain('hunter2');
});

async function failure(answer: ReturnType<KubeClient['request']>): Promise<KubeError> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

function script(name: string, body: string): string {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function silentServer(): Promise<{ port: number } & AsyncDisposable> {
  const open = new Set<{ destroy(): void }>();
  const server: Server = createServer((socket) => open.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
