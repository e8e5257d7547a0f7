/** An object whose fields nobody has looked at yet. */
export interface Fields {
  readonly [name: string]: unknown;
}

/** The value at a path through nested objects; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isFields(current)) return undefined;
    current = current[name];
  }
  return current;
}

/** The object at a path, empty where there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  const found = at(value, ...path);
  return isFields(found) ? found : nothing;
}

/** The list at a path, empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path, null where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : null;
}

/** The number at a path, null where there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | null {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : null;
}

/** The map of texts at a path (labels, annotations, selectors), without the entries that are no text. */
export function textsAt(value: unknown, ...path: readonly string[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(fieldsAt(value, ...path))) if (typeof text === 'string') texts[name] = text;
  return texts;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const nothing: Fields = {};
