/** The first text anywhere in a value that a terminal must not get as it is: control, bidirectional and other invisible characters, halves of surrogate pairs; null where there is none. */
export function unsafeText(value: unknown, seen = new Set<unknown>()): string | null {
  if (typeof value === 'string') return invisible.test(value) || !value.isWellFormed() ? value : null;
  if (typeof value !== 'object' || value === null || seen.has(value) || Buffer.isBuffer(value)) return null;
  seen.add(value);
  const parts = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : [...Object.keys(value), ...Object.values(value)];
  for (const part of parts) {
    const found = unsafeText(part, seen);
    if (found !== null) return found;
  }
  return null;
}

const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u;
