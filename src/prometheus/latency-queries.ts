import { serviceLabels } from './latency-labels.js';
import { type LatencyStack, rateWindow } from './latency-stacks.js';
import { meanExpr, quantileExpr, queueExpr, requestRateExpr, type StackQuery, select, summaryExpr } from './serving-stacks.js';

/** What is asked about each service. Seconds, per second, pieces; `sampledAt` in seconds since 1970 by Prometheus' clock. */
export type Measure = (typeof measures)[number];

export const measures = ['p50', 'p95', 'p99', 'mean', 'requests', 'errors', 'queue', 'sampledAt'] as const;

export interface MeasureOptions {
  /** Gives series the labels of their service. */
  readonly named: (expr: string) => string;
  /** Further label matchers, to ask about one service. */
  readonly matchers?: string;
  /** Default as in the dashboards. */
  readonly window?: string;
  /** Whether some of them are native histograms: functions for these are not known to every Prometheus, nor to its relatives. */
  readonly native?: boolean;
}

/** The question for one measure of all services of a stack: one series for each service and, where a server has several models, model. Null where the stack does not tell it. */
export function measureExpr(
  stack: LatencyStack,
  measure: Measure,
  { named, matchers = '', window = rateWindow, native = false }: MeasureOptions,
): string | null {
  const query: StackQuery = { named, window, by: groupedBy(stack), matchers: joined(stack.matchers, matchers) };
  switch (measure) {
    case 'p50':
    case 'p95':
    case 'p99': {
      const quantile = quantiles[measure];
      return either(quantileExpr(stack, quantile, query), summaryExpr(stack, quantile, query));
    }
    case 'mean':
      return either(meanExpr(stack, query), native ? nativeMean(stack, query) : null);
    case 'requests':
      return either(requestRateExpr(stack, 'requests', query), countedRate(stack, query), native ? nativeRate(stack, query, 'histogram_count') : null);
    case 'errors':
      return either(requestRateExpr(stack, 'errors', query), noneFailed(stack, query));
    case 'queue':
      return queueExpr(stack, query);
    case 'sampledAt':
      return `max by (${groupedBy(stack).join(', ')}) (${sampleNames(stack)
        .map((name) => named(`timestamp(${select(name, [query.matchers ?? ''])})`))
        .join(' or ')})`;
  }
}

/** How many of a service's series have each bucket: where replicas have different ones, their sum is none of a histogram. Null for stacks without. */
export function shapeExpr({ histogram, matchers }: LatencyStack, named: (expr: string) => string): string | null {
  if (histogram === null) return null;
  return `count by (${[...serviceLabels, 'le'].join(', ')}) (${named(select(`${histogram.name}_bucket`, [matchers]))})`;
}

/** Labels that tell a stack's services and their models apart. */
export function groupedBy({ labels }: LatencyStack): readonly string[] {
  return [...serviceLabels, ...labels];
}

/** Names of the series by which it is known that, and when, a service of this stack was read. */
export function sampleNames({ histogram, summary, mean }: LatencyStack): readonly string[] {
  return [
    ...(histogram === null ? [] : [`${histogram.name}_count`, histogram.name]),
    ...(summary === null ? [] : [summary.name]),
    ...(mean === null ? [] : [mean.time]),
  ];
}

export const quantiles = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** A server that counts no requests by name has measured each of them all the same. */
function countedRate(stack: LatencyStack, query: StackQuery): string | null {
  const { histogram } = stack;
  if (histogram === null || stack.requests === `${histogram.name}_count`) return null;
  return requestRateExpr({ ...stack, requests: `${histogram.name}_count` }, 'requests', query);
}

function nativeRate(stack: LatencyStack, { named, matchers = '', window }: StackQuery, taken: 'histogram_count' | 'histogram_sum'): string | null {
  const { histogram } = stack;
  if (histogram === null || named === undefined) return null;
  return `${taken}(sum by (${groupedBy(stack).join(', ')}) (${named(`rate(${select(histogram.name, [matchers])}[${window}])`)}))`;
}

function nativeMean(stack: LatencyStack, query: StackQuery): string | null {
  const [sum, count] = [nativeRate(stack, query, 'histogram_sum'), nativeRate(stack, query, 'histogram_count')];
  return sum === null || count === null ? null : `${stack.histogram?.secondsPerUnit ?? 1} * (${sum} / ${count})`;
}

/** Failures counted by a label of the requests' own counter: where that label is there and none has failed yet, there are no series of failures, and their number is 0. */
function noneFailed(stack: LatencyStack, query: StackQuery): string | null {
  const [, counter, label] = /^([^{]+)\{(\w+)=~/.exec(stack.errors ?? '') ?? [];
  if (counter === undefined || label === undefined || counter !== stack.requests) return null;
  const counted = requestRateExpr({ ...stack, requests: `${counter}{${label}!=""}` }, 'requests', query);
  return counted === null ? null : `0 * ${counted}`;
}

function either(...ways: readonly (string | null)[]): string | null {
  const known = ways.filter((way) => way !== null);
  return known.length === 0 ? null : known.join(' or ');
}

function joined(...matchers: readonly string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(',');
}
