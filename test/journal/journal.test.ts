import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { journalFolder, openJournal } from '../../src/journal/journal.js';
import { begunLine, endedLine, parseJournalLine } from '../../src/journal/journal-line.js';
import { aBeginning, aFolder, done } from './lines.js';

describe('the journal', () => {
  it('shows what was done with its result, newest first', async () => {
    const journal = openJournal({ dir: aFolder() });
    await journal.begin(aBeginning('first'));
    await journal.end('first', done);
    await journal.begin(aBeginning('second', { at: Date.UTC(2026, 10, 2, 15), title: 'Uncordon gpu-2', undo: 'kubectl cordon gpu-2' }));
    const { entries, unreadable, file } = await journal.read();
    expect(file).toBe(journal.file);
    expect(unreadable).toEqual([]);
    expect(entries.map(({ id, title, result, said, tookMs }) => [id, title, result, said, tookMs])).toEqual([
      ['second', 'Uncordon gpu-2', 'running', null, null],
      ['first', 'Restart kubelet on gpu-2', 'done', 'kubelet is active, gpu-2 is Ready', 4200],
    ]);
    expect(entries[0]).toMatchObject({ undo: 'kubectl cordon gpu-2', items: { done: 0, failed: 0, total: 1 }, who: 'ops@headnode', context: 'lab' });
  });

  it('is empty before anything was done, and leaves no file for having been looked at', async () => {
    const dir = join(aFolder(), 'state');
    const journal = openJournal({ dir });
    expect(await journal.read()).toEqual({ file: join(dir, 'journal.jsonl'), entries: [], unreadable: [] });
    expect(() => statSync(dir)).toThrow();
  });

  it('can be read by its owner only', async () => {
    const dir = join(aFolder(), 'state', 'gpuk8s-tui');
    const journal = openJournal({ dir });
    await journal.begin(aBeginning('a'));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    chmodSync(journal.file, 0o644);
    await journal.end('a', done);
    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
  });

  it('lies in the state folder that XDG names', () => {
    expect(journalFolder({}, '/home/ops')).toBe('/home/ops/.local/state/gpuk8s-tui');
    expect(journalFolder({ XDG_STATE_HOME: '/srv/state' }, '/home/ops')).toBe('/srv/state/gpuk8s-tui');
  });

  it('tells of a line that was cut off, and goes on after it', async () => {
    const journal = openJournal({ dir: aFolder() });
    await journal.begin(aBeginning('a'));
    await journal.begin(aBeginning('b'));
    truncateSync(journal.file, statSync(journal.file).size - 20);
    expect((await openJournal({ dir: join(journal.file, '..') }).read()).unreadable).toEqual(['journal.jsonl line 2: cut off before its end']);
    await journal.begin(aBeginning('c'));
    const { entries, unreadable } = await journal.read();
    expect(entries.map(({ id }) => id).sort()).toEqual(['a', 'c']);
    expect(unreadable).toEqual(['journal.jsonl line 2: not JSON, cut off perhaps']);
  });

  it.each([
    ['{"v":1}', 'neither the beginning nor the end of something'],
    ['[]', 'not an entry'],
    ['{"v":2,"line":"begun"}', 'written by a newer version'],
    ['{"v":1,"line":"begun","id":"x"}', 'a begun line with fields missing'],
    ['{"v":1,"line":"ended","id":"x","result":"fine"}', 'an ended line with fields missing'],
  ])('says what is wrong with the line %s', async (line, why) => {
    const dir = aFolder();
    writeFileSync(join(dir, 'journal.jsonl'), `${line}\n`);
    expect((await openJournal({ dir }).read()).unreadable).toEqual([`journal.jsonl line 1: ${why}`]);
  });

  it('lets no escape sequence of a foreign line through', async () => {
    const dir = aFolder();
    const line = begunLine(aBeginning('a', { title: 'Restart \x1b]0;owned\x07kubelet\u202e', plan: ['\x1b[31mred'] }), {
      host: 'elsewhere',
      pid: 1,
      started: '\x1b[2Jlate',
    });
    expect(parseJournalLine(line)).toMatchObject({ process: { started: 'late' } });
    writeFileSync(join(dir, 'journal.jsonl'), `${line}\n`);
    expect((await openJournal({ dir }).read()).entries[0]).toMatchObject({ title: 'Restart kubelet', plan: ['red'] });
  });

  it('says which file cannot be written, and why', async () => {
    const dir = aFolder();
    mkdirSync(join(dir, 'journal.jsonl'));
    await expect(openJournal({ dir }).begin(aBeginning('a'))).rejects.toThrow(/cannot write the journal .*journal\.jsonl: /);
  });

  it('reads only what was added since it was read before', async () => {
    const dir = aFolder();
    const reader = openJournal({ dir });
    const writer = openJournal({ dir });
    await writer.begin(aBeginning('a'));
    expect((await reader.read()).entries[0]?.result).toBe('running');
    await writer.end('a', done);
    expect((await reader.read()).entries[0]?.result).toBe('done');
    writeFileSync(reader.file, '');
    expect((await reader.read()).entries).toEqual([]);
  });
});

describe('a journal that has grown', () => {
  it('is put aside by size, and read as one', async () => {
    const journal = openJournal({ dir: aFolder(), maxBytes: 1_000, keep: 5 });
    for (let index = 0; index < 6; index += 1) {
      await journal.begin(aBeginning(`run-${index}`, { at: index }));
      await journal.end(`run-${index}`, done);
    }
    const files = readdirSync(join(journal.file, '..')).sort();
    expect(files.length).toBeGreaterThan(2);
    expect(files).not.toContain('journal.jsonl.lock');
    const { entries } = await journal.read();
    expect(entries.map(({ id, result }) => `${id} ${result}`)).toEqual([5, 4, 3, 2, 1, 0].map((index) => `run-${index} done`));
  });

  it('loses its oldest file in the end, and with it only what was oldest', async () => {
    const journal = openJournal({ dir: aFolder(), maxBytes: 500, keep: 2 });
    for (let index = 0; index < 20; index += 1) {
      await journal.begin(aBeginning(`run-${index}`, { at: index }));
      await journal.end(`run-${index}`, done);
    }
    expect(readdirSync(join(journal.file, '..'))).toHaveLength(3);
    const { entries, unreadable } = await journal.read();
    expect(unreadable).toEqual([]);
    expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: entries.length }, (_, index) => `run-${19 - index}`));
  });

  it('goes on where the program that put files aside was killed', async () => {
    const journal = openJournal({ dir: aFolder(), maxBytes: 100 });
    await journal.begin(aBeginning('a'));
    writeFileSync(`${journal.file}.lock`, '');
    await journal.begin(aBeginning('b'));
    expect((await journal.read()).entries).toHaveLength(2);
  });

  it('is read quickly: 100,000 lines', async () => {
    const dir = aFolder();
    const lines = Array.from({ length: 50_000 }, (_, index) => {
      const id = `run-${index}`;
      return `${begunLine(aBeginning(id, { at: index }), { host: 'elsewhere', pid: 1, started: null })}\n${endedLine(id, done, index)}\n`;
    });
    appendFileSync(join(dir, 'journal.jsonl'), lines.join(''));
    const journal = openJournal({ dir });
    const started = performance.now();
    expect((await journal.read()).entries).toHaveLength(50_000);
    expect(performance.now() - started).toBeLessThan(5_000);
    const again = performance.now();
    await journal.read();
    expect(performance.now() - again).toBeLessThan(500);
  });
});

describe('secrets', () => {
  it('never get into the file', async () => {
    const journal = openJournal({ dir: aFolder() });
    await journal.begin(
      aBeginning('join', {
        title: 'Join gpu-3 with token abcdef.0123456789abcdef',
        operation: { id: 'join', input: { host: 'gpu-3', token: 'hunter2-token', note: 'password=hunter2' } },
        plan: ['gpu-3# kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef --certificate-key 0f1e2d3c4b5a69788796a5b4c3d2e1f0'],
        undo: 'curl -H "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvcHMifQ.c2lnbmF0dXJl" https://ops:hunter2@registry.lab/v2/',
      }),
    );
    await journal.end('join', { ...done, said: 'client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ==' });
    const text = readFileSync(journal.file, 'utf8');
    expect(text).not.toMatch(/hunter2|abcdef\.0123|0f1e2d3c|eyJhbGci|LS0tLS1/);
    expect(text).toContain('kubeadm join 10.0.0.10:6443 --token [masked] --certificate-key [masked]');
  });
});
