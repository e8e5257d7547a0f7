import { expect, test } from 'vitest';
import { makeServingCertificate } from '../../src/demo/api/certificate.js';
import { createConnectionMonitor } from '../../src/kube/connection.js';
import { KubeError } from '../../src/kube/kube-error.js';
import type { Connection } from '../../src/state/connection.js';
import { type ScriptedApi, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';
import { until } from './until.js';

const never = new AbortController().signal;

test('the first answer makes the connection, with version, round trip and the end of the certificate', async () => {
  const tls = makeServingCertificate();
  await using api = await scriptedApi({ tls });
  using client = clientFor(api.url, { cluster: { 'certificate-authority-data': Buffer.from(tls.caPem).toString('base64') } });
  using monitor = watched(client);
  expect(monitor.last()).toMatchObject({ status: 'connecting', context: 'lab', server: api.url });
  const { roundTripMs } = await client.request('/readyz', { accept: '*/*' });
  monitor.succeeded(roundTripMs);
  await until(() => monitor.last().status === 'connected' && 'version' in monitor.last());
  const connected = await until(() => {
    const last = monitor.last();
    return last.status === 'connected' && last.version !== null ? last : null;
  });
  expect(connected.version).toBe('v1.36.2');
  expect(connected.certificateEndsAt).toBe(Math.floor(tls.notAfter.getTime() / 1000) * 1000);
});

test('a version that is closed to this user leaves the connection as it is', async () => {
  await using api = await scriptedApi();
  api.on('/version', (_, response) => status(response, 403, 'no'));
  using client = clientFor(api.url);
  using monitor = watched(client);
  monitor.succeeded(3);
  await until(() => api.calls.length === 1);
  expect(monitor.last()).toMatchObject({ status: 'connected', version: null, roundTripMs: 3, certificateEndsAt: null });
});

test('one dropped connection is not a lost server', async () => {
  await using api = await scriptedApi();
  using client = clientFor(api.url);
  using monitor = watched(client);
  monitor.succeeded(3);
  monitor.failed(new KubeError('unreachable', 'reset'));
  expect(monitor.usable()).toBe(false);
  await monitor.ready(never);
  expect(monitor.all.some(({ status: seen }) => seen === 'lost')).toBe(false);
});

test('while the server is away one probe knocks for everyone, and all go on when it answers', async () => {
  await using api = await scriptedApi();
  using client = clientFor(api.url);
  using monitor = watched(client);
  monitor.succeeded(3);
  await until(() => api.calls.length === 1);
  await api.stop();
  for (let feed = 0; feed < 10; feed += 1) monitor.failed(new KubeError('unreachable', 'refused'));
  const lost = await until(() => lostOf(monitor.last()));
  expect(lost).toMatchObject({ kind: 'unreachable', why: `127.0.0.1:${api.port} refuses connections`, fix: expect.any(String) });
  expect(lost.nextTryAt).toBeGreaterThan(lost.since);
  let resumed = 0;
  const waiting = Array.from({ length: 10 }, () => monitor.ready(never).then(() => (resumed += 1)));
  expect(resumed).toBe(0);
  const before = api.calls.length;
  await api.start();
  await Promise.all(waiting);
  expect(api.calls.slice(before).filter(({ path }) => path === '/readyz')).toHaveLength(1);
  await until(() => monitor.last().status === 'connected');
});

test('asking for a refresh knocks at once', async () => {
  const api = await scriptedApi();
  await api.stop();
  using client = clientFor(api.url);
  using monitor = watched(client, { random: () => 1e6 });
  monitor.failed(new KubeError('unreachable', 'refused'));
  await until(() => (lostOf(monitor.last())?.nextTryAt ?? 0) > Date.now() + 60_000);
  await api.start();
  monitor.refresh();
  await until(() => monitor.last().status === 'connected');
  await api.stop();
});

test('credentials that are refused keep the connection lost until a server accepts them', async () => {
  await using api = await scriptedApi();
  let accepted = false;
  api.on('/api', (_, response) => status(response, accepted ? 403 : 401, 'no'));
  using client = clientFor(api.url);
  using monitor = watched(client);
  monitor.failed(new KubeError('unauthorized', 'not accepted', { fix: 'log in' }));
  expect(monitor.last()).toMatchObject({ status: 'lost', kind: 'unauthorized', why: 'not accepted', fix: 'log in' });
  await until(() => tries(api) >= 2);
  expect(monitor.last().status).toBe('lost');
  accepted = true;
  await until(() => monitor.last().status === 'connected');
});

test('errors about one resource prove that the server is there', async () => {
  await using api = await scriptedApi();
  using client = clientFor(api.url);
  using monitor = watched(client);
  monitor.failed(new KubeError('forbidden', 'no'));
  expect(monitor.last().status).toBe('connected');
  expect(monitor.usable()).toBe(true);
});

function watched(client: Parameters<typeof createConnectionMonitor>[0]['client'], options: { random?: () => number } = {}) {
  const all: Connection[] = [];
  const monitor = createConnectionMonitor({ client, write: (state) => all.push(state), ...options });
  return {
    ...monitor,
    all,
    last: (): Connection => all.at(-1) ?? { status: 'unconfigured', looked: [] },
    [Symbol.dispose]: () => monitor.close(),
  };
}

function lostOf(state: Connection): Extract<Connection, { status: 'lost' }> | null {
  return state.status === 'lost' && state.nextTryAt > state.since ? state : null;
}

function tries(api: ScriptedApi): number {
  return api.calls.filter(({ path }) => path === '/api').length;
}
