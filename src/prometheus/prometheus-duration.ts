/** Seconds of a Prometheus duration such as `15s`, `1m30s`, `250ms`, `1d`; null for anything else. */
export function durationSeconds(text: string | null): number | null {
  if (text === null || !/^(?:\d+(?:\.\d+)?(?:ms|y|w|d|h|m|s))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|y|w|d|h|m|s)/g)) seconds += Number(amount) * (units[unit ?? ''] ?? 0);
  return seconds;
}

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
