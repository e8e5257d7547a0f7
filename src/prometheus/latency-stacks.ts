import { type ServingStack, servingStacks } from './serving-stacks.js';

/** A histogram of a service of one's own, as the settings name it. */
export interface OwnLatencySource {
  /** How the service's stack is called on the screen. */
  readonly name: string;
  readonly namespace?: string;
  /** Name of the histogram without `_bucket`, `_sum`, `_count`. */
  readonly metric: string;
  /** Label matchers as PromQL has them, without braces: `app="ranker",path!="/health"`. */
  readonly selector?: string;
  readonly unit: 'seconds' | 'milliseconds' | 'microseconds';
  /** Counters of requests and of failed ones, and a gauge of those that wait: metric names, with matchers in braces where needed. */
  readonly requests?: string;
  readonly errors?: string;
  readonly queue?: string;
}

/** A serving stack, and which of the series by its names are meant. */
export interface LatencyStack extends ServingStack {
  /** Label matchers without braces; '' for all. */
  readonly matchers: string;
}

/** All ways in which services may measure themselves. Where a service does it in several, the first of them counts: one's own, then the more particular ones. */
export function latencyStacks(own: readonly OwnLatencySource[]): readonly LatencyStack[] {
  return [...own.map(ownStack), ...servingStacks.map((stack) => ({ ...stack, matchers: '' })), instrumented];
}

/** How the rates are taken that the rows show: as in the dashboards. */
export const rateWindow = '5m';
export const rateWindowMs = 300_000;

function ownStack({ name, namespace, metric, selector, unit, requests, errors, queue }: OwnLatencySource): LatencyStack {
  const inNamespace = namespace === undefined ? [] : [`namespace="${namespace}"`];
  return {
    id: name,
    title: name,
    histogram: { name: metric, secondsPerUnit: { seconds: 1, milliseconds: 1e-3, microseconds: 1e-6 }[unit] },
    mean: null,
    summary: null,
    requests: requests ?? `${metric}_count`,
    errors: errors ?? null,
    queue: queue ?? null,
    labels: [],
    matchers: [...inNamespace, ...(selector === undefined || selector === '' ? [] : [selector])].join(','),
  };
}

/**
 * What instrumentators of FastAPI and Starlette write under the name that half of all programs use; kube-state-metrics among them, whose handlers are words and no paths. Health checks and the
 * page of metrics are no requests to a model.
 */
const instrumented: LatencyStack = {
  id: 'fastapi',
  title: 'FastAPI instrumentator',
  histogram: { name: 'http_request_duration_seconds', secondsPerUnit: 1 },
  mean: null,
  summary: null,
  requests: 'http_requests_total',
  errors: 'http_requests_total{status=~"5..|5xx"}',
  queue: null,
  labels: [],
  matchers: 'handler=~"/.*",handler!~"/(metrics|health.*|ready.*|live.*|docs|openapi.json|ping)/?"',
};
