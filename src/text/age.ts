/**
 * A span of time as an operator reads it, in at most two units: `45s`, `4m12s`, `3h20m`, `31d`. Days stand alone from ten
 * on. Negative spans (clocks that disagree) count as none.
 */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, 'm', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(hours, 'h', minutes % 60, 'm');
  const days = Math.floor(hours / 24);
  if (days >= 10) return `${days}d`;
  return two(days, 'd', hours % 24, 'h');
}

/** The time since `at` (both ms since the epoch), or `–` where the moment is not known. */
export function age(at: number | null, now: number): string {
  return at === null ? '–' : duration(now - at);
}

/** Wall-clock time of day, local: `14:02:11`. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
