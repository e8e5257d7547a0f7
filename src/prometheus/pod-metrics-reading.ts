import { type Bucket, bucketQuantile } from './histogram.js';
import { boundIn, fits, flawIn, type Measured } from './latency-discovery.js';
import { quantiles, sampleNames } from './latency-queries.js';
import type { Reading } from './latency-readings.js';
import type { LatencyStack } from './latency-stacks.js';
import type { PodSamples, PodSeries } from './pod-metrics-samples.js';

/** The pages of one service's pods, as far as they are of one stack and one model. */
export interface PodGroup {
  readonly stack: LatencyStack;
  /** '' where the stack knows no models. */
  readonly model: string;
  readonly measure: Measured['measure'];
  readonly series: readonly PodSeries[];
  readonly pods: readonly PodSamples[];
}

/** The groups of one service: of the first stack that its pods show something of, one for each model. */
export function groupsIn(pods: readonly PodSamples[], stacks: readonly LatencyStack[]): readonly PodGroup[] {
  const series = pods.flatMap((pod) => [...pod.series()]);
  for (const stack of stacks) {
    const own = series.filter(({ name, labels }) => sampleNames(stack).includes(name) && fits(stack.matchers, labels));
    if (own.length === 0) continue;
    const models = [...new Set(own.map(({ labels }) => modelOf(labels, stack)))].sort();
    return models.map((model) => {
      const mine = series.filter(({ labels }) => modelOf(labels, stack) === model || stack.labels.every((label) => !labels.has(label)));
      const isMean = own.every(({ name, labels }) => name === stack.mean?.time || modelOf(labels, stack) !== model);
      return { stack, model, measure: isMean ? 'mean' : 'quantiles', series: mine, pods };
    });
  }
  return [];
}

/** What a group says at the moment `at` (ms since the epoch): rates over the 5 minutes before it, summed over the pods, quantiles interpolated as Prometheus does it. */
export function readingOf({ stack, series, pods }: PodGroup, at: number, staleMs: number): Reading {
  const { histogram, mean, summary } = stack;
  const rated = (selector: string) => sum(chosen(series, selector, stack.matchers).map((one) => one.rate(at)));
  const buckets = histogram === null ? [] : bucketsIn(chosen(series, `${histogram.name}_bucket`, stack.matchers), at);
  const ofBuckets = (quantile: number) => scaled(bucketQuantile(quantile, buckets), histogram?.secondsPerUnit);
  const ofSummary = (quantile: number) =>
    scaled(
      largest(chosen(series, `${summary?.name ?? ''}{quantile="${quantile}"}`, stack.matchers).map((one) => one.value(at, staleMs))),
      summary?.secondsPerUnit,
    );
  const quantile = (part: number) => ofBuckets(part) ?? (summary === null ? null : ofSummary(part));
  const meanOfHistogram = histogram === null ? null : scaled(over(rated(`${histogram.name}_sum`), rated(`${histogram.name}_count`)), histogram.secondsPerUnit);
  const sampledAt = largest(pods.map((pod) => pod.readAt(at)));
  return {
    p50: quantile(quantiles.p50),
    p95: quantile(quantiles.p95),
    p99: quantile(quantiles.p99),
    mean: meanOfHistogram ?? (mean === null ? null : scaled(over(rated(mean.time), rated(mean.requests)), mean.secondsPerUnit)),
    requests: rated(stack.requests) ?? (histogram === null ? null : rated(`${histogram.name}_count`)),
    errors: errorsIn(stack, series, rated),
    queue: stack.queue === null ? null : sum(chosen(series, stack.queue, stack.matchers).map((one) => one.value(at, staleMs))),
    sampledAt: sampledAt === null ? null : sampledAt / 1000,
  };
}

/** What is wrong with a group's histogram; null when nothing is. */
export function flawOf({ stack, series, measure }: PodGroup, at: number, staleMs: number): Measured['flaw'] {
  if (stack.histogram === null || measure === 'mean') return null;
  const shape = new Map<number, number>();
  for (const one of chosen(series, `${stack.histogram.name}_bucket`, stack.matchers)) {
    const bound = boundIn(one.labels.get('le'));
    if (bound !== null && one.value(at, staleMs) !== null) shape.set(bound, (shape.get(bound) ?? 0) + 1);
  }
  return shape.size === 0 ? null : flawIn(shape);
}

function modelOf(labels: ReadonlyMap<string, string>, stack: LatencyStack): string {
  return stack.labels
    .map((label) => labels.get(label) ?? '')
    .filter((part) => part !== '')
    .join('/');
}

/** The series that a selector (`name` or `name{matchers}`) means. */
function chosen(series: readonly PodSeries[], selector: string, matchers: string): readonly PodSeries[] {
  const [, name = selector, own = ''] = /^([^{]+)(?:\{(.*)\})?$/s.exec(selector) ?? [];
  return series.filter((one) => one.name === name && fits(own, one.labels) && fits(matchers, one.labels));
}

function bucketsIn(series: readonly PodSeries[], at: number): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const one of series) {
    const bound = boundIn(one.labels.get('le'));
    const rate = one.rate(at);
    if (bound !== null && rate !== null) counts.set(bound, (counts.get(bound) ?? 0) + rate);
  }
  return [...counts].map(([bound, count]) => ({ bound, count }));
}

/** As through Prometheus: failures by a label of the requests' own counter are 0 where that label is there and none of them says failure. */
function errorsIn({ errors, requests, matchers }: LatencyStack, series: readonly PodSeries[], rated: (selector: string) => number | null): number | null {
  if (errors === null) return null;
  const [, counter, label = ''] = /^([^{]+)\{(\w+)=~/.exec(errors) ?? [];
  const counted = rated(errors);
  if (counted !== null || counter !== requests) return counted;
  return chosen(series, requests, matchers).some(({ labels }) => (labels.get(label) ?? '') !== '') && rated(requests) !== null ? 0 : null;
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function over(time: number | null, requests: number | null): number | null {
  return time === null || requests === null || requests === 0 ? null : time / requests;
}

function scaled(value: number | null, secondsPerUnit = 1): number | null {
  return value === null ? null : value * secondsPerUnit;
}
