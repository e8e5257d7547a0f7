import { cut, widthOf } from '../../../src/text/width.js';
import { clamp } from '../../list-state.js';

/** How wide the parts of the matrix are. */
export interface MatrixLayout {
  readonly id: number;
  /** 0 where there is no room for titles. */
  readonly title: number;
  readonly cell: number;
  /** Whether states are words, or signs alone. */
  readonly words: boolean;
  /** Columns on screen, by their places. */
  readonly from: number;
  readonly to: number;
}

/** The sign or mark of a row, and a blank. */
export const lead = 2;

const leastId = 22;
const leastTitle = 20;
/** `▸✓ rebooting 1m20s`, `▸✓ verifying 12s`, `▸✓ running 38s`, `▸✓ rebooting`: the longer, the more room for titles there has to be beside them. */
const sizes = [
  { cell: 20, title: 34 },
  { cell: 17, title: 30 },
  { cell: 15, title: 26 },
  { cell: 13, title: leastTitle },
  { cell: 13, title: 0 },
] as const;
/** A sign with the beginning of a name over it. */
const signs = { most: 12, least: 5 } as const;

/** Words where there is room for them, signs alone where not; and with very many hosts those around the cursor. */
export function matrixLayout(width: number, ids: readonly string[], columns: number, cursor: number): MatrixLayout {
  const widest = Math.max(4, ...ids.map((id) => id.length));
  const room = width - lead;
  const id = Math.min(widest, Math.max(leastId, Math.floor(room * 0.3)));
  const found = sizes.find(({ cell, title }) => room - id - 1 - columns * cell >= title);
  if (found !== undefined) {
    const left = room - id - 1 - columns * found.cell;
    const titled = left >= leastTitle;
    return { id, title: titled ? left - 1 : 0, cell: found.cell + (titled ? 0 : Math.floor(left / Math.max(1, columns))), words: true, from: 0, to: columns };
  }
  const each = Math.floor((room - id - 1) / Math.max(1, columns));
  if (each >= signs.least) return { id, title: 0, cell: Math.min(signs.most, each), words: false, from: 0, to: columns };
  const shown = Math.max(1, Math.floor((room - id - 1) / signs.least));
  const from = clamp(cursor - Math.floor(shown / 2), 0, columns - shown);
  return { id, title: 0, cell: signs.least, words: false, from, to: from + shown };
}

/** What is on screen of lines that hold the selected one: as little moved as keeps it in the middle part. */
export function windowOf(total: number, selected: number, room: number): number {
  return clamp(selected - Math.floor(room / 2), 0, Math.max(0, total - room));
}

/** Names in few columns each: their beginnings, or their ends where others begin alike. */
export function shortNames(names: readonly string[], width: number): readonly string[] {
  return names.map((name) => {
    if (widthOf(name) <= width) return name;
    const head = cut(name, width);
    return names.some((other) => other !== name && cut(other, width) === head)
      ? `…${Array.from(name)
          .slice(1 - width)
          .join('')}`
      : head;
  });
}
