import { cellHeight, cellWidth, n, type Shape, shapeOf } from './cell-shapes.js';
import type { Cell } from './frames.js';

/** The sixteen colours, the terminal's own and the ground that all stands on. */
export const palette = {
  ground: '#1b1d22',
  text: '#c9ccd1',
  colors: [
    '#1b1d22',
    '#e06c6c',
    '#a3be70',
    '#e8c069',
    '#7aa6da',
    '#b294bb',
    '#76c0b6',
    '#c9ccd1',
    '#6b7079',
    '#f08080',
    '#b8d486',
    '#f5d284',
    '#93bdec',
    '#c8aad2',
    '#8fd6cc',
    '#ffffff',
  ],
} as const;

/** The styles that `rowDrawing` refers to. */
export const rowStyles = [
  ...palette.colors.map((color, index) => `.f${index}{fill:${color}}.s${index}{stroke:${color}}`),
  '.b{font-weight:700}',
  '.d{opacity:.55}',
  '.l{fill:none;stroke-width:1.2}',
  '.h{opacity:.25}',
].join('');

/** One row of the terminal as SVG, its upper left corner at 0,0. Each run of text has a fixed width, so that columns stay columns in every font. */
export function rowDrawing(cells: readonly Cell[]): string {
  const grounds = runsOf(
    cells.filter(({ ground }) => ground !== null),
    ({ ground }) => String(ground),
  ).map(
    (run) =>
      `<path class="f${first(run).ground}" d="M${n(first(run).column * cellWidth)} 0h${n(widthOf(run) * cellWidth)}v${cellHeight}h-${n(widthOf(run) * cellWidth)}z"/>`,
  );
  const shown = cells.filter(({ text }) => text.trim() !== '');
  const shapes = shown.flatMap((cell) => {
    const shape = shapeOf(cell.text, cell.column * cellWidth);
    return shape === null ? [] : [{ cell, shape }];
  });
  const letters = runsOf(
    withSingleBlanks(cells).filter(({ text }) => shapeOf(text, 0) === null),
    styleOf,
  );
  return [...grounds, ...drawn(shapes), ...letters.flatMap(trimmed).map(written)].join('');
}

/** Blanks within a sentence belong to it; two of them part columns. */
function withSingleBlanks(cells: readonly Cell[]): readonly Cell[] {
  return cells.flatMap((cell, index) => {
    if (cell.text.trim() !== '') return [cell];
    const [before, after] = [cells[index - 1], cells[index + 1]];
    if (before === undefined || after === undefined || before.text.trim() === '' || after.text.trim() === '') return [];
    return styleOf(before) === styleOf(after) ? [{ ...before, column: cell.column, columns: 1, text: ' ' }] : [];
  });
}

function styleOf({ color, bold, dim }: Cell): string {
  return [`f${color ?? 7}`, ...(bold ? ['b'] : []), ...(dim ? ['d'] : [])].join(' ');
}

/** Neighbours that are alike. Signs of which fonts disagree how wide they are stand alone. */
function runsOf(cells: readonly Cell[], keyOf: (cell: Cell) => string): readonly (readonly Cell[])[] {
  const runs: Cell[][] = [];
  for (const cell of cells) {
    const last = runs.at(-1)?.at(-1);
    const joins = last !== undefined && last.column + last.columns === cell.column && keyOf(last) === keyOf(cell) && isPlain(last) && isPlain(cell);
    if (joins) runs.at(-1)?.push(cell);
    else runs.push([cell]);
  }
  return runs;
}

function isPlain({ text, ground }: Cell): boolean {
  return /^[\x20-\x7e]$/.test(text) || ground !== null;
}

function trimmed(run: readonly Cell[]): readonly (readonly Cell[])[] {
  const from = run.findIndex(({ text }) => text !== ' ');
  const to = run.findLastIndex(({ text }) => text !== ' ');
  return from < 0 ? [] : [run.slice(from, to + 1)];
}

function written(run: readonly Cell[]): string {
  const text = run.map(({ text: each }) => each).join('');
  const width = run.length === 1 && isPlain(first(run)) ? '' : ` textLength="${n(widthOf(run) * cellWidth)}" lengthAdjust="spacingAndGlyphs"`;
  return `<text class="${styleOf(first(run))}" x="${n(first(run).column * cellWidth)}" y="13.3"${width}>${escaped(text)}</text>`;
}

/** One path for all shapes of one style. */
function drawn(shapes: readonly { readonly cell: Cell; readonly shape: Shape }[]): readonly string[] {
  const paths = new Map<string, string>();
  for (const { cell, shape } of shapes) {
    const { color, dim } = cell;
    const style = `${shape.kind === 'stroke' ? `l s${color ?? 8}` : `f${color ?? 7}`}${shape.kind === 'shade' ? ' h' : dim ? ' d' : ''}`;
    paths.set(style, joined(paths.get(style) ?? '', shape.path));
  }
  return [...paths].map(([style, path]) => `<path class="${style}" d="${path}"/>`);
}

/** Lines that go on are one line. */
function joined(path: string, more: string): string {
  const [, from, y, to] = /^M([\d.]+) (\d+)H([\d.]+)$/.exec(more) ?? [];
  const goesOn = from !== undefined && path.endsWith(`H${from}`) && new RegExp(`M[\\d.]+ ${y}H${from.replace('.', '\\.')}$`).test(path);
  return goesOn ? `${path.slice(0, -from.length)}${to}` : path + more;
}

function widthOf(run: readonly Cell[]): number {
  return run.reduce((sum, { columns }) => sum + columns, 0);
}

function first(run: readonly Cell[]): Cell {
  const [cell] = run;
  if (cell === undefined) throw new Error('a run has a cell');
  return cell;
}

/** Text for an XML document. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
