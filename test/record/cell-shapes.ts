/** Size of one character of the picture. */
export const cellWidth = 8.4;
export const cellHeight = 18;

/** What fonts draw unlike one another, drawn here: lines and blocks that must meet their neighbours. `x` is the left edge of the cell; null for what a font draws. */
export function shapeOf(character: string, x: number): Shape | null {
  const [right, middle] = [x + cellWidth, x + cellWidth / 2];
  const half = cellHeight / 2;
  switch (character) {
    case '─':
      return stroke(`M${n(x)} ${half}H${n(right)}`);
    case '│':
      return stroke(`M${n(middle)} 0V${cellHeight}`);
    case '╭':
      return stroke(`M${n(right)} ${half}H${n(middle + 4)}Q${n(middle)} ${half} ${n(middle)} ${half + 4}V${cellHeight}`);
    case '╮':
      return stroke(`M${n(x)} ${half}H${n(middle - 4)}Q${n(middle)} ${half} ${n(middle)} ${half + 4}V${cellHeight}`);
    case '╰':
      return stroke(`M${n(right)} ${half}H${n(middle + 4)}Q${n(middle)} ${half} ${n(middle)} ${half - 4}V0`);
    case '╯':
      return stroke(`M${n(x)} ${half}H${n(middle - 4)}Q${n(middle)} ${half} ${n(middle)} ${half - 4}V0`);
    default:
      return block(character, x);
  }
}

/** A part of a path: drawn along, or filled. */
export interface Shape {
  readonly kind: 'stroke' | 'fill' | 'shade';
  readonly path: string;
}

/** A number as short as the eye needs it. */
export function n(value: number): string {
  return String(Number(value.toFixed(1)));
}

function stroke(path: string): Shape {
  return { kind: 'stroke', path };
}

/** ▁ to █ from below, ░ as a whole cell that is only half there, braille as its dots. */
function block(character: string, x: number): Shape | null {
  const eighths = '▁▂▃▄▅▆▇█'.indexOf(character) + 1;
  if (eighths > 0) {
    // Less than the whole height: bars of two rows are two bars.
    const height = (eighths / 8) * (cellHeight - 4);
    return { kind: 'fill', path: `M${n(x)} ${n(cellHeight - 2 - height)}h${cellWidth}v${n(height)}h-${cellWidth}z` };
  }
  if (character === '░') return { kind: 'shade', path: `M${n(x)} ${n(2 + (cellHeight - 4) / 4)}h${cellWidth}v${n((cellHeight - 4) * 0.75)}h-${cellWidth}z` };
  const dots = (character.codePointAt(0) ?? 0) - 0x2800;
  if (dots < 0 || dots > 0xff) return null;
  const places = [0, 1, 2, 6, 3, 4, 5, 7].flatMap((bit, place) => ((dots & (1 << bit)) === 0 ? [] : [[place >> 2, place & 3] as const]));
  const path = places.map(([column, row]) => `M${n(x + 1.6 + column * 3.8)} ${n(2 + row * 4.2)}h1.8v1.8h-1.8z`).join('');
  return { kind: 'fill', path };
}
