/** Orders versions as people do: runs of digits by their value, the rest by letters (6.8.0-9-generic before 6.8.0-94-generic). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    if (one === undefined || other === undefined) return left.length - right.length;
    const both = /^\d/.test(one) && /^\d/.test(other);
    const order = both ? Number(one) - Number(other) : one < other ? -1 : one > other ? 1 : 0;
    if (order !== 0) return order;
  }
  return 0;
}

function parts(version: string): readonly string[] {
  return version.match(/\d+|[^\d.\-_+~]+/g) ?? [];
}
