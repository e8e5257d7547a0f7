import type { JournalEntry } from '../state/journal.js';
import { duration } from '../text/age.js';
import { count } from '../text/amount.js';
import { clockTime, localDay } from '../text/moment.js';

/** A technical journal by day, as an engineer would keep it, oldest first: what was done, why and with which result, the exact commands, and how to take it back. Local time. */
export function journalMarkdown(entries: readonly JournalEntry[]): string {
  const days = new Map<string, JournalEntry[]>();
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    const day = localDay(entry.at);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  const chapters = [...days].map(([day, own]) => `## ${day}, ${weekday(own[0]?.at ?? 0)}\n\n${own.map(chapter).join('\n')}`);
  return `# Journal\n\n${chapters.length === 0 ? 'Nothing was done.\n' : chapters.join('\n')}`;
}

function chapter(entry: JournalEntry): string {
  const { at, title, who, context, risk, plan, undo } = entry;
  return [
    `### ${clockTime(at)} ${escaped(title)}`,
    '',
    `- Cluster: ${escaped(context)}`,
    `- By: ${escaped(who)}`,
    `- Risk: ${risk}`,
    `- Result: ${resultOf(entry)}`,
    ...(undo === null || looksLikeCommand(undo) ? [] : [`- Undo: ${escaped(undo)}`]),
    '',
    ...(plan.length === 0 ? [] : [...codeBlock(plan), '']),
    ...(undo !== null && looksLikeCommand(undo) ? ['Undo:', '', ...codeBlock([undo]), ''] : []),
  ].join('\n');
}

function resultOf({ result, said, items, tookMs }: JournalEntry): string {
  const steps = items.total > 1 || items.failed > 0 ? [`${count(items.done)} of ${count(items.total)} steps done`] : [];
  const failed = items.failed === 0 ? [] : [`${count(items.failed)} failed`];
  const took = tookMs === null ? [] : [tookMs < 1000 ? `${Math.round(tookMs)} ms` : duration(tookMs)];
  const details = [...steps, ...failed, ...took];
  return `**${result}**${said === null ? '' : `, ${escaped(said)}`}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

/** A fence longer than any run of backticks inside. */
function codeBlock(lines: readonly string[]): readonly string[] {
  const longest = Math.max(0, ...lines.flatMap((text) => [...text.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}console`, ...lines, fence];
}

/** Sentences begin with a capital letter. */
function looksLikeCommand(text: string): boolean {
  return /^[a-z./]/.test(text);
}

/** Plain text as Markdown shows it unchanged. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, '\\$&');
}

function weekday(at: number): string {
  return weekdays[new Date(at).getDay()] ?? '';
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
