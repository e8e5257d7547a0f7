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

const least = { id: 22, title: 24 } as const;
/** `▸✓ rebooting 1m20s`, `▸✓ rebooting`, and a sign with the beginning of a name over it. */
const cells = { long: 20, middle: 17, word: 13, most: 12, least: 5 } as const;

/** Words where there is room for them, signs alone where not; and with very many hosts those around the cursor. */
export function matrixLayout(width: number, ids: readonly string[], columns: number, cursor: number): MatrixLayout {
  const widest = Math.max(4, ...ids.map((id) => id.length));
  const room = width - lead;
  const id = Math.min(widest, Math.max(least.id, Math.floor(room * 0.3)));
  for (const cell of [cells.long, cells.middle, cells.word]) {
    const left = room - id - 1 - columns * cell;
    const enough = cell === cells.word ? 0 : least.title;
    if (left >= enough)
      return {
        id,
        title: left >= least.title ? left - 1 : 0,
        cell: left >= least.title ? cell : cell + Math.floor(left / columns),
        words: true,
        from: 0,
        to: columns,
      };
  }
  const each = Math.floor((room - id - 1) / columns);
  if (each >= cells.least) return { id, title: 0, cell: Math.min(cells.most, each), words: false, from: 0, to: columns };
  const shown = Math.max(1, Math.floor((room - id - 1) / cells.least));
  const from = clamp(cursor - Math.floor(shown / 2), 0, columns - shown);
  return { id, title: 0, cell: cells.least, words: false, from, to: from + shown };
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
