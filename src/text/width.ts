import stringWidth from 'string-width';
import { graphemesOf } from './graphemes.js';
import { ownSigns } from './own-signs.js';

// Asking the library about them costs a third of a frame.
const singleWidth = new RegExp(`^[${ownSigns}]*$`);

/** Columns the text takes in a terminal. Cleaned text only (see clean.ts): control characters have no width that can be known. */
export function widthOf(text: string): number {
  return singleWidth.test(text) ? text.length : stringWidth(text);
}

/** The text in at most `width` columns, the last of them `…` where something was cut. Never cuts a wide character or a cluster in half. */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return ''.padEnd(width);
  if (singleWidth.test(text)) return text.slice(0, room) + ellipsis;
  let kept = '';
  let used = 0;
  for (const segment of graphemesOf(text)) {
    const own = widthOf(segment);
    if (used + own > room) break;
    kept += segment;
    used += own;
  }
  return kept + ellipsis;
}

/** The text filled with spaces to `width` columns, on the right or (for numbers) on the left. Longer text stays as it is. */
export function pad(text: string, width: number, side: 'right' | 'left' = 'right'): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'right' ? text + fill : fill + text;
}

/** Cut and padded: exactly `width` columns. */
export function fit(text: string, width: number, side: 'right' | 'left' = 'right', ellipsis = '…'): string {
  return pad(cut(text, width, ellipsis), width, side);
}

/** Breaks text at spaces into lines of at most `width` columns; a word longer than that is broken where it must be. */
export function wrap(text: string, width: number): readonly string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/).filter((piece) => piece !== '')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (widthOf(joined) <= width) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    current = word;
    while (widthOf(current) > width) {
      const head = headOf(current, width);
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  if (current !== '') lines.push(current);
  return lines;
}

function headOf(text: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const segment of graphemesOf(text)) {
    const own = widthOf(segment);
    if (used + own > width && kept !== '') break;
    kept += segment;
    used += own;
  }
  return kept;
}
