import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openJournal } from '../../src/journal/journal.js';
import { childProgram } from './child.js';
import { aFolder } from './lines.js';

const writer = childProgram(`
  import { openJournal } from '@src/journal/journal.js';
  const [dir, name, amount, maxBytes] = process.argv.slice(2);
  const journal = openJournal({ dir, maxBytes: Number(maxBytes) });
  for (let index = 0; index < Number(amount); index += 2) {
    const id = name + '-' + index;
    await journal.begin({ id, at: Date.now(), who: 'ops@headnode', context: 'lab', operation: { id: 'restart-unit', input: { host: 'gpu-2', unit: 'kubelet' } },
      title: 'Restart kubelet on gpu-2', risk: 'disruptive', plan: ['gpu-2# systemctl restart kubelet '.repeat(index % 20)], undo: null, total: 1 });
    await journal.end(id, { result: 'done', said: 'kubelet is active', items: { done: 1, failed: 0, total: 1 }, tookMs: 1 });
  }
  console.log('written');
`);

const fixer = childProgram(`
  import { openJournal } from '@src/journal/journal.js';
  import { createOperationDesk } from '@src/operations/desk.js';
  const plan = { ref: { id: 'swap-off', input: { host: 'gpu-2' } }, title: 'Switch swap off on gpu-2', risk: 'safe', items: [{ id: '1', object: 'host/gpu-2', text: 'Switch swap off', exact: 'gpu-2# swapoff -a' }],
    warnings: [], blockers: [], undo: 'gpu-2# swapon -a', confirmName: 'gpu-2', goal: 'no swap on gpu-2', plannedAt: Date.now() };
  const step = { item: plan.items[0], action: { do: 'command', host: 'gpu-2', argv: ['swapoff', '-a'], sudo: true } };
  const hangs = { name: 'gpu-2', road: 'ssh', close() {}, run() { console.log('swapoff runs'); return new Promise(() => setInterval(() => {}, 1000)); } };
  const world = { snapshot: () => ({}), until: async () => false, context: 'lab', client: {}, host: async () => hangs, access: async () => 'yes' };
  const desk = createOperationDesk({ world, registry: [{ id: 'swap-off', title: '', plan: async () => ({ plan, steps: [step], concurrency: 1, verify: async () => ({ seen: true, text: '' }) }) }],
    journal: openJournal({ dir: process.argv[2] }), store: { write() {} }, readOnly: false, who: 'ops@headnode', refresh() {} });
  await desk.start(await desk.plan({ id: 'swap-off', input: { host: 'gpu-2' } }), null);
`);

afterAll(() => {
  writer.remove();
  fixer.remove();
});

describe('two programs at once', () => {
  it('write 1,000 lines each, and none is mixed up or lost', async () => {
    const dir = aFolder();
    const all = ['one', 'two'].map((name) => writer.start(dir, name, '1000', String(50 * 2 ** 20)));
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([0, 0]);
    const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2_000);
    const { entries, unreadable } = await openJournal({ dir }).read();
    expect(unreadable).toEqual([]);
    expect(entries).toHaveLength(1_000);
    expect(entries.filter(({ result }) => result !== 'done')).toEqual([]);
  });

  it('lose nothing when files are put aside meanwhile', async () => {
    const dir = aFolder();
    // About 600 bytes a pair: six files of 64 KiB hold all of it.
    const all = ['one', 'two'].map((name) => writer.start(dir, name, '300', String(48 * 1024)));
    await Promise.all(all.map(({ ended }) => ended));
    expect(readdirSync(dir).filter((name) => name.startsWith('journal.jsonl.')).length).toBeGreaterThan(1);
    const { entries, unreadable } = await openJournal({ dir, maxBytes: 48 * 1024 }).read();
    expect(unreadable).toEqual([]);
    expect(entries).toHaveLength(300);
  });
});

describe('a program killed in the middle of a fix', () => {
  it('leaves a readable journal that says what was begun, running first and interrupted when it is gone', async () => {
    const dir = aFolder();
    const { process: child, said, ended } = fixer.start(dir);
    expect(await said).toBe('swapoff runs');
    expect((await openJournal({ dir }).read()).entries).toMatchObject([{ result: 'running', title: 'Switch swap off on gpu-2' }]);
    child.kill('SIGKILL');
    await ended;
    const journal = openJournal({ dir });
    expect(await journal.read()).toMatchObject({
      unreadable: [],
      entries: [
        {
          result: 'interrupted',
          said: 'the program ended in the middle of it; what was done by then is not known',
          plan: ['gpu-2# swapoff -a'],
          undo: 'gpu-2# swapon -a',
          items: { done: 0, failed: 0, total: 1 },
        },
      ],
    });
    const next = fixer.start(dir);
    await next.said;
    expect((await journal.read()).entries.map(({ result }) => result)).toEqual(['running', 'interrupted']);
    next.process.kill('SIGKILL');
    await next.ended;
  });
});
