import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, textAt } from '../../../src/demo/api/json.js';
import { aPod, startTestCluster, type TestCluster } from './test-cluster.js';

describe('watching over HTTP', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await startTestCluster({ store: { historySize: 5 } });
  });
  afterEach(() => cluster.close());

  const seen = (events: readonly unknown[]): string[] =>
    events.map((event) => `${textAt(event, 'type')} ${textAt(event, 'object', 'metadata', 'name')}`.trim());

  it('begins after the version given and goes on with what happens', async () => {
    cluster.store.create('pods', aPod('a'));
    const version = cluster.store.resourceVersion;
    const pod = cluster.store.create('pods', aPod('b'));
    const watching = cluster.watch(`/api/v1/namespaces/ai/pods?watch=1&resourceVersion=${version}`, (events) => {
      if (events.length === 1 && cluster.store.get('pods', 'c', 'ai') === null) {
        cluster.store.create('pods', aPod('elsewhere', { namespace: 'default' }));
        cluster.store.create('pods', aPod('c'));
        cluster.store.update('pods', { ...pod, status: { phase: 'Failed' } });
        cluster.store.remove('pods', 'b', 'ai');
      }
      return events.length === 4;
    });
    expect(seen(await watching)).toEqual(['ADDED b', 'ADDED c', 'MODIFIED b', 'DELETED b']);
  });

  it('shows a selection: things appear and vanish by changing', async () => {
    const pod = cluster.store.create('pods', aPod('a', { phase: 'Pending' }));
    const selector = encodeURIComponent('status.phase!=Failed,status.phase!=Succeeded');
    const events = await cluster.watch(`/api/v1/pods?watch=true&fieldSelector=${selector}`, (so) => {
      if (so.length === 1) {
        const failed = cluster.store.update('pods', { ...pod, status: { phase: 'Failed' } });
        cluster.store.update('pods', { ...failed, metadata: { ...failed.metadata, labels: {} } });
        cluster.store.update('pods', { ...pod, metadata: { ...pod.metadata, resourceVersion: '' }, status: { phase: 'Running' } });
      }
      return so.length === 3;
    });
    expect(seen(events)).toEqual(['ADDED a', 'DELETED a', 'ADDED a']);
    expect(at(events[1], 'object', 'status', 'phase')).toBe('Pending');
  });

  it('says 410 in the stream for a version that is forgotten', async () => {
    for (let i = 0; i < 20; i += 1) cluster.store.create('pods', aPod(`p${i}`));
    const [event] = await cluster.watch('/api/v1/pods?watch=1&resourceVersion=1001', (events) => events.length === 1);
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(textAt(event, 'object', 'message')).toMatch(/^too old resource version: 1001 \(\d+\)$/);
    const version = cluster.store.resourceVersion - 1;
    cluster.api.compact();
    const [compacted] = await cluster.watch(`/api/v1/pods?watch=1&resourceVersion=${version}`, (events) => events.length === 1);
    expect(at(compacted, 'object', 'code')).toBe(410);
  });

  it('says 504 after a while for a version yet to come', async () => {
    const { status, body } = await cluster.ask('/api/v1/pods?watch=1&resourceVersion=999999');
    expect(status).toBe(504);
    expect(textAt(body, 'message')).toBe(`Timeout: Too large resource version: 999999, current: ${cluster.store.resourceVersion}`);
  });

  it('ends with a bookmark at its timeout', async () => {
    const { body } = await cluster.ask(`/api/v1/pods?watch=1&resourceVersion=${cluster.store.resourceVersion}&allowWatchBookmarks=true&timeoutSeconds=1`);
    expect(body).toEqual({
      type: 'BOOKMARK',
      object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: String(cluster.store.resourceVersion), creationTimestamp: null } },
    });
  });

  it('can begin with all that is there, and marks the end of it', async () => {
    cluster.store.create('pods', aPod('a'));
    const path = '/api/v1/pods?watch=1&sendInitialEvents=true&allowWatchBookmarks=true';
    const events = await cluster.watch(`${path}&resourceVersionMatch=NotOlderThan`, (so) => so.length === 2);
    expect(seen(events)).toEqual(['ADDED a', 'BOOKMARK']);
    expect(at(events[1], 'object', 'metadata', 'annotations')).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect((await cluster.ask(path)).status).toBe(422);
  });

  it('speaks tables, with the columns once', async () => {
    cluster.store.create('pods', aPod('a'));
    cluster.store.create('pods', aPod('b'));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const [first, second] = await cluster.watch('/api/v1/pods?watch=1', (so) => so.length === 2, { accept });
    expect(at(first, 'object', 'columnDefinitions')).toHaveLength(9);
    expect(at(second, 'object', 'columnDefinitions')).toBeNull();
    expect(at(second, 'object', 'kind')).toBe('Table');
  });
});
