import { join } from 'node:path';
import type { JournalEntry, JournalView } from '../state/journal.js';
import { begunLine, endedLine } from './journal-line.js';
import { createJournalReader } from './journal-reader.js';
import { createJournalWriter } from './journal-writer.js';
import { ownProcess } from './writing-process.js';

/** The append-only record of what was done. */
export interface Journal {
  readonly file: string;
  /** Writes the line of something that begins; it is on disk when this resolves. Rejects with an Error that says which file and why. */
  begin(entry: BegunEntry): Promise<void>;
  /** Writes the line of its end. */
  end(id: string, ended: EndedEntry): Promise<void>;
  /** Everything that can be read, newest first, of all rotated files. */
  read(): Promise<JournalView>;
}

/** `total`: how many items the plan has, of which `plan` may hold only the first. */
export type BegunEntry = Omit<JournalEntry, 'result' | 'said' | 'items' | 'tookMs'> & { readonly total: number };
export type EndedEntry = Pick<JournalEntry, 'result' | 'said' | 'items' | 'tookMs'>;

export interface JournalOptions {
  /** Folder of its files, made when the first line is written: see `journalFolder`. */
  readonly dir: string;
  readonly now?: () => number;
  /** A file that has grown larger is put aside. */
  readonly maxBytes?: number;
  /** How many files put aside are kept. */
  readonly keep?: number;
}

/**
 * Opens the journal in a folder: JSON lines, one when something begins and one when it ended, in files that only their owner can read. Several programs may write at
 * once. Opening touches nothing.
 */
export function openJournal({ dir, now = Date.now, maxBytes = 5 * 2 ** 20, keep = 5 }: JournalOptions): Journal {
  const file = join(dir, 'journal.jsonl');
  const files = [file, ...Array.from({ length: keep }, (_, index) => `${file}.${index + 1}`)];
  const writer = createJournalWriter({ files, maxBytes });
  const reader = createJournalReader(files);
  return {
    file,
    begin: (entry) => writer.append(begunLine(entry, ownProcess())),
    end: (id, ended) => writer.append(endedLine(id, ended, now())),
    read: () => reader.read(now()),
  };
}

/** Where the journal is kept: the XDG folder for what a program remembers of its own doing. */
export function journalFolder(env: NodeJS.ProcessEnv, homeDir: string): string {
  return join(env['XDG_STATE_HOME'] || join(homeDir, '.local', 'state'), 'gpuk8s-tui');
}
