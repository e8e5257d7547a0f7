/** One bucket of a classic histogram: how many observations (or how many per second) took at most `bound`. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/**
 * The value below which the part `quantile` (0 to 1) of the observations lies, interpolated within its bucket as Prometheus' histogram_quantile does it: the same number for the same buckets. Null where Prometheus says NaN: no bucket
 * +Inf, only that one, or no observations.
 */
export function bucketQuantile(quantile: number, given: readonly Bucket[]): number | null {
  const buckets = monotonic(given);
  const last = buckets.at(-1);
  if (last === undefined || last.bound !== Number.POSITIVE_INFINITY || buckets.length < 2 || !(last.count > 0)) return null;
  const rank = quantile * last.count;
  const index = buckets.findIndex(({ count }, place) => place === buckets.length - 1 || count >= rank);
  const found = buckets[index];
  const before = buckets[index - 1];
  if (found === undefined) return null;
  // Beyond the last finite bound nobody knows: that bound is what is said.
  if (index === buckets.length - 1) return before?.bound ?? null;
  if (before === undefined) return found.bound <= 0 ? found.bound : found.bound * (rank / found.count);
  return before.bound + (found.bound - before.bound) * ((rank - before.count) / (found.count - before.count));
}

/** The part (0 to 1) of the observations above `limit`, with even spread within the bucket that it lies in; null where there are none, or no bucket +Inf. */
export function partAbove(limit: number, given: readonly Bucket[]): number | null {
  const buckets = monotonic(given);
  const last = buckets.at(-1);
  if (last === undefined || last.bound !== Number.POSITIVE_INFINITY || !(last.count > 0)) return null;
  const index = buckets.findIndex(({ bound }) => bound >= limit);
  const found = buckets[index] ?? last;
  const before = buckets[index - 1] ?? { bound: Math.min(0, found.bound), count: 0 };
  // Within the bucket +Inf nothing says how far above its lower bound they are: they count as slow.
  const within = found.bound === Number.POSITIVE_INFINITY || found.bound === before.bound ? 0 : (limit - before.bound) / (found.bound - before.bound);
  const below = found.bound === limit ? found.count : before.count + (found.count - before.count) * Math.max(0, within);
  return Math.min(1, Math.max(0, 1 - below / last.count));
}

/** In the order of their bounds, those of the same bound as one, and none below the one before it: scrapes may catch a histogram half counted. */
function monotonic(given: readonly Bucket[]): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const { bound, count } of given) if (!Number.isNaN(bound)) counts.set(bound, (counts.get(bound) ?? 0) + count);
  let most = Number.NEGATIVE_INFINITY;
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([bound, count]) => {
      // Differences that only rounding makes are none.
      if (count > most && !nearly(count, most)) most = count;
      return { bound, count: most };
    });
}

function nearly(a: number, b: number): boolean {
  return Number.isFinite(b) && Math.abs(a - b) / (Math.abs(a) + Math.abs(b)) < 1e-12;
}
