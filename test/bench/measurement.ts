/** One line of the benchmark: what was measured, every sample of it, and what it is held to. */
export interface Measurement {
  /** Names the line in the stored results, the group first: `start/first-frame`. */
  readonly id: string;
  readonly what: string;
  readonly unit: 'ms' | 's' | 'MB' | 'KB' | '%' | 'KB/s' | 'MB/s' | 'per minute';
  /** In the order in which they were taken. */
  readonly samples: readonly number[];
  /** What counts of them: the median, unless the line says otherwise. */
  readonly value: number;
  /** The same thing done by somebody else in the same run, and our value divided by theirs. */
  readonly peer?: { readonly what: string; readonly ratio: number };
  readonly bar?: { readonly text: string; readonly met: boolean };
}

interface Extras {
  readonly value?: number;
  readonly against?: Measurement;
  readonly bar?: (value: number, ratio: number) => { readonly text: string; readonly met: boolean };
}

/** A line of these samples; `against` is the peer's line, `bar` judges the value and its ratio to the peer. */
export function measurement(
  line: Pick<Measurement, 'id' | 'what' | 'unit' | 'samples'>,
  { value = median(line.samples), against, bar }: Extras = {},
): Measurement {
  const ratio = against === undefined ? Number.NaN : value / against.value;
  return {
    ...line,
    value,
    ...(against === undefined ? {} : { peer: { what: against.what, ratio } }),
    ...(bar === undefined ? {} : { bar: bar(value, ratio) }),
  };
}

/** A bar for the value itself. */
export function atMost(limit: number, unit: string): NonNullable<Extras['bar']> {
  return (value) => ({ text: `≤ ${limit} ${unit}`, met: value <= limit });
}

/** A bar for the ratio to the peer. */
export function atMostTimes(limit: number): NonNullable<Extras['bar']> {
  return (_, ratio) => ({ text: `≤ ${limit} × peer`, met: ratio <= limit });
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}

/** Between two samples: the nearer ones in proportion. NaN of none. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
