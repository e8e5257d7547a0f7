import type { Labels } from './labels.js';
import { parseNumber } from './literals.js';
import type { Sample, Vector } from './value.js';

interface Bucket {
  readonly upper: number;
  count: number;
}

/** histogram_quantile() over classic buckets, by Prometheus' rules; remembers which series is which bucket of which histogram. */
export class HistogramQuantile {
  readonly #known = new Map<Labels, { group: Labels; upper: number }>();
  readonly #groups = new Map<string, Labels>();

  evaluate(q: number, vector: Vector): Vector {
    const histograms = new Map<Labels, Bucket[]>();
    for (const sample of vector) {
      const { group, upper } = this.#place(sample);
      if (Number.isNaN(upper)) continue;
      const buckets = histograms.get(group) ?? [];
      histograms.set(group, buckets);
      buckets.push({ upper, count: sample.value });
    }
    return [...histograms].map(([labels, buckets]) => ({ labels, value: quantileOfBuckets(q, buckets) }));
  }

  #place({ labels }: Sample): { group: Labels; upper: number } {
    const known = this.#known.get(labels);
    if (known !== undefined) return known;
    const bare = labels.without(['__name__', 'le']);
    const group = this.#groups.get(bare.key) ?? bare;
    this.#groups.set(group.key, group);
    const le = labels.get('le');
    const place = { group, upper: le === '' ? Number.NaN : (parseNumber(le) ?? Number.NaN) };
    this.#known.set(labels, place);
    return place;
  }
}

function quantileOfBuckets(q: number, unsorted: Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const buckets = monotone(merged(unsorted.sort((a, b) => a.upper - b.upper)));
  const last = buckets.at(-1);
  if (last === undefined || last.upper !== Number.POSITIVE_INFINITY || buckets.length < 2 || last.count === 0 || Number.isNaN(last.count)) return Number.NaN;
  const rank = q * last.count;
  const index = buckets.findIndex((bucket, at) => at === buckets.length - 1 || bucket.count >= rank);
  const bucket = buckets[index];
  const below = buckets[index - 1];
  if (bucket === undefined) return Number.NaN;
  // Beyond the last finite bound nothing is known but that bound.
  if (index === buckets.length - 1) return below?.upper ?? Number.NaN;
  if (below === undefined) return bucket.upper <= 0 ? bucket.upper : bucket.upper * (rank / bucket.count);
  return below.upper + (bucket.upper - below.upper) * ((rank - below.count) / (bucket.count - below.count));
}

function merged(buckets: readonly Bucket[]): Bucket[] {
  const result: Bucket[] = [];
  for (const bucket of buckets) {
    const last = result.at(-1);
    if (last !== undefined && last.upper === bucket.upper) last.count += bucket.count;
    else result.push(bucket);
  }
  return result;
}

/** Buckets scraped at slightly different moments can fall; they are lifted to the one before. */
function monotone(buckets: Bucket[]): Bucket[] {
  let highest = Number.NEGATIVE_INFINITY;
  for (const bucket of buckets) {
    highest = Math.max(highest, bucket.count);
    bucket.count = highest;
  }
  return buckets;
}
