import { createContext, useContext } from 'react';
import type { Line, Tone } from '../src/text/line.js';
import { degrade, type GlyphLevel } from './glyphs.js';

/** How tones and shapes come to the terminal. */
export interface Theme {
  readonly glyphs: GlyphLevel;
  /** False under NO_COLOR: tones are told apart by bold and inverse alone, which are no colours. */
  readonly colors: boolean;
}

export const ThemeContext = createContext<Theme>({ glyphs: 'unicode', colors: true });

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

/**
 * A line as terminal text. The escape codes are written here and nowhere else: the sixteen standard colours only, so that each
 * person's own palette, light or dark, decides how they look.
 */
export function paint(row: Line, theme: Theme): string {
  const codes = theme.colors ? colored : plain;
  let text = '';
  for (const segment of row) {
    const shown = degrade(segment.text, theme.glyphs);
    const code = codes[segment.tone];
    text += code === '' || shown === '' ? shown : `\x1b[${code}m${shown}\x1b[${closing(code)}m`;
  }
  return text;
}

const colored: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
  accent: '36',
  title: '1;36',
  strong: '1',
  // Black on cyan reads on light and dark backgrounds alike, whatever the palette.
  selected: '30;46',
};

const plain: Readonly<Record<Tone, string>> = { plain: '', dim: '', good: '', warn: '', bad: '1', accent: '', title: '1', strong: '1', selected: '7' };

/** Switches off just what was switched on, because Ink compares and joins styles by their own end codes. */
function closing(code: string): string {
  return code
    .split(';')
    .map((part) => ends.get(part) ?? '39')
    .reverse()
    .join(';');
}

const ends = new Map([
  ['1', '22'],
  ['2', '22'],
  ['7', '27'],
  ['46', '49'],
]);
