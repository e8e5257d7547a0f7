import type { OperationRef, Risk } from './operations.js';

/** What was done from here, newest first. */
export interface JournalView {
  /** The file it is kept in. */
  readonly file: string;
  readonly entries: readonly JournalEntry[];
  /** Lines that could not be read, with their number and why. */
  readonly unreadable: readonly string[];
}

/** One operation: the line written when it began, joined with the line written when it ended. */
export interface JournalEntry {
  readonly id: string;
  /** ms since the epoch. */
  readonly at: number;
  /** `ops@headnode`. */
  readonly who: string;
  readonly context: string;
  readonly operation: OperationRef;
  readonly title: string;
  readonly risk: Risk;
  /** The plan's items as `exact` words; of very many only the first, then how many more. */
  readonly plan: readonly string[];
  readonly undo: string | null;
  /** `running`: begun by a program that still runs. `interrupted`: begun by one that is gone, and never ended. */
  readonly result: 'running' | 'interrupted' | 'done' | 'failed' | 'cancelled';
  /** What was seen or what went wrong, in one sentence. */
  readonly said: string | null;
  readonly items: { readonly done: number; readonly failed: number; readonly total: number };
  readonly tookMs: number | null;
}
