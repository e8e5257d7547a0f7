import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/demo/api/api-error.js';
import { createObjectStore } from '../../../src/demo/api/memory-store.js';
import type { KubeObject, WatchEvent } from '../../../src/demo/api/object-store.js';

describe('the object store', () => {
  it('fills in what the server fills in, and leaves the given object alone', () => {
    const store = createObjectStore({ now: () => Date.UTC(2026, 10, 21, 6, 0, 0, 500) });
    const given = pod('a', 'default');
    const created = store.create('pods', given);
    expect(given.metadata.uid).toBeUndefined();
    expect(created.metadata).toMatchObject({ creationTimestamp: '2026-11-21T06:00:00Z', resourceVersion: '1001' });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.metadata.generation).toBeUndefined();
    expect(
      store.create('deployments.apps', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'n' }, spec: {} }).metadata.generation,
    ).toBe(1);
    expect(store.resourceVersion).toBe(1002);
  });

  it('lists in the order of etcd, whatever came and went', () => {
    const store = createObjectStore();
    for (const [name, namespace] of [
      ['b', 'a'],
      ['a', 'a'],
      ['c', 'a-b'],
      ['x', 'b'],
    ] as const)
      store.create('pods', pod(name, namespace));
    expect(names(store.list('pods'))).toEqual(['a-b/c', 'a/a', 'a/b', 'b/x']);
    store.remove('pods', 'a', 'a');
    store.create('pods', pod('aa', 'a'));
    store.create('pods', pod('a', 'a'));
    expect(names(store.list('pods', 'a'))).toEqual(['a/a', 'a/aa', 'a/b']);
    expect(store.count('pods')).toBe(5);
    expect(store.count('pods', 'a')).toBe(3);
    expect(store.list('nodes')).toEqual([]);
  });

  it('refuses to create twice and to update what changed meanwhile', () => {
    const store = createObjectStore();
    const first = store.create('pods', pod('a', 'default'));
    expect(() => store.create('pods', pod('a', 'default'))).toThrow('pods "a" already exists');
    store.update('pods', { ...first, status: { phase: 'Running' } });
    const stale = (): unknown => store.update('pods', { ...first, status: { phase: 'Failed' } });
    expect(stale).toThrow(ApiError);
    expect(stale).toThrow(
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    expect(() => store.update('pods', pod('none', 'default'))).toThrow('pods "none" not found');
  });

  it('keeps the resourceVersion when an update changes nothing', () => {
    const store = createObjectStore();
    const first = store.create('pods', pod('a', 'default'));
    const events: WatchEvent[] = [];
    store.subscribe('pods', (event) => events.push(event));
    expect(store.update('pods', structuredClone(first))).toBe(first);
    expect(events).toEqual([]);
  });

  it('tells listeners what was and what is', () => {
    const store = createObjectStore();
    const events: WatchEvent[] = [];
    const stop = store.subscribe('pods', (event) => events.push(event));
    const first = store.create('pods', pod('a', 'default'));
    const second = store.update('pods', { ...first, status: { phase: 'Running' } });
    const last = store.remove('pods', 'a', 'default');
    expect(events.map(({ type, object, previous }) => [type, object, previous])).toEqual([
      ['ADDED', first, null],
      ['MODIFIED', second, first],
      ['DELETED', last, second],
    ]);
    expect(last?.metadata.resourceVersion).toBe(String(store.resourceVersion));
    expect(store.remove('pods', 'a', 'default')).toBeNull();
    stop();
    store.create('pods', pod('b', 'default'));
    expect(events).toHaveLength(3);
  });

  it('replays changes after a resourceVersion until they are forgotten', () => {
    const store = createObjectStore({ historySize: 3, resourceVersion: 0 });
    for (let i = 1; i <= 5; i += 1) store.create('pods', pod(`p${i}`, 'default'));
    expect(store.since('pods', 3)?.map((event) => event.resourceVersion)).toEqual([4, 5]);
    expect(store.since('pods', 5)).toEqual([]);
    expect(store.since('pods', 0)).toHaveLength(5);
    store.create('pods', pod('p6', 'default'));
    expect(store.since('pods', 2)).toBeNull();
    expect(store.oldest('pods')).toBe(3);
    store.compact();
    expect(store.since('pods', 5)).toBeNull();
    expect(store.since('pods', 6)).toEqual([]);
    expect(store.since('nodes', 5)).toBeNull();
  });
});

function pod(name: string, namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { containers: [{ name: 'c', image: 'i' }] } };
}

function names(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
