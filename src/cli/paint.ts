import { clean } from '../text/clean.js';
import type { Line, Tone } from '../text/line.js';

/** Lines as text for a terminal, or for a file: colour only adds to the signs and words that stand there anyway. What is shown of scripts and files comes here as it is, so it is cleaned here. */
export function paint(lines: readonly Line[], colours: boolean): string {
  return lines
    .map(
      (line) =>
        `${line
          .map(({ text, tone }) => (colours ? coloured(clean(text, text.length), tone) : clean(text, text.length)))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

function coloured(text: string, tone: Tone): string {
  const code = codes[tone];
  return code === null || text.trim() === '' ? text : `\x1b[${code}m${text}\x1b[0m`;
}

/** SGR codes of the 16 colours that each terminal has and its theme decides. */
const codes: Readonly<Record<Tone, string | null>> = {
  plain: null,
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
  accent: '36',
  title: '1',
  strong: '1',
  selected: '7',
};
