import type { Series } from '../state/series.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { gpuPercent as percentOfGpus, perGpu } from './catalogue/gpus.js';
import type { PrometheusClient } from './client.js';
import { withHonoredLabels } from './common-labels.js';
import type { Measured } from './latency-discovery.js';
import { text } from './latency-labels.js';
import type { Limit } from './limit.js';
import { MonitoringError } from './monitoring-error.js';
import { workloadOfPod } from './pod-metrics-pods.js';
import { emptySeries, type Range } from './range.js';

export interface GpuHistory {
  readonly gpuPercent: Series;
  readonly throttled: Series;
  readonly notes: readonly string[];
}

export interface BesideOptions {
  readonly client: PrometheusClient;
  readonly snapshot: ClusterSnapshot;
  readonly service: Measured;
  readonly range: Range;
  readonly signal: AbortSignal;
  readonly limit: Limit;
}

/** How busy the GPUs of a service's nodes were, and whether one of them was throttled. What cannot be had is all null, with a note. Rejects only when it is no longer wanted. */
export async function gpuHistory(options: BesideOptions): Promise<GpuHistory> {
  const { client, service, range, signal, limit } = options;
  const nothing = emptySeries(range);
  try {
    const nodes = await nodesOf(options);
    if (nodes.length === 0)
      return { gpuPercent: nothing, throttled: nothing, notes: ['no pod of it runs, and nothing tells where they ran: no GPUs beside it'] };
    const onNodes = nodes.map((node) => `label_replace(vector(1), "node", ${text(node.replaceAll('$', '$$$$'))}, "", "")`).join(' or ');
    const ask = (expr: string) => limit(() => client.queryRange(expr, range, { signal, timeoutMs: 30_000 }), signal);
    const [busy, slowed] = await Promise.all([
      ask(`avg(${percentOfGpus} and on (node) (${onNodes}))`),
      ask(`max((${throttledGpus}) and on (node) (${onNodes}))`),
    ]);
    const [gpuPercent, throttled] = [busy.value[0]?.series ?? null, slowed.value[0]?.series ?? null];
    return {
      gpuPercent: gpuPercent ?? nothing,
      throttled: throttled ?? nothing,
      notes: [
        ...(gpuPercent === null ? [`no GPU utilisation of ${nodes.join(', ')}: no DCGM exporter is scraped there`] : []),
        ...(throttled === null && gpuPercent !== null
          ? ['nothing tells of throttling: the DCGM exporter counts it only where its settings name such a counter']
          : []),
      ],
    };
  } catch (error) {
    if (signal.aborted || !(error instanceof MonitoringError)) throw error;
    return { gpuPercent: nothing, throttled: nothing, notes: [`no GPUs beside ${service.id}: ${error.message}`] };
  }
}

/** The nodes its pods run on now; without any, those that kube-state-metrics saw them on within the range. */
async function nodesOf({ client, snapshot, service, range, signal, limit }: BesideOptions): Promise<readonly string[]> {
  const { namespace, name, pods } = service;
  const own = [...(snapshot.pods.value?.values() ?? [])].filter((pod) => pod.namespace === namespace && (pods.has(pod.name) || workloadOfPod(pod) === name));
  const nodes = [...new Set(own.flatMap(({ nodeName }) => nodeName ?? []))].sort();
  if (nodes.length > 0) return nodes;
  const seconds = Math.max(60, Math.round((range.endAt - range.startAt) / 1000));
  const info = withHonoredLabels(`last_over_time(kube_pod_info[${seconds}s])`, ['namespace', 'pod', 'node']);
  const matching = `label_replace(${info}, "of", "$1", "pod", ${text(`(${name.replaceAll('.', '[.]')})-.+`)})`;
  const { value } = await limit(() => client.query(`group by (node, namespace, of) (${matching})`, { at: range.endAt, signal }), signal);
  return [
    ...new Set(value.flatMap(({ labels }) => (labels.get('namespace') === namespace && labels.get('of') === name ? (labels.get('node') ?? []) : []))),
  ].sort();
}

/**
 * 1 where a GPU was held back: by the reasons that are active (a mask; bits 2 to 7: idle and settings of application clocks are none), by the exporter's own count of such events, or by the time that limits took from it.
 */
const reasons = perGpu('DCGM_FI_DEV_CLOCKS_EVENT_REASONS');
const olderReasons = perGpu('DCGM_FI_DEV_CLOCK_THROTTLE_REASONS');
const throttledGpus = [
  `floor((${reasons} or ${olderReasons}) / 4) % 64 > bool 0`,
  `${perGpu('DCGM_EXP_CLOCK_EVENTS_COUNT{clock_event!~"gpu_idle|clocks_setting|.*IDLE|.*CLOCKS_SETTING"}')} > bool 0`,
  ...['POWER', 'THERMAL', 'BOARD_LIMIT', 'RELIABILITY'].map((kind) => `${perGpu(`rate(DCGM_FI_DEV_${kind}_VIOLATION[5m])`)} > bool 0`),
]
  .map((way) => `(${way})`)
  .join(' or ');
