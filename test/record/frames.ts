import { type IBufferCell, Terminal } from '@xterm/headless';
import { type Cast, castSeconds } from './asciicast.js';

/** One picture of a cast's terminal, from its moment to the next one's. */
export interface Frame {
  /** Seconds from the start. */
  readonly at: number;
  readonly rows: readonly (readonly Cell[])[];
}

/** One character on the screen, as wide as its columns. */
export interface Cell {
  readonly column: number;
  readonly columns: number;
  readonly text: string;
  /** One of the sixteen colours; null: the terminal's own. */
  readonly color: number | null;
  readonly ground: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** What comes within so many seconds is one change to the eye. */
const blink = 0.05;

/** The pictures of a cast, one for each change. */
export async function framesOf(cast: Cast): Promise<readonly Frame[]> {
  const terminal = new Terminal({ cols: cast.columns, rows: cast.rows, allowProposedApi: true });
  const frames: Frame[] = [];
  const outputs = cast.events.filter(({ kind }) => kind === 'output');
  let showsCursor = true;
  for (const [index, { at, text }] of outputs.entries()) {
    await new Promise<void>((resolve) => terminal.write(text, resolve));
    showsCursor = /.*\x1b\[\?25([hl])/s.exec(text)?.[1] === 'l' ? false : showsCursor || text.includes('\x1b[?25h');
    const next = outputs[index + 1]?.at ?? castSeconds(cast) + 1;
    if (next - at > blink) frames.push({ at, rows: rowsOf(terminal, showsCursor) });
  }
  terminal.dispose();
  return frames;
}

function rowsOf(terminal: Terminal, showsCursor: boolean): Frame['rows'] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    return Array.from({ length: terminal.cols }, (_column, column) => line?.getCell(column)).flatMap((cell, column) => {
      if (cell === undefined || cell.getWidth() === 0) return [];
      const under = showsCursor && row === active.cursorY && column === active.cursorX;
      return [cellOf(cell, column, under)];
    });
  });
}

function cellOf(cell: IBufferCell, column: number, underCursor: boolean): Cell {
  const color = cell.isFgPalette() ? cell.getFgColor() : null;
  const ground = cell.isBgPalette() ? cell.getBgColor() : null;
  const inverse = underCursor !== (cell.isInverse() !== 0);
  return {
    column,
    columns: cell.getWidth(),
    text: cell.getChars() === '' ? ' ' : cell.getChars(),
    color: inverse ? (ground ?? 0) : color,
    ground: inverse ? (color ?? 7) : ground,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
  };
}
