/** Stands in every planted sequence's inside: whoever writes it has let a whole sequence through. */
const token = 'HOSTILE';
/** The same for sequences that take numbers only. */
const number = '4242';

/**
 * Text as somebody would send it who wants to reach the terminal behind the program: `word` is harmless and tells on which screens it was seen; with it comes
 * one of each kind of sequence, all marked inside.
 */
export function hostile(word: string): string {
  return `${word}${Object.values(sequences).join('.')}${word}`;
}

/** The same in one short line, for what may only be a title. */
export function hostileTitle(word: string): string {
  return `${word}\x1b[5;${number}m\x1b]52;c;${token}\x07\u009d0;${token}\u009c\u202e\u200b.${word}`;
}

/** A megabyte in one line, of which nothing must reach the terminal that is not cleaned. */
export function megabyte(word: string): string {
  return `${hostile(word)}${'\x1b[5;4242mx\u202e'.repeat(100_000)}`;
}

/** One of each kind, by its name. */
export const sequences = {
  'erase and colours': `\x1b[2J\x1b[5;${number}m`,
  'intermediate bytes': `\x1b[${number} q`,
  'cursor moves to the top': `\x1b[${number};1H`,
  'window title': `\x1b]0;${token}\x07`,
  clipboard: `\x1b]52;c;${token}\x07`,
  link: `\x1b]8;;http://${token}\x1b\\link\x1b]8;;\x1b\\`,
  'device control': `\x1bP${number}q${token}\x1b\\`,
  'application command': `\x1b_${token}\x1b\\`,
  'privacy message': `\x1b^${token}\x1b\\`,
  'start of string': `\x1bX${token}\x1b\\`,
  'reset and charset': `\x1bc\x1b(0`,
  '8-bit CSI': `\u009b5;${number}m`,
  '8-bit OSC': `\u009d0;${token}\u009c`,
  '8-bit DCS': `\u0090${number}q${token}\u009c`,
  'next line and reverse index': '\u0085\u008d',
  controls: '\x07\x08\x0b\x0c\x0e\x0f\x7f',
  'line breaks and tabs': '\r\n\t\u2028\u2029',
  'bidirectional controls': '\u202edesrever\u202c\u2066in\u2069\u200e\u200f\u061c',
  'zero width': '\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e',
  'tags and variations': '\u{e0041}\u{e0042}\ufe0f\u3164',
} as const;

/** All that is wrong with what a program wrote to its terminal: planted sequences, control and invisible characters, and sequences that it has no reason to write. Empty where nothing is. */
export function survivors(written: string): readonly string[] {
  const rest = written.replace(ours, '');
  return [
    ...found(rest, new RegExp(`[\\x1b\\x80-\\x9f][^\\x1b\\n]{0,20}(?:${token}|${number})`, 'g')),
    ...found(rest, /\x1b[^\x1b]{0,12}/g),
    ...found(rest, /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/g),
    ...found(rest, /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu),
  ];
}

/** Whether the inside of a sequence is to be read although the sequence is gone. YAML alone writes it all, in its own escapes. */
export function isHalfCleaned(shown: string): boolean {
  return shown.includes(token) || shown.includes(number);
}

// Colours of the theme, cursor moves along rows, erasing; alternate screen, pasting, synchronized output and cursor on and off.
const ours = /\x1b\[(?:(?:0|1|2|7|22|27|3[0-7]|39|46|49)?m|\d{0,3}[AEGHJK]|\?(?:25|1049|2004|2026)[hl])/g;

function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([match]) => JSON.stringify(match).replace(/[\x7f-\uffff]/g, spelled)))].slice(0, 12);
}

function spelled(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
