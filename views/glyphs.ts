import { graphemesOf } from '../src/text/graphemes.js';
import { widthOf } from '../src/text/width.js';

/**
 * What the terminal can draw: everything, the few shapes of the plain Linux console's 256-character font, or ASCII alone. Screens are
 * written with the full set; `degrade` puts one narrower character in the place of each, so no layout ever changes.
 */
export type GlyphLevel = 'unicode' | 'console' | 'ascii';

/** The environment variables that tell. */
export interface Locale {
  readonly LC_ALL?: string | undefined;
  readonly LC_CTYPE?: string | undefined;
  readonly LANG?: string | undefined;
  readonly TERM?: string | undefined;
  readonly TMUX?: string | undefined;
}

/**
 * Which level this terminal has, from its environment. A locale with another character set than UTF-8 gets ASCII. Where no locale is set, as
 * on many a minimal server, the terminal on the other end of the line is UTF-8 all the same, unless something between knows better:
 * screen and tmux drop what their own locale cannot show.
 */
export function glyphLevel(env: Locale): GlyphLevel {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? '';
  const term = env.TERM ?? '';
  if (/utf-?8/i.test(locale)) return term === 'linux' ? 'console' : 'unicode';
  if (!/^(?:C|POSIX)?$/.test(locale)) return 'ascii';
  const inBetween = env.TMUX !== undefined || term.startsWith('screen');
  return inBetween || term === 'linux' || /^(?:vt|dumb|ansi)/.test(term) || term === '' ? 'ascii' : 'unicode';
}

/** The text in the characters of a level, column for column. */
export function degrade(text: string, level: GlyphLevel): string {
  if (level === 'unicode' || printableAscii.test(text)) return text;
  let result = '';
  for (const segment of graphemesOf(text)) result += level === 'ascii' ? toAscii(segment) : toConsole(segment);
  return result;
}

const printableAscii = /^[\x20-\x7e]*$/;

const ascii = new Map(
  Object.entries({
    '✓': '+',
    '✗': 'x',
    '·': '.',
    '…': '~',
    '●': '*',
    '•': '*',
    '›': '>',
    '‹': '<',
    '»': '>',
    '↻': '@',
    '⊘': '#',
    '≠': '=',
    '◌': 'o',
    '▸': '>',
    '▲': '^',
    '▼': 'v',
    '→': '>',
    '↑': '^',
    '↓': 'v',
    '×': 'x',
    '–': '-',
    '⟨': '<',
    '⟩': '>',
    '°': ' ',
    '▏': '_',
    '─': '-',
    '│': '|',
    '╭': '+',
    '╮': '+',
    '╰': '+',
    '╯': '+',
    '├': '+',
    '┤': '+',
    '┬': '+',
    '┴': '+',
    '┼': '+',
    '└': '`',
    '▁': '_',
    '▂': '.',
    '▃': '-',
    '▄': '=',
    '▅': '*',
    '▆': '#',
    '▇': '#',
    '█': '#',
    '░': '.',
  }),
);

// Box drawing, shades, full and half blocks, middle dot and degree are in every console font; rounded corners, ticks and eighth blocks are not.
const inConsole = /^[\x20-\x7e\xa0-\xff─│┌┐└┘├┤┬┴┼░▒▓█▄▀]$/;
const console256 = new Map(Object.entries({ '╭': '┌', '╮': '┐', '╰': '└', '╯': '┘', '▃': '▄', '▅': '▄', '▆': '█', '▇': '█' }));

function toAscii(character: string): string {
  if (printableAscii.test(character)) return character;
  return ascii.get(character) ?? braille(character) ?? '?'.repeat(widthOf(character));
}

function toConsole(character: string): string {
  if (inConsole.test(character)) return character;
  return console256.get(character) ?? toAscii(character);
}

/** A braille cell by how full it is: U+2800 plus one bit for each of its eight dots. */
function braille(character: string): string | null {
  const dots = (character.codePointAt(0) ?? 0) - 0x2800;
  if (dots < 0 || dots > 0xff) return null;
  const raised = dots.toString(2).replaceAll('0', '').length;
  return ' ..::####'.charAt(raised);
}
