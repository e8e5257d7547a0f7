import type { CellState } from '../../../src/state/setup.js';
import { fitLine, type Line, line, lineWidth, type Tone } from '../../../src/text/line.js';
import { cut, pad } from '../../../src/text/width.js';
import { cellSign, cellWord, shortWord } from './cell-state.js';
import { lead, type MatrixLayout, shortNames } from './matrix-layout.js';
import type { MatrixGroup, MatrixRow } from './matrix-rows.js';

/** What is the same for all lines of one picture. */
export interface MatrixPaint {
  readonly layout: MatrixLayout;
  readonly width: number;
  readonly now: number;
  readonly spinning: string;
  /** Id of the step and place of the column under the cursor. */
  readonly step: string | null;
  readonly column: number;
  readonly marks: ReadonlySet<string>;
}

/** The row over the matrix: the hosts, that of the cursor set off. */
export function columnsLine(columns: readonly string[], { layout, column, width }: MatrixPaint): Line {
  const names = shortNames(columns, layout.cell - 2);
  const shown = names.slice(layout.from, layout.to).map((name, index): Line => {
    const text = ` ${pad(name, layout.cell - 1)}`;
    return line([layout.from + index === column ? 'accent' : 'dim', text]);
  });
  const more = layout.from === 0 ? 'STEP' : `STEP  ‹ ${layout.from} more`;
  const left = pad(cut(more, layout.id + 1 + titleWidth(layout)), layout.id + 1 + titleWidth(layout));
  return fitLine(line(' '.repeat(lead), ['dim', left], shown.flat()), width);
}

/** A playbook's heading: its title, and how many of its cells are done. */
export function groupLine({ title, rows }: MatrixGroup, width: number): Line {
  const states = rows.flatMap((row) => row.states).filter((state) => state !== null && state.state !== 'not-applicable');
  const done = states.filter((state) => state?.state === 'done').length;
  const tone: Tone = states.length > 0 && done === states.length ? 'good' : 'dim';
  const right = line([tone, states.length === 0 ? ' n/a' : ` ${done} of ${states.length}`]);
  const name = cut(title, width - lineWidth(right) - 4);
  return line(['title', name], ['dim', ` ${'─'.repeat(Math.max(1, width - name.length - 1 - lineWidth(right)))}`], right);
}

/** One step: its sign, id and title, and its state on each host. */
export function stepLine(row: MatrixRow, paint: MatrixPaint): Line {
  const { layout, width, marks } = paint;
  const current = row.step.id === paint.step;
  const sign: Line = current ? line(['accent', '▸ ']) : marks.has(row.step.id) ? line(['accent', '* ']) : line('  ');
  const id = line([current ? 'strong' : 'plain', pad(cut(row.step.id, layout.id), layout.id)], ' ');
  const title = layout.title === 0 ? [] : line(['dim', pad(cut(row.step.title, layout.title - 1), layout.title)], ' ');
  const cells = row.states.slice(layout.from, layout.to).flatMap((state, index) => cellLine(state, current && layout.from + index === paint.column, paint));
  return fitLine(line(sign, id, title, cells), width);
}

function cellLine(state: CellState | null, selected: boolean, { layout, now, spinning }: MatrixPaint): Line {
  if (state === null) return fitLine(selected ? line(['selected', '▸ ']) : line(''), layout.cell);
  const sign = cellSign(state, spinning);
  const room = layout.cell - 4;
  const long = cellWord(state, now);
  const word = layout.words ? (long.length <= room ? long : cut(shortWord(state), room)) : '';
  if (selected) return fitLine(line(['selected', `▸${sign.text} ${word}`.trimEnd().concat(' ')]), layout.cell);
  return fitLine(line(' ', sign, ' ', [quiet.has(state.state) ? 'dim' : sign.tone, word]), layout.cell);
}

/** What is as it should be stays in the background: its sign has the colour. */
const quiet: ReadonlySet<CellState['state']> = new Set(['done', 'not-applicable', 'unknown', 'checking', 'waiting', 'skipped']);

function titleWidth({ title }: MatrixLayout): number {
  return title === 0 ? 0 : title + 1;
}
