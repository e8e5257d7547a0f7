/**
 * The last `width` samples as one row of blocks, oldest left: `▁▂▂▅▇`. The scale runs from 0 (or `range.low`) to the largest sample (or `range.high`);
 * a sample that is missing is a gap. Shorter series stand at the right.
 */
export function sparkline(samples: readonly (number | null)[], width: number, range: { readonly low?: number; readonly high?: number } = {}): string {
  const shown = samples.slice(Math.max(0, samples.length - width));
  const known = shown.filter((sample) => sample !== null && Number.isFinite(sample));
  const low = range.low ?? 0;
  const high = range.high ?? known.reduce<number>((most, sample) => Math.max(most, sample ?? low), low);
  const drawn = shown.map((sample) => level(sample, low, high)).join('');
  return drawn.padStart(Math.max(0, width));
}

const levels = '▁▂▃▄▅▆▇█';

function level(sample: number | null, low: number, high: number): string {
  if (sample === null || !Number.isFinite(sample)) return ' ';
  if (high <= low) return levels.charAt(0);
  const step = Math.round(((sample - low) / (high - low)) * (levels.length - 1));
  return levels.charAt(Math.min(levels.length - 1, Math.max(0, step)));
}
