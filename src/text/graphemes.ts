import { ownSigns } from './own-signs.js';

/** The characters of a text as a person counts them: one with its accents, one emoji, is one. */
export function graphemesOf(text: string): readonly string[] {
  if (oneEach.test(text)) return [...text];
  // Made when the first text asks for it: it takes 20 ms, and the first frame needs none.
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const oneEach = new RegExp(`^[${ownSigns}]*$`);
let segmenter: Intl.Segmenter | undefined;
