import type { Line, Tone } from '../text/line.js';
import { pad, widthOf } from '../text/width.js';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

/** Aligned columns two spaces apart; the last is not padded. `right` names the columns of numbers. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[], right: readonly string[] = []): readonly Line[] {
  const widths = heads.map((head, column) => rows.reduce((widest, row) => Math.max(widest, widthOf(row[column]?.text ?? '')), widthOf(head)));
  const laid = (cells: readonly Cell[]): Line =>
    cells.map((cell, column) => {
      const isLast = column === cells.length - 1;
      const isRight = right.includes(heads[column] ?? '');
      const text = isLast && !isRight ? cell.text : pad(cell.text, widths[column] ?? 0, isRight ? 'left' : 'right');
      return { text: isLast ? text : `${text}  `, tone: cell.tone ?? 'plain' };
    });
  return [laid(heads.map((head) => ({ text: head, tone: 'dim' as const }))), ...rows.map(laid)];
}
