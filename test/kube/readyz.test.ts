import { expect, test } from 'vitest';
import { createConnectionMonitor } from '../../src/kube/connection.js';
import { parseReadyz, startReadyz } from '../../src/kube/readyz.js';
import type { Connection, Readyz } from '../../src/state/connection.js';
import type { Slice } from '../../src/state/freshness.js';
import { scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';

test('failing checks are a result, not an error', async () => {
  const text = '[+]ping ok\n[-]etcd failed: reason withheld\n[+]poststarthook/start-apiextensions-informers ok\nreadyz check failed\n';
  const { slice, connection } = await lookAt((response) => response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(text));
  expect(slice).toMatchObject({
    freshness: { status: 'live' },
    value: {
      ready: false,
      checks: [
        { name: 'ping', ok: true },
        { name: 'etcd', ok: false },
        { name: 'poststarthook/start-apiextensions-informers', ok: true },
      ],
    },
  });
  expect(connection?.status).toBe('connected');
});

test('a ready server is ready, and its round trip is that of the connection', async () => {
  const { slice, connection } = await lookAt((response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('[+]etcd ok\nreadyz check passed\n'));
  expect(slice.value).toMatchObject({ ready: true, checks: [{ name: 'etcd', ok: true }] });
  expect(connection).toMatchObject({ status: 'connected', context: 'lab' });
});

test('a user who may not ask is denied, and the connection stands', async () => {
  const { slice, connection } = await lookAt((response) => status(response, 403, 'forbidden'));
  expect(slice.freshness).toEqual({ status: 'denied', verb: 'get', resource: '/readyz' });
  expect(connection?.status).toBe('connected');
});

test('a plain ok has no checks', () => {
  expect(parseReadyz('ok', true, 3)).toEqual({ ready: true, checks: [], roundTripMs: 3 });
});

async function lookAt(answer: (response: Parameters<typeof status>[0]) => void): Promise<{ slice: Slice<Readyz>; connection: Connection | undefined }> {
  await using api = await scriptedApi();
  api.on('/readyz', (_, response) => answer(response));
  using client = clientFor(api.url);
  const connections: Connection[] = [];
  const slices: Slice<Readyz>[] = [];
  const connection = createConnectionMonitor({ client, write: (state) => connections.push(state) });
  const readyz = startReadyz({ client, connection, write: (slice) => slices.push(slice) });
  await readyz.settled;
  readyz.close();
  connection.close();
  const slice = slices.at(-1);
  if (slice === undefined) throw new Error('nothing written');
  return { slice, connection: connections.at(-1) };
}
