/** Whether two JSON values say the same. A key whose value is undefined counts as not there, as on the wire. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => deepEqual(item, b[index]));
  }
  const left = new Map(Object.entries(a).filter(isThere));
  const right = Object.entries(b).filter(isThere);
  return left.size === right.length && right.every(([key, value]) => left.has(key) && deepEqual(left.get(key), value));
}

function isThere([, value]: [string, unknown]): boolean {
  return value !== undefined;
}
