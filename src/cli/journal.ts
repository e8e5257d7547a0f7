import type { Journal } from '../journal/journal.js';
import { journalMarkdown } from '../journal/journal-markdown.js';
import type { JournalEntry, JournalView } from '../state/journal.js';
import { duration } from '../text/age.js';
import { type Line, line, type Tone } from '../text/line.js';
import { clockTime, localDay } from '../text/moment.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { type Cell, table } from './table.js';

export interface JournalCommand {
  readonly output: 'text' | 'json' | 'markdown';
  /** Only what began within so many ms; null for all of it. */
  readonly sinceMs: number | null;
  /** Only what was done in this context; null for all. */
  readonly context: string | null;
}

/** What `journal --output json` prints, newest first; a change of meaning raises schemaVersion. */
export interface JournalJson {
  readonly schemaVersion: 1;
  readonly file: string;
  readonly entries: readonly (Omit<JournalEntry, 'at' | 'tookMs'> & { readonly at: string; readonly tookSeconds: number | null })[];
  readonly unreadable: readonly string[];
}

/** `journal`: prints what was done from here; asks no cluster. Resolves to 0, or to 2 where the file cannot be read. */
export async function runJournal(journal: Journal, { output, sinceMs, context }: JournalCommand, out: Output, now: number = Date.now()): Promise<number> {
  let view: JournalView;
  try {
    view = await journal.read();
  } catch (error) {
    out.stderr(`gpuk8s-tui: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  const entries = view.entries.filter((entry) => (sinceMs === null || entry.at >= now - sinceMs) && (context === null || entry.context === context));
  if (output === 'json') out.stdout(`${JSON.stringify(journalJson(view, entries), null, 2)}\n`);
  else if (output === 'markdown') out.stdout(journalMarkdown(entries));
  else out.stdout(paint(journalText(view, entries), out.isTty));
  for (const text of view.unreadable) out.stderr(`gpuk8s-tui: ${text}\n`);
  return 0;
}

function journalJson({ file, unreadable }: JournalView, entries: readonly JournalEntry[]): JournalJson {
  return {
    schemaVersion: 1,
    file,
    entries: entries.map(({ at, tookMs, ...entry }) => ({ ...entry, at: new Date(at).toISOString(), tookSeconds: tookMs === null ? null : tookMs / 1000 })),
    unreadable,
  };
}

function journalText({ file, entries: all }: JournalView, entries: readonly JournalEntry[]): readonly Line[] {
  if (all.length === 0) return [line(['dim', `nothing was done from here yet (${file})`])];
  if (entries.length === 0) return [line(['dim', `nothing of ${all.length} entries is wanted (${file})`])];
  const rows = entries.map(({ at, result, tookMs, context, who, title, said }): readonly Cell[] => [
    { text: `${localDay(at)} ${clockTime(at)}`, tone: 'dim' },
    { text: `${results[result].mark} ${result}`, tone: results[result].tone },
    { text: tookMs === null ? '–' : duration(tookMs) },
    { text: context },
    { text: who, tone: 'dim' },
    { text: title, tone: 'strong' },
    { text: said ?? '' },
  ]);
  return table(['WHEN', 'RESULT', 'TOOK', 'CONTEXT', 'BY', 'WHAT', 'SAID'], rows, ['TOOK']);
}

const results: Readonly<Record<JournalEntry['result'], { readonly mark: string; readonly tone: Tone }>> = {
  running: { mark: '…', tone: 'accent' },
  interrupted: { mark: '!', tone: 'warn' },
  done: { mark: '✓', tone: 'good' },
  failed: { mark: '✗', tone: 'bad' },
  cancelled: { mark: '!', tone: 'warn' },
};
