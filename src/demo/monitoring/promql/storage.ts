import type { Matcher } from './expression.js';
import type { Labels } from './labels.js';

/** Where the evaluator gets its samples. */
export interface SampleStorage {
  /**
   * The series that match all matchers, with their samples in (from, to], times in seconds. With `newestOnly` the caller looks at
   * nothing but the newest one of each, and the storage may leave the others out.
   */
  select(matchers: readonly Matcher[], from: number, to: number, newestOnly: boolean): readonly StoredSeries[];
}

export interface StoredSeries {
  readonly labels: Labels;
  /** Ascending. */
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** 1 where the series ended instead of having a value (Prometheus' staleness marker); null when it never does. */
  readonly stale: Uint8Array | null;
}
