export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of keys; undefined where a step is missing or no object. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (!isObject(current)) return undefined;
    current = current[key];
  }
  return current;
}

export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The string there, else `''`. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The number there, else 0. */
export function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : 0;
}

/** The strings of a map of strings, such as labels. */
export function stringsAt(value: unknown, ...path: readonly string[]): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [key, each] of Object.entries(objectAt(value, ...path))) if (typeof each === 'string') strings[key] = each;
  return strings;
}

/** A copy with one value set deep inside; what lies beside the path is shared with the original. */
export function withAt(value: JsonObject, path: readonly string[], set: unknown): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (rest.length > 0) return { ...value, [key]: withAt(objectAt(value, key), rest, set) };
  if (set !== undefined) return { ...value, [key]: set };
  const { [key]: _, ...others } = value;
  return others;
}
