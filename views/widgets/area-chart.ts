/**
 * A filled chart of `width` × `height` cells in braille, newest sample at the right, top row first: two samples in a column, four levels in a row. A sample
 * that is missing is a gap, and one at the bottom of the range still a row of dots.
 */
export function areaChart(
  samples: readonly (number | null)[],
  width: number,
  height: number,
  range: { readonly low?: number; readonly high: number },
): readonly string[] {
  const { low = 0, high } = range;
  const levels = height * 4;
  const shown = samples.slice(Math.max(0, samples.length - width * 2));
  const padded = [...Array.from({ length: width * 2 - shown.length }, () => null), ...shown].map((sample) => heightOf(sample, low, high, levels));
  return Array.from({ length: height }, (_, row) => {
    const floor = (height - 1 - row) * 4;
    let text = '';
    for (let column = 0; column < width; column += 1) {
      const dots = (leftDots[within(padded[column * 2] ?? 0, floor)] ?? 0) | (rightDots[within(padded[column * 2 + 1] ?? 0, floor)] ?? 0);
      text += dots === 0 ? ' ' : String.fromCodePoint(0x2800 + dots);
    }
    return text;
  });
}

// Dots from the bottom up, by how many are raised.
const leftDots = [0, 0x40, 0x44, 0x46, 0x47];
const rightDots = [0, 0x80, 0xa0, 0xb0, 0xb8];

function heightOf(sample: number | null, low: number, high: number, levels: number): number {
  if (sample === null || !Number.isFinite(sample)) return 0;
  const share = high <= low ? 0 : (sample - low) / (high - low);
  return Math.min(levels, Math.max(1, Math.round(share * levels)));
}

function within(level: number, floor: number): number {
  return Math.min(4, Math.max(0, level - floor));
}
