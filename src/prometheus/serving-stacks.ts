import { withApp, withEvenBounds } from './common-labels.js';

/** How one kind of inference server measures itself. Metric names without suffix; all optional but what gives the latency. */
export interface ServingStack {
  /** As in LatencyService.stack. */
  readonly id: string;
  readonly title: string;
  /** A histogram: classic with `_bucket`, `_sum`, `_count`, or native under the bare name. */
  readonly histogram: { readonly name: string; readonly secondsPerUnit: number } | null;
  /** Counters of time spent and of requests, for a mean where there is no histogram, or it is switched off. */
  readonly mean: { readonly time: string; readonly requests: string; readonly secondsPerUnit: number } | null;
  /** A summary with the label `quantile`: it cannot be put together over replicas, so the worst of them counts. */
  readonly summary: { readonly name: string; readonly secondsPerUnit: number } | null;
  /** Counters of requests answered, and of those that failed, as selectors. */
  readonly requests: string;
  readonly errors: string | null;
  /** Gauge of requests that wait. */
  readonly queue: string | null;
  /** Labels that tell services of this stack apart, besides namespace and app. */
  readonly labels: readonly string[];
}

export const servingStacks: readonly ServingStack[] = [
  {
    id: 'inference',
    title: 'servers with inference_latency_seconds',
    histogram: { name: 'inference_latency_seconds', secondsPerUnit: 1 },
    mean: null,
    summary: null,
    requests: 'inference_requests_total',
    errors: 'inference_requests_total{status=~"5..|5xx|error|failed|failure"}',
    queue: 'inference_queue_depth',
    labels: [],
  },
  {
    id: 'vllm',
    title: 'vLLM',
    histogram: { name: 'vllm:e2e_request_latency_seconds', secondsPerUnit: 1 },
    mean: null,
    summary: null,
    requests: 'vllm:request_success_total',
    errors: 'vllm:request_success_total{finished_reason=~"abort|error"}',
    queue: 'vllm:num_requests_waiting',
    labels: ['model_name'],
  },
  {
    id: 'tgi',
    title: 'Text Generation Inference',
    histogram: { name: 'tgi_request_duration', secondsPerUnit: 1 },
    mean: null,
    summary: null,
    requests: 'tgi_request_count',
    errors: 'tgi_request_failure',
    queue: 'tgi_queue_size',
    labels: [],
  },
  {
    id: 'triton',
    title: 'Triton',
    // Only with --metrics-config histogram_latencies=true; the counters are always there.
    histogram: { name: 'nv_inference_first_response_histogram_ms', secondsPerUnit: 1e-3 },
    mean: { time: 'nv_inference_request_duration_us', requests: 'nv_inference_request_success', secondsPerUnit: 1e-6 },
    summary: { name: 'nv_inference_request_summary_us', secondsPerUnit: 1e-6 },
    requests: 'nv_inference_request_success',
    errors: 'nv_inference_request_failure',
    queue: 'nv_inference_pending_request_count',
    labels: ['model'],
  },
  {
    id: 'kserve',
    title: 'KServe',
    histogram: { name: 'request_predict_seconds', secondsPerUnit: 1 },
    mean: null,
    summary: null,
    requests: 'request_predict_seconds_count',
    errors: null,
    queue: null,
    labels: ['model_name'],
  },
  {
    id: 'torchserve',
    title: 'TorchServe',
    histogram: null,
    mean: { time: 'ts_inference_latency_microseconds', requests: 'ts_inference_requests_total', secondsPerUnit: 1e-6 },
    summary: null,
    requests: 'ts_inference_requests_total',
    errors: null,
    queue: null,
    labels: ['model_name'],
  },
  {
    id: 'fastapi',
    title: 'FastAPI instrumentator',
    // http_request_duration_seconds is what half of all programs call theirs; this one is the instrumentator's alone.
    histogram: { name: 'http_request_duration_highr_seconds', secondsPerUnit: 1 },
    mean: null,
    summary: null,
    requests: 'http_request_duration_highr_seconds_count',
    errors: null,
    queue: null,
    labels: [],
  },
];

/** How the expressions below are bent to a purpose. */
export interface StackQuery {
  /** Label matchers without braces: `namespace="ai",pod=~"resnet.*"`. */
  readonly matchers?: string;
  /** Range of rates. Default `5m`. */
  readonly window?: string;
  /** Labels to tell series apart by. Default namespace, app and those of the stack. */
  readonly by?: readonly string[];
  /** Gives series those of the labels in `by` that they do not bring themselves. Default: `app`. */
  readonly named?: (expr: string) => string;
}

/** Quantiles of the latency in seconds, over all replicas of a service; null for a stack without histogram. Native histograms count where the classic buckets are not there. */
export function quantileExpr({ histogram, labels }: ServingStack, quantile: number, query: StackQuery = {}): string | null {
  if (histogram === null) return null;
  const by = query.by ?? ['namespace', 'app', ...labels];
  const named = query.named ?? withApp;
  const buckets = withEvenBounds(named(rate(`${histogram.name}_bucket`, query)));
  const native = named(rate(histogram.name, query));
  const expr = `(histogram_quantile(${quantile}, sum by (${['le', ...by].join(', ')}) (${buckets})) or histogram_quantile(${quantile}, sum by (${by.join(', ')}) (${native})))`;
  return scaled(expr, histogram.secondsPerUnit);
}

/** Quantiles that the servers worked out themselves, in seconds: the worst of a service's replicas; null for a stack without summary. */
export function summaryExpr({ summary, labels }: ServingStack, quantile: number, query: StackQuery = {}): string | null {
  if (summary === null) return null;
  const by = query.by ?? ['namespace', 'app', ...labels];
  const worst = `max by (${by.join(', ')}) (${(query.named ?? withApp)(select(summary.name, [`quantile="${quantile}"`, query.matchers ?? '']))})`;
  return scaled(worst, summary.secondsPerUnit);
}

/** The mean latency in seconds, from sums and counts. */
export function meanExpr({ histogram, mean, labels }: ServingStack, query: StackQuery = {}): string {
  const by = (query.by ?? ['namespace', 'app', ...labels]).join(', ');
  const named = query.named ?? withApp;
  const over = (time: string, requests: string) => `sum by (${by}) (${named(rate(time, query))}) / sum by (${by}) (${named(rate(requests, query))})`;
  const ways = [
    ...(histogram === null ? [] : [scaled(over(`${histogram.name}_sum`, `${histogram.name}_count`), histogram.secondsPerUnit)]),
    ...(mean === null ? [] : [scaled(over(mean.time, mean.requests), mean.secondsPerUnit)]),
  ];
  return ways.join(' or ');
}

/** Requests per second, or failed ones; null where the stack does not count them. */
export function requestRateExpr(stack: ServingStack, what: 'requests' | 'errors', query: StackQuery = {}): string | null {
  const counter = stack[what];
  const by = (query.by ?? ['namespace', 'app', ...stack.labels]).join(', ');
  return counter === null ? null : `sum by (${by}) (${(query.named ?? withApp)(rate(counter, query))})`;
}

/** Requests that wait; null where the stack does not say. */
export function queueExpr(stack: ServingStack, query: StackQuery = {}): string | null {
  const by = (query.by ?? ['namespace', 'app', ...stack.labels]).join(', ');
  return stack.queue === null ? null : `sum by (${by}) (${(query.named ?? withApp)(select(stack.queue, [query.matchers ?? '']))})`;
}

/** Names of the series that must be there for a stack to show a latency, as they are stored: any one of them is enough. */
export function namesOf({ histogram, mean, summary }: ServingStack): readonly string[] {
  return [
    ...(histogram === null ? [] : [`${histogram.name}_bucket`, histogram.name]),
    ...(summary === null ? [] : [summary.name]),
    ...(mean === null ? [] : [mean.time]),
  ];
}

function rate(metric: string, { matchers = '', window = '5m' }: StackQuery): string {
  return `rate(${select(metric, [matchers])}[${window}])`;
}

/** A selector with further matchers; the metric may have some already. */
export function select(metric: string, matchers: readonly string[]): string {
  const [, name = metric, own = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(metric) ?? [];
  const all = [own, ...matchers].filter((matcher) => matcher !== '');
  return all.length === 0 ? name : `${name}{${all.join(',')}}`;
}

function scaled(expr: string, secondsPerUnit: number): string {
  return secondsPerUnit === 1 ? expr : `${secondsPerUnit} * (${expr})`;
}
