/** A short span given in seconds: `0.4 ms`, `38 ms`, `1.2 s`, `30 s`. */
export function seconds(value: number): string {
  if (value < 0.9995) return `${value * 1000 < 9.95 ? Number((value * 1000).toFixed(1)) : Math.round(value * 1000)} ms`;
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} s`;
}
