import { cut, pad, widthOf } from './width.js';

/** What a piece of text means; the theme turns it into a colour, and without colours it stays readable. */
export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad' | 'accent' | 'title' | 'strong' | 'selected';

export interface Segment {
  readonly text: string;
  readonly tone: Tone;
}

/** One row of a screen. Screens are built from lines, so that each row is laid out once, as text. */
export type Line = readonly Segment[];

/** A line of plain strings and toned pieces: `line('GPUs ', ['bad', '0 of 8'])`. */
export function line(...parts: readonly (string | readonly [Tone, string] | Segment | Line)[]): Line {
  return parts.flatMap((part): Line => {
    if (typeof part === 'string') return [{ text: part, tone: 'plain' }];
    if (isSegment(part)) return [part];
    return isTonedPair(part) ? [{ tone: part[0], text: part[1] }] : part;
  });
}

/** Width in terminal columns. */
export function lineWidth(row: Line): number {
  return row.reduce((sum, segment) => sum + widthOf(segment.text), 0);
}

/** The line in exactly `width` columns: padded on the right, or cut with `…`. */
export function fitLine(row: Line, width: number, ellipsis = '…'): Line {
  const total = lineWidth(row);
  if (total === width) return row;
  if (total < width) return [...row, { text: ' '.repeat(width - total), tone: 'plain' }];
  const fitted: Segment[] = [];
  let left = width;
  for (const [index, segment] of row.entries()) {
    const own = widthOf(segment.text);
    const rest = lineWidth(row.slice(index + 1));
    if (own < left || (own === left && rest === 0)) {
      fitted.push(segment);
      left -= own;
      continue;
    }
    fitted.push({ ...segment, text: pad(cut(`${segment.text}${rest > 0 ? ellipsis : ''}`, left, ellipsis), left) });
    break;
  }
  return fitted;
}

/** `left` and `right` at the two ends of `width` columns; where both do not fit, `left` gives way. */
export function spread(left: Line, right: Line, width: number, ellipsis = '…'): Line {
  const rightWidth = Math.min(lineWidth(right), width);
  return [...fitLine(left, width - rightWidth, ellipsis), ...fitLine(right, rightWidth, ellipsis)];
}

function isSegment(part: readonly [Tone, string] | Segment | Line): part is Segment {
  return !Array.isArray(part);
}

function isTonedPair(part: readonly [Tone, string] | Segment | Line): part is readonly [Tone, string] {
  return Array.isArray(part) && part.length === 2 && typeof part[0] === 'string' && typeof part[1] === 'string';
}
