import { describe, expect, it } from 'vitest';
import { type Bucket, bucketQuantile, partAbove } from '../../src/prometheus/histogram.js';
import { counterRate } from '../../src/prometheus/histogram-rate.js';

const buckets = (...pairs: readonly (readonly [number, number])[]): readonly Bucket[] => pairs.map(([bound, count]) => ({ bound, count }));
const infinity = Number.POSITIVE_INFINITY;

describe('a quantile of a classic histogram', () => {
  it('lies within its bucket, where an even spread puts it', () => {
    expect(bucketQuantile(0.5, buckets([0.1, 0], [0.2, 100], [infinity, 100]))).toBeCloseTo(0.15, 12);
    expect(bucketQuantile(0.95, buckets([0.1, 90], [0.5, 100], [infinity, 100]))).toBeCloseTo(0.3, 12);
  });

  it('in the first bucket counts from 0', () => expect(bucketQuantile(0.5, buckets([0.1, 100], [infinity, 100]))).toBeCloseTo(0.05, 12));

  it('beyond the last finite bound is that bound', () => expect(bucketQuantile(0.99, buckets([1, 50], [10, 60], [infinity, 100]))).toBe(10));

  it.each([
    ['no requests', buckets([0.1, 0], [infinity, 0])],
    ['no bucket +Inf', buckets([0.1, 10], [0.5, 20])],
    ['nothing but the bucket +Inf', buckets([infinity, 20])],
    ['no buckets', []],
  ])('is not known with %s', (_, given) => expect(bucketQuantile(0.95, given)).toBeNull());

  it('takes bounds written twice as one, in any order, and evens out sums that fall', () => {
    expect(bucketQuantile(0.5, buckets([infinity, 100], [1, 40], [0.5, 30], [1, 40]))).toBeCloseTo(0.5 + 0.5 * (20 / 50), 12);
    expect(bucketQuantile(0.5, buckets([0.1, 60], [0.2, 40], [infinity, 100]))).toBeCloseTo(0.1 * (50 / 60), 12);
  });
});

describe('the part of requests that take longer than allowed', () => {
  it.each([
    ['at a bound', 0.2, 0.1],
    ['within a bucket', 0.15, 0.5],
    ['beyond all bounds', 30, 0.02],
    ['below the first', 0.05, 0.95],
  ])('%s', (_, limit, part) => expect(partAbove(limit, buckets([0.1, 10], [0.2, 90], [1, 98], [infinity, 100]))).toBeCloseTo(part, 12));

  it('is not known without requests', () => expect(partAbove(1, buckets([1, 0], [infinity, 0]))).toBeNull());
});

describe('the rate of a counter', () => {
  const samples = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([seconds, value]) => ({ at: seconds * 1000, value }));

  it('covers the whole window where samples reach its ends', () =>
    expect(counterRate(samples([10, 100], [20, 150], [30, 200], [40, 250], [50, 300], [60, 350]), 60_000, 60_000)).toBeCloseTo(5, 9));

  it('counts on after a restart', () => expect(counterRate(samples([15, 1000], [30, 1030], [45, 10], [60, 40]), 60_000, 60_000)).toBeCloseTo(70 / 45, 9));

  it('is not stretched below zero', () => {
    // 30 in 30 s from 1 on: it began about a second before the first sample.
    expect(counterRate(samples([30, 1], [45, 16], [60, 31]), 60_000, 300_000)).toBeCloseTo((30 * (31 / 30)) / 300, 9);
  });

  it('takes two samples', () => expect(counterRate(samples([50, 1]), 60_000, 60_000)).toBeNull());
});
