import { describe, expect, it } from 'vitest';
import { type JournalCommand, runJournal } from '../../src/cli/journal.js';
import type { Journal } from '../../src/journal/journal.js';
import type { JournalEntry } from '../../src/state/journal.js';
import { aJournalEntry } from '../builders/operations.js';
import { written } from './written.js';

const hour = 3_600_000;
const now = new Date(2026, 10, 2, 16, 0, 0).getTime();
const entries = [
  aJournalEntry({ id: 'b', at: now - hour, context: 'prod', result: 'failed', said: 'connection refused' }),
  aJournalEntry({ id: 'a', at: now - 3 * hour }),
];

async function journal(options: Partial<JournalCommand> = {}, kept: readonly JournalEntry[] = entries, unreadable: readonly string[] = []) {
  const out = written();
  const file: Journal = {
    file: '/home/ops/.local/state/gpuk8s-tui/journal.jsonl',
    begin: () => Promise.reject(new Error('only read here')),
    end: () => Promise.reject(new Error('only read here')),
    read: async () => ({ file: '/home/ops/.local/state/gpuk8s-tui/journal.jsonl', entries: kept, unreadable }),
  };
  const code = await runJournal(file, { output: 'text', sinceMs: null, context: null, ...options }, out, now);
  return { code, out };
}

describe('journal', () => {
  it('prints a table, newest first', async () => {
    const { code, out } = await journal();
    expect(code).toBe(0);
    expect(out.text()).toMatchInlineSnapshot(`
      "WHEN                 RESULT    TOOK  CONTEXT  BY            WHAT                                                                       SAID
      2026-11-02 15:00:00  ✗ failed   21s  prod     ops@headnode  Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin  connection refused
      2026-11-02 13:00:00  ✓ done     21s  lab      ops@headnode  Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin  8 of 8 GPUs of gpu-2 registered
      "
    `);
  });

  it('prints only what is asked for', async () => {
    expect((await journal({ context: 'lab' })).out.text()).not.toContain('prod');
    expect((await journal({ sinceMs: 2 * hour })).out.text().trimEnd().split('\n')).toHaveLength(2);
    expect((await journal({ sinceMs: 60_000 })).out.text()).toContain('nothing of 2 entries is wanted');
    expect((await journal({}, [])).out.text()).toContain('nothing was done from here yet');
  });

  it('has a documented JSON shape', async () => {
    const { out } = await journal({ output: 'json', context: 'prod' });
    expect(out.json()).toMatchObject({
      schemaVersion: 1,
      file: '/home/ops/.local/state/gpuk8s-tui/journal.jsonl',
      entries: [{ id: 'b', at: new Date(now - hour).toISOString(), context: 'prod', result: 'failed', said: 'connection refused', tookSeconds: 21 }],
      unreadable: [],
    });
  });

  it('prints a technical journal as Markdown', async () => {
    expect((await journal({ output: 'markdown' })).out.text()).toContain('## 2026-11-02, Monday');
  });

  it('tells of lines that could not be read', async () => {
    const { code, out } = await journal({}, entries, ['journal.jsonl line 12: cut off before its end']);
    expect(code).toBe(0);
    expect(out.errors()).toBe('gpuk8s-tui: journal.jsonl line 12: cut off before its end\n');
  });
});
