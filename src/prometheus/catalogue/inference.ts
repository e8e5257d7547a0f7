import { meanExpr, namesOf, quantileExpr, queueExpr, requestRateExpr, type ServingStack, servingStacks, summaryExpr } from '../serving-stacks.js';
import { gpuPercent } from './gpus.js';
import { cpuPercent } from './nodes.js';
import { type CatalogueQuery, panel, type Unit } from './query.js';

const exporters = ['inference server'] as const;
const byApp = ['namespace', 'app'] as const;
const quantiles = [0.5, 0.95, 0.99] as const;

/** Latency of the inference servers, by serving stack: `latency-p95-vllm`, `requests-tgi`, … Those of the plain histograms are in the dashboards, for `$app` and side by side. */
export const inferenceQueries: readonly CatalogueQuery[] = [...dashboardQueries(), ...servingStacks.flatMap(stackQueries)];

function dashboardQueries(): readonly CatalogueQuery[] {
  const [stack] = servingStacks;
  if (stack === undefined) return [];
  const query = { by: byApp };
  const one = { by: byApp, matchers: 'pod=~"($app).*"' };
  const legend = '{{app}}';
  const shown = (id: string, title: string, unit: Unit, expr: string | null, metric: string, panelTitle: string, name = legend): readonly CatalogueQuery[] =>
    expr === null ? [] : [{ id, title, unit, expr, needs: [metric], exporters, legend: name, ...panel('inference', panelTitle) }];
  return [
    ...quantiles.flatMap((quantile) =>
      shown(
        `app-latency-p${quantile * 100}`,
        `p${quantile * 100} of the chosen apps`,
        'seconds',
        quantileExpr(stack, quantile, one),
        'inference_latency_seconds_bucket',
        'Latency of the chosen apps',
        `{{app}} p${quantile * 100}`,
      ),
    ),
    ...shown(
      'compared-latency',
      'median of all apps',
      'seconds',
      quantileExpr(stack, 0.5, query),
      'inference_latency_seconds_bucket',
      'Median latency compared',
    ),
    ...shown('compared-requests', 'requests answered', '1/s', requestRateExpr(stack, 'requests', query), 'inference_requests_total', 'Requests'),
    ...shown('compared-queue', 'requests that wait', 'count', queueExpr(stack, query), 'inference_queue_depth', 'Queue'),
    ...shown('compared-mean', 'mean latency', 'seconds', meanExpr(stack, query), 'inference_latency_seconds_sum', 'Mean latency'),
    ...shown(
      'loaded-latency',
      'p95 under load',
      'seconds',
      quantileExpr(stack, 0.95, query),
      'inference_latency_seconds_bucket',
      'Latency under load',
      '{{app}} p95',
    ),
    {
      id: 'loaded-cpu',
      title: 'CPU in use',
      unit: 'percent',
      expr: `avg(${cpuPercent})`,
      needs: ['node_cpu_seconds_total'],
      exporters: ['node-exporter'],
      legend: 'CPU',
      ...panel('inference', 'Latency under load'),
    },
    {
      id: 'loaded-gpu',
      title: 'GPUs in use',
      unit: 'percent',
      expr: `avg(${gpuPercent})`,
      needs: ['DCGM_FI_DEV_GPU_UTIL'],
      exporters: ['dcgm-exporter'],
      legend: 'GPUs',
      ...panel('inference', 'Latency under load'),
    },
  ];
}

function stackQueries(stack: ServingStack): readonly CatalogueQuery[] {
  const { id, title, labels } = stack;
  const legend = ['{{namespace}}/{{app}}', ...labels.map((label) => `{{${label}}}`)].join(' ');
  const [needed = ''] = namesOf(stack);
  const asked = (name: string, words: string, unit: Unit, expr: string | null, needs: string): readonly CatalogueQuery[] =>
    expr === null ? [] : [{ id: `${name}-${id}`, title: `${words}, ${title}`, unit, expr, needs: [needs], exporters, legend, panel: null }];
  return [
    ...quantiles.flatMap((quantile) => [
      ...asked(`latency-p${quantile * 100}`, `p${quantile * 100}`, 'seconds', quantileExpr(stack, quantile), needed),
      ...asked(
        `summary-p${quantile * 100}`,
        `p${quantile * 100} by the servers' own account`,
        'seconds',
        summaryExpr(stack, quantile),
        stack.summary?.name ?? '',
      ),
    ]),
    ...asked('latency-mean', 'mean latency', 'seconds', meanExpr(stack), stack.histogram === null ? needed : `${stack.histogram.name}_sum`),
    ...asked('requests', 'requests answered', '1/s', requestRateExpr(stack, 'requests'), nameIn(stack.requests)),
    ...asked('errors', 'requests failed', '1/s', requestRateExpr(stack, 'errors'), nameIn(stack.errors ?? '')),
    ...asked('queue', 'requests that wait', 'count', queueExpr(stack), stack.queue ?? ''),
  ];
}

function nameIn(selector: string): string {
  return selector.replace(/\{.*$/, '');
}
