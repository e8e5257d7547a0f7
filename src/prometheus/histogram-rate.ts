/** A counter's value at one moment, ms since the epoch. */
export interface CounterSample {
  readonly at: number;
  readonly value: number;
}

/**
 * How much a counter grew per second within the window (`endAt - windowMs`, `endAt`], by the rules of Prometheus' rate(): a value below the one before it is a new beginning at 0; the change is stretched to the whole window unless
 * the samples begin or end well within it, and not below the counter's own zero. Null with fewer than two samples.
 */
export function counterRate(samples: readonly CounterSample[], endAt: number, windowMs: number): number | null {
  const startAt = endAt - windowMs;
  const within = samples.filter(({ at }) => at > startAt && at <= endAt);
  const [first] = within;
  const last = within.at(-1);
  if (first === undefined || last === undefined || within.length < 2 || last.at <= first.at) return null;
  const change = within.reduce((sum, { value }, index) => {
    const before = within[index - 1];
    return before !== undefined && value < before.value ? sum + before.value : sum;
  }, last.value - first.value);
  const sampledMs = last.at - first.at;
  const betweenMs = sampledMs / (within.length - 1);
  const atStart = stretch(first.at - startAt, betweenMs);
  const toZero = change > 0 && first.value >= 0 ? sampledMs * (first.value / change) : Number.POSITIVE_INFINITY;
  const factor = (sampledMs + Math.min(atStart, toZero) + stretch(endAt - last.at, betweenMs)) / sampledMs;
  return (change * factor) / (windowMs / 1000);
}

/** A series that ends more than a scrape before the window does has ended there, on average half way to the next one. */
function stretch(gapMs: number, betweenMs: number): number {
  return gapMs >= betweenMs * 1.1 ? betweenMs / 2 : gapMs;
}
