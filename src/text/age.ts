/** The time from `since` to `now` (both ms since the epoch) as `kubectl get` shows ages. */
export function age(since: number, now: number): string {
  return duration(now - since);
}

/**
 * A span of ms as Kubernetes shows it (k8s.io/apimachinery/pkg/util/duration HumanDuration): `12s`, `4m12s`, `42m`, `3h5m`, `17h`, `2d3h`,
 * `31d`, `2y30d`. Negative spans come from clocks that disagree and count as `0s`.
 */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return two(seconds, minute, 'm', 1, 's');
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`;
  if (seconds < 8 * hour) return two(seconds, hour, 'h', minute, 'm');
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`;
  if (seconds < 8 * day) return two(seconds, day, 'd', hour, 'h');
  if (seconds < 2 * year) return `${Math.floor(seconds / day)}d`;
  if (seconds < 8 * year) return two(seconds, year, 'y', day, 'd');
  return `${Math.floor(seconds / year)}y`;
}

/** A span of ms as a stopwatch shows it: `0:38`, `1:20`, `1:02:05`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const rest = String(seconds % minute).padStart(2, '0');
  if (seconds < hour) return `${Math.floor(seconds / minute)}:${rest}`;
  return `${Math.floor(seconds / hour)}:${String(Math.floor((seconds % hour) / minute)).padStart(2, '0')}:${rest}`;
}

/** Time after an event, with its sign: `+1:20`, `-0:05`. */
export function clockOffset(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${clock(Math.abs(ms))}`;
}

/** A span such as `10m`, `2m30s`, `1h`, `1.5h`, `250ms`, `2d` in ms, as Go and Prometheus write them; null where it is none. A bare number has no unit and is none. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+$/.test(trimmed)) return /^0$/.test(trimmed) ? 0 : null;
  let ms = 0;
  for (const [, amount = '', unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)) ms += Number(amount) * (unitMs.get(unit) ?? 0);
  return Math.round(ms);
}

/** An RFC 3339 time as the API writes it, in ms since the epoch; null for anything else and for Go's zero time. */
export function parseTime(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', minute * 1000],
  ['h', hour * 1000],
  ['d', day * 1000],
  ['w', 7 * day * 1000],
  ['y', year * 1000],
]);

function two(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
}
