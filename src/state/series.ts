/** Values at even steps; null where there is none (no sample, NaN, ±Inf): a gap, never 0. */
export interface Series {
  /** ms since the epoch of the first value, by Prometheus' clock. */
  readonly startAt: number;
  readonly stepMs: number;
  readonly values: readonly (number | null)[];
}
