import { describe, expect, it, vi } from 'vitest';
import { KubeError } from '../../src/kube/kube-error.js';
import { createAccess } from '../../src/operations/access.js';
import { createWorld } from '../../src/operations/world.js';
import { live } from '../../src/state/freshness.js';
import { createStore } from '../../src/state/store.js';
import { aNode } from '../builders/snapshot.js';
import { aWorld, ok } from './a-world.js';

describe('the world of operations', () => {
  function worldOn(store = createStore({ settleMs: 1, flushMs: 1 })) {
    const refresh = vi.fn();
    const world = createWorld({ client: aWorld().client, store, context: 'lab', host: () => Promise.reject(new Error('no machine')), refresh });
    return { store, refresh, world };
  }

  it('waits for a snapshot that shows what is waited for, and lets the feeds look meanwhile', async () => {
    const { store, refresh, world } = worldOn();
    const seen = world.until(({ nodes }) => nodes.value?.has('gpu-1') === true, 10_000);
    expect(refresh).toHaveBeenCalledTimes(1);
    store.write('nodes', live(new Map([['gpu-1', aNode()]]), Date.now()));
    expect(await seen).toBe(true);
  });

  it('gives up when the time is over or it is told to', async () => {
    const { world } = worldOn();
    expect(await world.until(() => false, 5)).toBe(false);
    const giveUp = new AbortController();
    const seen = world.until(() => false, 60_000, giveUp.signal);
    giveUp.abort();
    expect(await seen).toBe(false);
    expect(await world.until(() => true, 60_000, giveUp.signal)).toBe(false);
  });

  it('sees at once what holds already', async () => {
    const { refresh, world } = worldOn();
    expect(await world.until(() => true, 0)).toBe(true);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('what the user may do', () => {
  function accessTo(answer: (spec: unknown) => unknown) {
    const asked: unknown[] = [];
    let now = 0;
    const { client } = aWorld({
      request: async (_path, { body }) => {
        asked.push(body);
        return { ...ok, body: { status: answer(body) } };
      },
    });
    return { asked, access: createAccess(client, () => now), later: (ms: number) => (now += ms) };
  }

  it('is asked of the API server as it wants to be asked', async () => {
    const { asked, access } = accessTo(() => ({ allowed: true }));
    expect(await access('patch', 'daemonsets.apps', 'kube-system')).toBe('yes');
    expect(await access('create', 'pods/eviction', null)).toBe('yes');
    expect(asked).toMatchObject([
      { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'patch', resource: 'daemonsets', group: 'apps', namespace: 'kube-system' } } },
      { spec: { resourceAttributes: { verb: 'create', resource: 'pods', subresource: 'eviction', group: '' } } },
    ]);
  });

  it('is asked once a minute', async () => {
    const { asked, access, later } = accessTo(() => ({ allowed: false }));
    expect(await access('delete', 'pods', 'ai')).toBe('no');
    later(59_000);
    expect(await access('delete', 'pods', 'ai')).toBe('no');
    expect(asked).toHaveLength(1);
    later(2_000);
    await access('delete', 'pods', 'ai');
    await access('delete', 'pods', 'default');
    expect(asked).toHaveLength(3);
  });

  it('is unknown where it cannot be asked, and asked anew the next time', async () => {
    let fails = true;
    const { client } = aWorld({
      request: async () => {
        if (fails) throw new KubeError('forbidden', 'no', { status: 403 });
        return { ...ok, body: { status: { allowed: true } } };
      },
    });
    const access = createAccess(client);
    expect(await access('get', 'nodes', null)).toBe('unknown');
    fails = false;
    expect(await access('get', 'nodes', null)).toBe('yes');
  });
});
