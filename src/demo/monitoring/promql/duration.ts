const units = [
  ['y', 365 * 86_400],
  ['w', 7 * 86_400],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
  ['ms', 0.001],
] as const;

const wellFormed = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/;

/** A Prometheus duration such as `5m`, `1h30m` or `250ms` in seconds; null when it is none. */
export function parseDuration(text: string): number | null {
  if (text === '' || !wellFormed.test(text)) return null;
  let seconds = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g)) {
    seconds += Number(digits) * (units.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return seconds;
}
