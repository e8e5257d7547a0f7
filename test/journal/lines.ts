import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { BegunEntry, EndedEntry } from '../../src/journal/journal.js';

/** Something that begins: a kubelet restarted on gpu-2. */
export function aBeginning(id: string, overrides: Partial<BegunEntry> = {}): BegunEntry {
  return {
    id,
    at: Date.UTC(2026, 10, 2, 14, 2, 11),
    who: 'ops@headnode',
    context: 'lab',
    operation: { id: 'restart-unit', input: { host: 'gpu-2', unit: 'kubelet' } },
    title: 'Restart kubelet on gpu-2',
    risk: 'disruptive',
    plan: ['gpu-2# systemctl restart kubelet'],
    undo: null,
    total: 1,
    ...overrides,
  };
}

export const done: EndedEntry = { result: 'done', said: 'kubelet is active, gpu-2 is Ready', items: { done: 1, failed: 0, total: 1 }, tookMs: 4200 };

/** A folder that goes with the test. */
export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-journal-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
