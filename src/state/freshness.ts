/**
 * How much a value can be trusted right now. A view never shows a value without looking at this first.
 * Times are milliseconds since the epoch on this machine's clock.
 */
export type Freshness = Loading | Live | Stale | Denied | Absent;

/** Not there yet. `why` says what holds it up, in words for the screen ("connection refused, next try in 4 s"), or null while all is well. */
export interface Loading {
  readonly status: 'loading';
  readonly since: number;
  readonly why: string | null;
}

/** Kept up to date by a watch, or polled and not yet due again. `at` is when the source last confirmed it. */
export interface Live {
  readonly status: 'live';
  readonly at: number;
}

/** Was true at `since`; the source has not answered after that. */
export interface Stale {
  readonly status: 'stale';
  readonly since: number;
  readonly why: string;
}

/** The server said 403 for this verb and resource. */
export interface Denied {
  readonly status: 'denied';
  readonly verb: string;
  readonly resource: string;
}

/** Looked for and not there, or not supported by the server. `why` says where we looked. */
export interface Absent {
  readonly status: 'absent';
  readonly why: string;
}

/** A value together with its freshness: where nothing was ever seen there is no value to show by mistake. */
export type Slice<T extends object> =
  | { readonly value: T; readonly freshness: Live | Stale }
  | { readonly value: null; readonly freshness: Loading | Denied | Absent };

export function loading<T extends object>(since: number, why: string | null = null): Slice<T> {
  return { value: null, freshness: { status: 'loading', since, why } };
}

export function live<T extends object>(value: T, at: number): Slice<T> {
  return { value, freshness: { status: 'live', at } };
}

export function stale<T extends object>(value: T, since: number, why: string): Slice<T> {
  return { value, freshness: { status: 'stale', since, why } };
}

export function denied<T extends object>(verb: string, resource: string): Slice<T> {
  return { value: null, freshness: { status: 'denied', verb, resource } };
}

export function absent<T extends object>(why: string): Slice<T> {
  return { value: null, freshness: { status: 'absent', why } };
}

/** The slice after its source stopped answering: what was seen stays, marked with the time it was last true. */
export function lost<T extends object>(slice: Slice<T>, now: number, why: string): Slice<T> {
  const { value, freshness } = slice;
  if (value === null || (freshness.status !== 'live' && freshness.status !== 'stale')) {
    return loading(freshness.status === 'loading' ? freshness.since : now, why);
  }
  return stale(value, freshness.status === 'stale' ? freshness.since : freshness.at, why);
}

/** One sentence on why a slice has no value, for the place where the value would stand; null when it has one. */
export function whyMissing(slice: Slice<object>): string | null {
  if (slice.value !== null) return null;
  const { freshness } = slice;
  switch (freshness.status) {
    case 'loading':
      return freshness.why ?? 'loading';
    case 'denied':
      return `not allowed to ${freshness.verb} ${freshness.resource}`;
    case 'absent':
      return freshness.why;
  }
}
