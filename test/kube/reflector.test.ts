import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeClient } from '../../src/kube/client.js';
import { type ConnectionMonitor, createConnectionMonitor } from '../../src/kube/connection.js';
import { type Reflector, startReflector } from '../../src/kube/reflector.js';
import type { Connection } from '../../src/state/connection.js';
import { loading, type Slice } from '../../src/state/freshness.js';
import type { Collection } from '../../src/state/snapshot.js';
import { expired, json, type ScriptedApi, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';
import { until } from './until.js';

interface Thing {
  readonly name: string;
  readonly color: string;
}

const path = '/api/v1/things';
let api: ScriptedApi & AsyncDisposable;
let client: KubeClient;
let connection: ConnectionMonitor;
let states: Connection[];
let slices: Slice<Collection<Thing>>[];
let reflector: Reflector;

beforeEach(async () => {
  api = await scriptedApi();
  client = clientFor(api.url);
  states = [];
  connection = createConnectionMonitor({ client, write: (state) => states.push(state) });
});

afterEach(async () => {
  reflector.close();
  connection.close();
  client.close();
  await api[Symbol.asyncDispose]();
});

test('objects that come, change and go appear so in the collection', async () => {
  const things = api.collection(path, [thing('a', 'red'), thing('b', 'blue')]);
  start();
  await until(() => colors() === 'a=red b=blue' && things.watches[0]);
  things.event('MODIFIED', thing('a', 'green'));
  things.event('ADDED', thing('c', 'white'));
  things.event('DELETED', thing('b', 'blue'));
  await until(() => colors() === 'a=green c=white');
  expect(last().freshness.status).toBe('live');
});

test('many events of one moment make one write', async () => {
  const things = api.collection(path);
  start();
  const watch = await until(() => things.watches[0]);
  await until(() => slices.length === 1);
  watch.send(Array.from({ length: 500 }, (_, index) => line('ADDED', thing(`t${index}`, 'red'), 101 + index)).join(''));
  await until(() => last().value?.size === 500);
  expect(slices.length).toBeLessThan(12);
});

test('a long list is read in pages and watched from its resourceVersion', async () => {
  const things = api.collection(
    path,
    Array.from({ length: 25 }, (_, index) => thing(`t${index}`, 'red')),
    4711,
  );
  start({ pageSize: 10 });
  await until(() => last().value?.size === 25 && things.watches[0]);
  expect(api.calls.filter(({ path: called }) => called === path).map(({ query }) => query.get('continue'))).toEqual([null, '10', '20', null]);
  expect(things.watches[0]?.from).toBe('4711');
  expect(things.watches[0]?.query.get('allowWatchBookmarks')).toBe('true');
  expect(Number(things.watches[0]?.query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
  expect(api.calls.some(({ query }) => query.get('resourceVersion') === '0')).toBe(false);
});

test('a list whose pages expire half way is begun again', async () => {
  const things = api.collection(
    path,
    Array.from({ length: 20 }, (_, index) => thing(`t${index}`, 'red')),
  );
  let refused = 0;
  api.on(path, ({ query, ...call }, response) => {
    if (query.has('continue') && refused === 0) {
      refused += 1;
      status(response, 410, 'The provided continue parameter is too old');
    } else things.answer({ query, ...call }, response);
  });
  start({ pageSize: 10 });
  await until(() => last().value?.size === 20);
  expect(refused).toBe(1);
});

test('a watch that the server ends is taken up where it was, without listing again', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  start();
  const watch = await until(() => things.watches[0]);
  things.event('BOOKMARK', { kind: 'Thing', metadata: {} });
  things.event('BOOKMARK', { kind: 'Thing', metadata: {} });
  await until(() => slices.length > 1);
  watch.end();
  const next = await until(() => things.watches[1]);
  expect(next.from).toBe('102');
  expect(lists()).toBe(1);
});

test('a dropped connection with half a line loses nothing', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  start();
  const watch = await until(() => things.watches[0]);
  watch.send(line('MODIFIED', thing('a', 'green'), 101));
  watch.send(line('MODIFIED', thing('a', 'black'), 102).slice(0, 30));
  await until(() => colors() === 'a=green');
  things.resourceVersion = 102;
  watch.cut();
  const next = await until(() => things.watches[1]);
  expect(next.from).toBe('101');
  next.send(line('MODIFIED', thing('a', 'black'), 102));
  await until(() => colors() === 'a=black' && last().freshness.status === 'live');
  expect(states.some(({ status: seen }) => seen === 'lost')).toBe(false);
});

test('a line that is not JSON ends the watch, and it goes on from the last good event', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  start();
  const watch = await until(() => things.watches[0]);
  watch.send(line('MODIFIED', thing('a', 'green'), 101));
  watch.send('{"type":"MODIFIED","object":{{{\n');
  const next = await until(() => things.watches[1]);
  expect(next.from).toBe('101');
  expect(colors()).toBe('a=green');
});

test('a watch that is too old is answered by listing again: what went meanwhile is gone', async () => {
  const things = api.collection(path, [thing('a', 'red'), thing('b', 'blue')]);
  start();
  const watch = await until(() => things.watches[0]);
  things.objects = [thing('b', 'green')];
  things.resourceVersion = 900;
  watch.send(expired());
  await until(() => colors() === 'b=green' && things.watches[1]);
  expect(things.watches[1]?.from).toBe('900');
});

test('a watch refused as too old from the start is answered by listing again', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  let refused = 0;
  api.on(path, (call, response) => {
    if (call.query.has('watch') && refused++ === 0) status(response, 410, 'too old resource version');
    else things.answer(call, response);
  });
  start();
  await until(() => things.watches[0]);
  expect(lists()).toBe(2);
});

test('a watch that falls silent is begun anew, so that a dead connection is noticed', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  start({ idleMs: 50 });
  await until(() => things.watches.length >= 2);
  expect(things.watches[1]?.from).toBe('100');
  expect(lists()).toBe(1);
  expect(last().freshness.status).toBe('live');
});

test('a forbidden list becomes denied, and is asked for again on refresh', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  api.on(path, (_, response) => status(response, 403, 'things is forbidden: User "viewer" cannot list resource "things"'));
  start();
  await until(() => last().freshness.status === 'denied');
  expect(last()).toEqual({ value: null, freshness: { status: 'denied', verb: 'list', resource: 'things' } });
  expect(states.at(-1)?.status).toBe('connected');
  api.on(path, things.answer);
  reflector.refresh();
  await until(() => colors() === 'a=red');
});

test('a resource that the server does not have is absent, with the reason', async () => {
  start();
  await until(() => last().freshness.status === 'absent');
  expect(last().freshness).toEqual({ status: 'absent', why: 'the server does not serve things' });
});

test('a server that answers 500 to one resource leaves it loading with the reason, and the rest alone', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  let failures = 2;
  api.on(path, (call, response) => (failures-- > 0 ? status(response, 500, 'etcdserver: request timed out') : things.answer(call, response)));
  start();
  await until(() => last().freshness.status === 'loading' && slices.length > 0);
  expect(last().freshness).toMatchObject({ why: expect.stringContaining('etcdserver: request timed out') });
  await until(() => colors() === 'a=red');
  expect(states.at(-1)?.status).toBe('connected');
});

test('while the server is down what was seen stays, marked stale; after its return with a lower resourceVersion everything is listed anew', async () => {
  const things = api.collection(path, [thing('a', 'red')], 5000);
  start();
  await until(() => things.watches[0] && colors() === 'a=red');
  await api.stop();
  await until(() => last().freshness.status === 'stale');
  expect(colors()).toBe('a=red');
  expect(last().freshness).toMatchObject({ why: expect.stringContaining('refuses connections') });
  expect(states.at(-1)).toMatchObject({ status: 'lost', kind: 'unreachable', context: 'lab' });

  things.objects = [thing('b', 'blue')];
  things.resourceVersion = 12;
  await api.start();
  await until(() => colors() === 'b=blue');
  expect(last().freshness.status).toBe('live');
  await until(() => states.at(-1)?.status === 'connected');
  expect(things.watches.at(-1)?.from ?? '12').toBe('12');
});

test('after a short outage the watch goes on from where it was', async () => {
  const things = api.collection(path, [thing('a', 'red')], 5000);
  start();
  await until(() => things.watches[0] && colors() === 'a=red');
  await api.stop();
  await until(() => last().freshness.status === 'stale');
  things.event('MODIFIED', thing('a', 'green'));
  await api.start();
  const next = await until(() => things.watches[1]);
  expect(next.from).toBe('5000');
});

test('an answer that is a web page is not a cluster, and says so', async () => {
  api.on('*', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Sign in</title></html>'));
  start();
  const state = await until(() => states.find((seen) => seen.status === 'lost'));
  expect(state).toMatchObject({ kind: 'not-kubernetes', why: expect.stringContaining('a web page ("Sign in")') });
  expect(last().freshness).toMatchObject({ status: 'loading', why: expect.stringContaining('web page') });
});

test('a user who may list but not watch sees the list', async () => {
  const things = api.collection(path, [thing('a', 'red')]);
  let watched = 0;
  api.on(path, (call, response) => {
    if (call.query.has('watch')) {
      watched += 1;
      status(response, 403, 'cannot watch');
    } else things.answer(call, response);
  });
  start();
  await until(() => watched === 1);
  expect(colors()).toBe('a=red');
  expect(last().freshness.status).toBe('live');
});

test('an empty list is an empty collection, not a missing one', async () => {
  api.on(path, ({ query }, response) => {
    if (query.has('watch')) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    else json(response, { kind: 'ThingList', metadata: { resourceVersion: '7' }, items: null });
  });
  start();
  await until(() => last().value?.size === 0);
});

function start(options: { pageSize?: number; idleMs?: number } = {}): void {
  slices = [];
  reflector = startReflector<Thing>({
    client,
    connection,
    resource: { path, name: 'things' },
    project: (object) => projected(object),
    write: (slice) => slices.push(slice),
    ...options,
  });
}

function projected(object: unknown): Thing | null {
  const { metadata, color } = Object(object);
  return { name: metadata.name, color };
}

function thing(name: string, color: string): { metadata: { name: string }; color: string } {
  return { metadata: { name }, color };
}

function line(type: string, object: { metadata: object }, resourceVersion: number): string {
  return `${JSON.stringify({ type, object: { ...object, metadata: { ...object.metadata, resourceVersion: String(resourceVersion) } } })}\n`;
}

function last(): Slice<Collection<Thing>> {
  return slices.at(-1) ?? loading(0);
}

function colors(): string {
  return [...(last().value?.values() ?? [])].map(({ name, color }) => `${name}=${color}`).join(' ');
}

function lists(): number {
  return api.calls.filter(({ path: called, query }) => called === path && !query.has('watch')).length;
}
