import type { JournalEntry, JournalView } from '../state/journal.js';

/** The append-only record of what was done. */
export interface Journal {
  readonly file: string;
  /** Writes the line of something that begins; it is on disk when this resolves. Rejects with an Error that says which file and why. */
  begin(entry: Omit<JournalEntry, 'result' | 'said' | 'items' | 'tookMs'>): Promise<void>;
  /** Writes the line of its end. */
  end(id: string, ended: Pick<JournalEntry, 'result' | 'said' | 'items' | 'tookMs'>): Promise<void>;
  /** Everything that can be read, newest first, of all rotated files. */
  read(): Promise<JournalView>;
}
