import { expect, test } from 'vitest';
import { createConnectionMonitor } from '../../src/kube/connection.js';
import { startDeadPods } from '../../src/kube/dead-pods.js';
import { loading, type Slice } from '../../src/state/freshness.js';
import type { DeadPods } from '../../src/state/pods.js';
import { type Answer, expired, json, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';
import { until } from './until.js';

const path = '/api/v1/pods';

test('ended pods are counted by the column that kubectl shows, page by page, without their objects', async () => {
  const failed = [...Array.from({ length: 2500 }, () => 'Evicted'), 'Error', 'UnexpectedAdmissionError', 'Error'];
  await using feed = await deadPods(tables({ Failed: failed, Succeeded: ['Completed', 'Completed'] }));
  await until(() => feed.last().value !== null);
  expect(feed.last()).toMatchObject({ freshness: { status: 'live' }, value: { failed: 2503, succeeded: 2 } });
  expect([...(feed.last().value?.failedByReason ?? [])]).toEqual([
    ['Evicted', 2500],
    ['Error', 2],
    ['UnexpectedAdmissionError', 1],
  ]);
  const lists = feed.calls().filter(({ query }) => !query.has('watch'));
  expect(lists).toHaveLength(3);
  for (const { query, headers } of lists) {
    expect(query.get('includeObject')).toBe('None');
    expect(headers.accept).toContain('as=Table');
  }
});

test('a pod that ends or goes makes it count again', async () => {
  const pods: Record<'Failed' | 'Succeeded', string[]> = { Failed: ['Evicted'], Succeeded: [] };
  await using feed = await deadPods(tables(pods));
  const watch = await until(() => feed.watches[0]);
  pods.Failed = [];
  watch.write(`${JSON.stringify({ type: 'DELETED', object: { metadata: { resourceVersion: '51' } } })}\n`);
  await until(() => feed.last().value?.failed === 0);
  await until(() => feed.watches[1]);
  expect(feed.calls().find(({ query }) => query.has('watch'))?.headers.accept).toContain('PartialObjectMetadata');
});

test('a watch that is too old makes it count again', async () => {
  const pods: Record<'Failed' | 'Succeeded', string[]> = { Failed: ['Evicted'], Succeeded: [] };
  await using feed = await deadPods(tables(pods));
  const watch = await until(() => feed.watches[0]);
  pods.Failed = ['Evicted', 'Evicted'];
  watch.write(expired());
  await until(() => feed.last().value?.failed === 2);
});

test('a server without tables is asked for the pods themselves', async () => {
  await using feed = await deadPods(({ query }, response) => {
    const items =
      query.get('fieldSelector') === 'status.phase=Failed'
        ? [{ status: { reason: 'Evicted' } }, { status: { containerStatuses: [{ state: { terminated: { reason: 'OOMKilled' } } }] } }, {}]
        : [];
    json(response, { kind: 'PodList', metadata: { resourceVersion: '1' }, items });
  });
  await until(() => feed.last().value !== null);
  expect(feed.last().value?.failedByReason).toEqual(
    new Map([
      ['Evicted', 1],
      ['OOMKilled', 1],
      ['Failed', 1],
    ]),
  );
});

test('a user who may not list pods is denied', async () => {
  await using feed = await deadPods((_, response) => status(response, 403, 'no'));
  await until(() => feed.last().freshness.status === 'denied');
});

function tables(pods: Readonly<Record<'Failed' | 'Succeeded', string[]>>): Answer {
  return ({ query }, response) => {
    const all = pods[query.get('fieldSelector') === 'status.phase=Failed' ? 'Failed' : 'Succeeded'];
    const start = Number(query.get('continue') ?? 0);
    const end = start + Number(query.get('limit'));
    json(response, {
      kind: 'Table',
      metadata: { resourceVersion: '50', ...(end < all.length ? { continue: String(end) } : {}) },
      columnDefinitions: [{ name: 'Name' }, { name: 'Ready' }, { name: 'Status' }],
      rows: all.slice(start, end).map((reason, index) => ({ cells: [`pod-${index}`, '0/1', reason], object: null })),
    });
  };
}

async function deadPods(answer: Answer) {
  const api = await scriptedApi();
  const watches: Parameters<Answer>[1][] = [];
  api.on(path, (call, response) => {
    if (!call.query.has('watch')) return answer(call, response);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    watches.push(response);
  });
  const client = clientFor(api.url);
  const connection = createConnectionMonitor({ client, write: () => undefined });
  const slices: Slice<DeadPods>[] = [loading(0)];
  const feed = startDeadPods({ client, connection, write: (slice) => slices.push(slice), settleMs: 1 });
  return {
    watches,
    last: () => slices.at(-1) ?? loading<DeadPods>(0),
    calls: () => api.calls.filter((call) => call.path === path),
    async [Symbol.asyncDispose]() {
      feed.close();
      connection.close();
      client.close();
      await api[Symbol.asyncDispose]();
    },
  };
}
