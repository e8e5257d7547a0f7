import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openJournal } from '../../src/journal/journal.js';
import { createOperationDesk, type OperationDeskOptions } from '../../src/operations/desk.js';
import type { Operation, PlannedOperation, World } from '../../src/operations/operation.js';
import type { OperationRun } from '../../src/state/operations.js';
import type { Slices } from '../../src/state/snapshot.js';
import { createStore } from '../../src/state/store.js';
import { aFolder } from '../journal/lines.js';
import { until } from '../kube/until.js';
import { aDeletion, aPlannedOperation, aWorld, ok } from './a-world.js';

/** A desk with one operation, `clear`, and what it wrote to the store. */
function aDesk(planned: PlannedOperation, world: World = aWorld(), options: Partial<OperationDeskOptions> = {}) {
  const clear: Operation = { id: 'clear', title: 'clear pods', plan: async () => planned };
  const store = createStore();
  const written: (keyof Slices)[] = [];
  const runs: (readonly OperationRun[])[] = [];
  const journal = openJournal({ dir: aFolder() });
  const refresh = vi.fn();
  const desk = createOperationDesk({
    world,
    registry: [clear],
    journal,
    store: {
      write(name, slice) {
        store.write(name, slice);
        store.flush();
        written.push(name);
        if (name === 'operations') runs.push(store.snapshot().operations.value ?? []);
      },
    },
    readOnly: false,
    who: 'ops@headnode',
    refresh,
    ...options,
  });
  return { desk, journal, store, written, refresh, runs, plan: () => desk.plan({ id: 'clear', input: { namespace: 'ai' } }) };
}

const threeDeletions = () => aPlannedOperation(['a', 'b', 'c'].map(aDeletion));

describe('the operation desk', () => {
  it('carries out a plan, shows how far it is, and journals it', async () => {
    const { desk, journal, store, runs, refresh, plan } = aDesk(threeDeletions());
    const id = await desk.start(await plan(), null);
    const run = await desk.finished(id);
    expect(run).toMatchObject({ id, state: 'done', verification: { seen: true } });
    expect(run.items.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(runs.at(0)?.[0]).toMatchObject({ state: 'running', items: [{ state: 'waiting' }, { state: 'waiting' }, { state: 'waiting' }] });
    expect(runs.at(-1)?.[0]).toEqual(run);
    expect(refresh).toHaveBeenCalled();
    const { entries } = await journal.read();
    expect(entries).toMatchObject([
      { id, who: 'ops@headnode', context: 'lab', result: 'done', said: 'all of it is there', items: { done: 3, failed: 0, total: 3 } },
    ]);
    await until(() => store.snapshot().journal.value?.entries[0]?.said === 'all of it is there');
  });

  it('writes to the journal before anything is changed', async () => {
    const before: string[] = [];
    const journal = openJournal({ dir: aFolder() });
    const request = async () => {
      before.push(...(await journal.read()).entries.map(({ result }) => result));
      return ok;
    };
    const { desk, plan } = aDesk(aPlannedOperation([aDeletion('a')]), aWorld({ request }), { journal });
    await desk.finished(await desk.start(await plan(), null));
    expect(before).toEqual(['running']);
  });

  it('changes nothing where the journal cannot be written, and says so; the same plan can be started when it can', async () => {
    const dir = aFolder();
    mkdirSync(join(dir, 'journal.jsonl'));
    const asked: string[] = [];
    const request = async (path: string) => {
      asked.push(path);
      return ok;
    };
    const journal = openJournal({ dir: join(dir, 'inside') });
    const { desk, plan } = aDesk(threeDeletions(), aWorld({ request }), { journal: { ...openJournal({ dir }), read: journal.read } });
    const made = await plan();
    await expect(desk.start(made, null)).rejects.toThrow(/nothing was changed: cannot write the journal/);
    await expect(desk.start(made, null)).rejects.toThrow(/nothing was changed/);
    expect(asked).toEqual([]);
    chmodSync(dir, 0o700);
  });

  it('starts a plan once', async () => {
    const { desk, plan } = aDesk(threeDeletions());
    const made = await plan();
    const [first, second] = await Promise.allSettled([desk.start(made, null), desk.start(made, null)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { message: 'this plan has been started already: plan again to do it once more' } });
  });

  it('starts only what was planned here', async () => {
    const { desk } = aDesk(threeDeletions());
    await expect(desk.start({ ...threeDeletions().plan }, null)).rejects.toThrow('this plan was not made here');
    await expect(desk.plan({ id: 'format-disk', input: {} })).rejects.toThrow('there is no operation called format-disk');
  });

  it('does nothing that is blocked, and says by what', async () => {
    const { desk, plan } = aDesk(aPlannedOperation([aDeletion('a')], {}, { blockers: ['not allowed to delete pods in ai'] }));
    await expect(desk.start(await plan(), null)).rejects.toThrow('this cannot be done as things are: not allowed to delete pods in ai');
  });

  it('destroys only what was named', async () => {
    const { desk, plan } = aDesk(aPlannedOperation([aDeletion('a')], {}, { risk: 'destructive', confirmName: 'lab' }));
    const made = await plan();
    await expect(desk.start(made, null)).rejects.toThrow('type lab to confirm');
    await expect(desk.start(made, 'prod')).rejects.toThrow('type lab to confirm');
    await expect(desk.start(made, 'lab')).resolves.toBeTruthy();
  });

  it('plans but starts nothing in a read-only session', async () => {
    const { desk, plan } = aDesk(threeDeletions(), aWorld(), { readOnly: true });
    await expect(desk.start(await plan(), null)).rejects.toThrow('this session is read-only');
  });

  it('begins no further step after it was cancelled, and journals that', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const request = () => held.then(() => ok);
    const { desk, journal, plan } = aDesk(threeDeletions(), aWorld({ request }));
    const id = await desk.start(await plan(), null);
    desk.cancel(id);
    release();
    expect(await desk.finished(id)).toMatchObject({ state: 'cancelled', verification: null });
    expect((await journal.read()).entries).toMatchObject([{ result: 'cancelled', items: { done: 1, failed: 0, total: 3 } }]);
  });

  it('ends what runs and finishes its journal lines when the cluster is left', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { desk, journal, written, plan } = aDesk(threeDeletions(), aWorld({ request: () => held.then(() => ok) }));
    const made = await plan();
    await desk.start(made, null);
    const closed = desk.close();
    const writtenThen = written.length;
    release();
    await closed;
    expect((await journal.read()).entries).toMatchObject([{ result: 'cancelled' }]);
    expect(written).toHaveLength(writtenThen);
    await expect(desk.plan({ id: 'clear', input: {} })).rejects.toThrow('this cluster has been left');
  });

  it('says what went wrong in the journal', async () => {
    const request = () => Promise.reject(new Error('connection refused'));
    const { desk, journal, plan } = aDesk(threeDeletions(), aWorld({ request }));
    expect(await desk.finished(await desk.start(await plan(), null))).toMatchObject({ state: 'failed' });
    expect((await journal.read()).entries).toMatchObject([{ result: 'failed', said: 'connection refused', items: { done: 0, failed: 1, total: 3 } }]);
  });

  it('shows ten thousand items without copying them for each one, and keeps the journal line short', async () => {
    const many = aPlannedOperation(
      Array.from({ length: 10_000 }, (_, index) => aDeletion(`pod-${index}`)),
      { concurrency: 32 },
    );
    const { desk, journal, runs, plan } = aDesk(many);
    const started = performance.now();
    await desk.finished(await desk.start(await plan(), null));
    const tookMs = performance.now() - started;
    expect(tookMs).toBeLessThan(5_000);
    expect(runs.length).toBeLessThan(5 + tookMs / 90);
    const [entry] = (await journal.read()).entries;
    expect(entry?.plan).toHaveLength(20);
    expect(entry?.plan.at(-1)).toBe('and 9,981 more');
    expect(entry?.items).toEqual({ done: 10_000, failed: 0, total: 10_000 });
  });
});
