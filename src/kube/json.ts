import { parseTime } from '../text/age.js';
import { clean } from '../text/clean.js';

/** Ways to look into JSON that came from somewhere else: whatever is missing or of another type is null or empty, never an error. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of field names, undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isObject(current)) return undefined;
    current = current[name];
  }
  return current;
}

/** A cleaned text, null where there is none or it is empty. */
export function text(value: unknown, limit?: number): string | null {
  return typeof value === 'string' && value !== '' ? clean(value, limit) : null;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** ms since the epoch. */
export function time(value: unknown): number | null {
  return parseTime(value);
}

/** The cleaned string entries of an object such as metadata.labels. */
export function textMap(value: unknown, share: (text: string) => string = (shared) => shared): ReadonlyMap<string, string> {
  if (!isObject(value)) return emptyMap;
  const entries = new Map<string, string>();
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry === 'string') entries.set(share(clean(key)), share(clean(entry)));
  }
  return entries;
}

const emptyMap: ReadonlyMap<string, string> = new Map();
