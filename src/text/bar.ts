/** A level as a bar of `width` columns: `▆▆▆░░`. `fraction` outside 0 to 1 is held to it; anything above nothing shows at least one cell. */
export function bar(fraction: number, width: number): string {
  const held = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const filled = held === 0 ? 0 : Math.max(1, Math.round(held * width));
  return '▆'.repeat(Math.min(filled, width)) + '░'.repeat(Math.max(0, width - filled));
}
