import { describe, expect, it } from 'vitest';
import { cleanPods } from '../../../src/operations/clean/pods.js';
import type { World } from '../../../src/operations/operation.js';
import { runPlanned } from '../../../src/operations/run.js';
import type { ItemProgress } from '../../../src/state/operations.js';
import { aPod, aSnapshot, collection } from '../../builders/snapshot.js';
import { clientFor } from '../../kube/client-for.js';
import { aWorld } from '../a-world.js';
import { failed } from './failed-pods.js';
import { type PodsServer, podsServer } from './pods-server.js';

const running = aPod({ name: 'whisper-new', owner: { kind: 'ReplicaSet', name: 'whisper-7f6d5c4b9x' } });
const snapshot = aSnapshot({ pods: collection(running) });
const many = (amount: number) => Array.from({ length: amount }, (_, index) => failed(`whisper-${index}`));

function worldOf(server: PodsServer): World & Disposable {
  const client = clientFor(server.url);
  return { ...aWorld({ snapshot }), client, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

/** Runs the clean-up of all evicted pods; `meanwhile` is told of each item that ended. */
async function cleanUp(world: World, meanwhile: (ended: number, cancel: () => void) => void = () => undefined) {
  const cancelling = new AbortController();
  const planned = await cleanPods.plan({ reasons: 'Evicted' }, world);
  const last = new Map<string, ItemProgress>();
  const ends: string[] = [];
  let state = '';
  let seen: string | null = null;
  for await (const event of runPlanned(planned, world, cancelling.signal)) {
    if (event.event === 'item') {
      last.set(event.progress.id, event.progress);
      if (event.progress.state === 'running') continue;
      ends.push(event.progress.id);
      meanwhile(ends.length, () => cancelling.abort());
    } else if (event.event === 'ended') {
      state = event.state;
      seen = event.verification?.text ?? null;
    }
  }
  const of = (wanted: ItemProgress['state']) => [...last.values()].filter((item) => item.state === wanted);
  // Nothing ends twice.
  expect(new Set(ends).size).toBe(ends.length);
  return { state, seen, total: planned.steps.length, done: of('done'), failed: of('failed'), skipped: of('skipped') };
}

describe('a clean-up of ended pods', () => {
  it('deletes what was planned over a few connections, more at a time as long as that is faster, and leaves what ends after it', async () => {
    await using server = await podsServer(many(600), { delayMs: 5 });
    using world = worldOf(server);
    const outcome = await cleanUp(world, (ended) => {
      if (ended === 100) for (const pod of ['late-1', 'late-2'].map((name) => failed(name))) server.pods.set(pod.metadata.name, pod);
    });
    expect(outcome).toMatchObject({ state: 'done', total: 600, seen: 'all 600 pods are gone', failed: [] });
    expect([...server.pods.keys()]).toEqual(['late-1', 'late-2']);
    expect(server.seen.atOnce).toBeGreaterThan(16);
    expect(server.seen.atOnce).toBeLessThanOrEqual(64);
    expect(server.seen.connections).toBeLessThan(150);
  });

  it('goes on after the API server was restarted in the middle, and counts no pod twice', async () => {
    await using server = await podsServer(many(400), { delayMs: 3 });
    using world = worldOf(server);
    let restarted: Promise<void> | null = null;
    const outcome = await cleanUp(world, (ended) => {
      if (ended !== 150) return;
      restarted = server.stop().then(async () => {
        const { deletes } = server.seen;
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(server.seen.deletes).toBe(deletes);
        await server.start();
      });
    });
    await restarted;
    expect(outcome).toMatchObject({ state: 'done', total: 400, failed: [], skipped: [] });
    expect(outcome.done.filter(({ said }) => said !== null)).toEqual([]);
    expect(server.pods.size).toBe(0);
  });

  it('counts a pod whose answer was cut off, and that is gone at the next try, as deleted by itself', async () => {
    await using server = await podsServer(many(3));
    using world = worldOf(server);
    server.trouble = (name, times) => (name === 'whisper-1' && times === 1 ? 'cut' : null);
    const outcome = await cleanUp(world);
    expect(outcome.done.map(({ said }) => said)).toEqual([null, null, null]);
    expect(server.seen.deletes).toBeGreaterThan(3);
  });

  it('waits as long as a busy server asks for, and finishes', async () => {
    await using server = await podsServer(many(40));
    using world = worldOf(server);
    let refusedAt = 0;
    let againAt = 0;
    server.trouble = (name, times) => {
      if (name !== 'whisper-10') return null;
      if (times === 2) againAt = Date.now();
      if (times > 1) return null;
      refusedAt = Date.now();
      return { code: 429, message: 'too many requests', headers: { 'retry-after': '1' } };
    };
    expect(await cleanUp(world)).toMatchObject({ state: 'done', failed: [] });
    expect(againAt - refusedAt).toBeGreaterThanOrEqual(990);
  });

  it('leaves a pod that has taken the name of another, and counts what others deleted as gone already', async () => {
    await using server = await podsServer(many(4));
    using world = worldOf(server);
    server.trouble = (name) => {
      if (name === 'whisper-0') server.pods.set(name, { ...failed(name), metadata: { ...failed(name).metadata, uid: 'another' } });
      if (name === 'whisper-1') server.pods.delete(name);
      return null;
    };
    const { done, state } = await cleanUp(world);
    expect(state).toBe('done');
    expect(done.map(({ said }) => said).sort()).toEqual(['already gone', 'already gone: another one has its name now', null, null]);
    expect([...server.pods.keys()]).toEqual(['whisper-0']);
  });

  it('asks no more in a namespace where the right was taken away half-way, and tells each pod that stays', async () => {
    await using server = await podsServer(many(300), { delayMs: 1 });
    using world = worldOf(server);
    let allowed = 100;
    server.trouble = (name) =>
      allowed-- > 0
        ? null
        : { code: 403, message: `pods "${name}" is forbidden: User "ops" cannot delete resource "pods" in API group "" in the namespace "ai"` };
    const outcome = await cleanUp(world);
    expect(outcome.state).toBe('failed');
    expect(outcome.done).toHaveLength(100);
    expect(outcome.failed).toHaveLength(200);
    expect(server.seen.deletes).toBeLessThan(200);
    expect(outcome.seen).toBe('200 of 300 pods are still there');
  });

  it('tells what a webhook denies and what finalizers hold, and does not wait for them', async () => {
    await using server = await podsServer([failed('denied'), failed('held', { finalizers: ['example.com/archive'] }), failed('free')]);
    using world = worldOf(server);
    server.trouble = (name) => (name === 'denied' ? { code: 403, message: 'admission webhook "keep.example.com" denied the request: not today' } : null);
    const outcome = await cleanUp(world);
    expect(outcome.failed.map(({ said }) => said).sort()).toEqual([
      'admission webhook "keep.example.com" denied the request: not today',
      'deleted, but it stays Terminating until its finalizer lets it go: example.com/archive',
    ]);
    expect(outcome.seen).toBe('2 of 3 pods are still there, 1 of them held by finalizers');
  });

  it('tries a server error a few times, and not for ever', async () => {
    await using server = await podsServer(many(2));
    using world = worldOf(server);
    server.trouble = (name, times) =>
      name === 'whisper-0' || times === 1 ? { code: 500, message: 'Internal error occurred: failed calling webhook "keep.example.com"' } : null;
    const outcome = await cleanUp(world);
    expect(outcome.done).toHaveLength(1);
    expect(outcome.failed[0]?.said).toContain('failed calling webhook');
  });

  it('stops within a second of being told to, even where the server does not answer, and finishes at the next run', async () => {
    await using server = await podsServer(many(500), { delayMs: 2 });
    using world = worldOf(server);
    let cancelledAt = 0;
    const first = await cleanUp(world, (ended, cancel) => {
      if (ended !== 200) return;
      server.trouble = () => 'silent';
      cancelledAt = Date.now();
      cancel();
    });
    expect(Date.now() - cancelledAt).toBeLessThan(1000);
    expect(first.state).toBe('cancelled');
    expect(first.failed.every(({ said }) => said === 'cancelled before the server answered: it may be gone')).toBe(true);
    expect(first.done.length + first.failed.length + first.skipped.length).toBe(500);
    server.trouble = () => null;
    const second = await cleanUp(world);
    expect(second).toMatchObject({ state: 'done', failed: [] });
    expect(first.done.length + second.total).toBe(500);
    expect(server.pods.size).toBe(0);
  });
});
