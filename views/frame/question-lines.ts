import type { Question } from '../../src/state/hosts.js';
import { type Line, line } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';

/** What a question's dialog says, in `width` columns. What is typed shows as marks only, at most as many as fit. */
export function questionLines(question: Question, typed: number, armed: boolean, width: number, height: number): readonly Line[] {
  const text = wrap(question.text, width)
    .slice(0, Math.max(1, height - (question.kind === 'host-key' ? 3 : 5)))
    .map((row) => line(row));
  if (question.kind === 'host-key') {
    const warning = line(['dim', 'Compare the fingerprint with the one on the machine’s own screen.']);
    return [
      ...text,
      [],
      warning,
      [],
      keys(armed, [
        ['y', 'trust it from now on'],
        ['n', 'refuse'],
        ['esc', 'refuse'],
      ]),
    ].slice(0, height);
  }
  const room = width - 4;
  const field = line(['accent', '▸ '], '*'.repeat(Math.min(typed, room)), ['accent', '▏'], typed > room ? ['dim', '…'] : '');
  return [
    ...text,
    [],
    field,
    [],
    keys(armed, [
      ['enter', 'answer'],
      ['esc', 'go without'],
      ['ctrl-u', 'empty'],
    ]),
  ].slice(0, height);
}

export const questionTitles = {
  'host-key': 'Unknown host key',
  passphrase: 'Passphrase of a key',
  password: 'Password',
  'sudo-password': 'Password for sudo',
} as const;

function keys(armed: boolean, all: readonly (readonly [string, string])[]): Line {
  // Until a moment has passed, keys that were meant for the screen below are dropped, and none is offered.
  if (!armed) return line(['dim', '…']);
  return all.flatMap(([key, label], index) => line(index === 0 ? '' : '   ', ['accent', key], ` ${label}`));
}
