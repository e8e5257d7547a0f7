import type { Fact } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import type { ProbeAnswer, ProbeSection } from './probe-stream.js';

export function known<T>(value: T): Fact<T> {
  return { known: true, value };
}

/** `why` is shown as it is: foreign words in it must be clean. */
export function unknown(why: string): { readonly known: false; readonly why: string } {
  return { known: false, why };
}

/** What `read` makes of a section that ended well; else why there is nothing to read. `read` may answer with a fact, where a value alone does not say it. */
export function factOf<T>(answer: ProbeAnswer, name: string, read: (lines: readonly string[], section: ProbeSection) => Fact<T>): Fact<T> {
  const section = answer.sections.get(name);
  if (section === undefined)
    return unknown(answer.complete ? 'the probe did not say' : answer.started ? 'the answer was cut off before it' : 'the machine gave no answer');
  const why = whyNothing(section, sudoSaid(answer));
  return why === null ? read(section.lines, section) : unknown(why);
}

/** Why a section has nothing to read; null when it ended well. */
export function whyNothing({ name, status, errors }: ProbeSection, sudo: string | null): string | null {
  switch (status.kind) {
    case 'ok':
      return null;
    case 'root':
      return sudo === null ? 'needs root' : `needs root (${sudo})`;
    case 'missing':
      return `${clean(status.what, 200)}: not found`;
    case 'timeout':
      return errors[0] === undefined ? 'no answer in time' : clean(errors[0], 300);
    case 'fail':
      return errors[0] === undefined ? `${clean(name, 60)} ended with exit code ${status.code}` : clean(errors.join(' '), 300);
    case 'cut':
      return 'the answer was cut off in the middle';
  }
}

/** Why sudo did not help; null where it did, or was not tried. */
export function sudoSaid({ sections }: ProbeAnswer): string | null {
  if (sections.get('sudo')?.status.kind === 'missing') return 'there is no sudo';
  const refused = sections.get('sudo-refused');
  if (refused === undefined) return null;
  return refused.status.kind === 'timeout' ? 'sudo did not answer in time' : clean(refused.errors[0] ?? 'sudo refused', 200);
}

/** A fact for output that is there and means nothing to us. */
export function notUnderstood(lines: readonly string[]): { readonly known: false; readonly why: string } {
  const first = clean(lines.find((line) => line.trim() !== '') ?? '', 80);
  return unknown(first === '' ? 'the answer is empty' : `not understood: "${first}"`);
}

/** Runs of lines under `== TITLE` headings; what stands before the first has the title ''. */
export function underHeadings(lines: readonly string[]): readonly { readonly title: string; readonly lines: readonly string[] }[] {
  const groups: { title: string; lines: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('== ')) groups.push({ title: line.slice(3), lines: [] });
    else {
      if (groups.length === 0) groups.push({ title: '', lines: [] });
      groups.at(-1)?.lines.push(line);
    }
  }
  return groups;
}

/** A whole number of digits only; null for anything else. */
export function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : null;
}
