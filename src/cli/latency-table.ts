import type { LatencyService } from '../state/latency.js';
import type { LoadOf } from '../state/load.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { type Line, line } from '../text/line.js';
import { seconds } from '../text/seconds.js';
import { sparkline } from '../text/sparkline.js';
import { counted } from '../text/wording.js';
import { type Cell, table } from './table.js';

/** The services as a table with the last half hour of p95 (or the mean) as a line, and how busy the cluster is above it. */
export function latencyTable({ latency, load }: ClusterSnapshot): readonly Line[] {
  const { services = [], sources = [] } = latency.value ?? {};
  const isLive = load.freshness.status === 'live';
  const summary = line(
    ['strong', counted(services.length, 'service')],
    ['dim', `  ${sources.join('; ')}`],
    ...(isLive ? loadWords(load.value?.cluster ?? null) : []),
  );
  if (services.length === 0) return [summary];
  const rows = services.map((service): readonly Cell[] => [
    { text: service.id, tone: 'strong' },
    ...(['p50', 'p95', 'p99'] as const).map((quantile) => ({ text: time(service[quantile]), tone: quantile === 'p95' ? toneOf(service) : ('plain' as const) })),
    { text: time(service.mean) },
    { text: rate(service.requestsPerSecond) },
    { text: rate(service.errorsPerSecond), tone: (service.errorsPerSecond ?? 0) > 0 ? 'bad' : 'plain' },
    { text: service.queue === null ? '–' : String(Math.round(service.queue)) },
    { text: service.replicas === null ? '–' : `${service.replicas.ready}/${service.replicas.wanted}`, tone: isShort(service) ? 'warn' : 'plain' },
    { text: trendLine(service), tone: 'accent' },
    { text: remark(service), tone: 'warn' },
  ]);
  const heads = ['SERVICE', 'P50', 'P95', 'P99', 'MEAN', 'REQ/S', 'ERR/S', 'QUEUE', 'REPLICAS', 'LAST 30 MIN', ''];
  return [summary, line(), ...table(heads, rows, ['P50', 'P95', 'P99', 'MEAN', 'REQ/S', 'ERR/S', 'QUEUE', 'REPLICAS'])];
}

function loadWords(cluster: LoadOf | null): readonly (readonly ['dim' | 'plain' | 'warn', string])[] {
  if (cluster === null) return [];
  const { level, cpuPercent, gpuPercent, raisedBy } = cluster;
  const parts = [cpuPercent === null ? null : `CPU ${Math.round(cpuPercent)} %`, gpuPercent === null ? null : `GPU ${Math.round(gpuPercent)} %`, raisedBy];
  return [
    ['dim', '  load '],
    [level === 'Critical' || level === 'High' ? 'warn' : 'plain', level],
    ['dim', ` (${parts.filter((part) => part !== null).join(', ')})`],
  ];
}

function toneOf({ p95, sloSeconds }: LatencyService): 'plain' | 'bad' {
  return p95 !== null && sloSeconds !== null && p95 > sloSeconds ? 'bad' : 'plain';
}

function isShort({ replicas }: LatencyService): boolean {
  return replicas !== null && replicas.ready < replicas.wanted;
}

/** Why there are no numbers, or what is out of order with them. */
function remark(service: LatencyService): string {
  const { why, sloSeconds, source } = service;
  if (why !== null) return `no data: ${why}`;
  const parts = [
    toneOf(service) === 'bad' && sloSeconds !== null ? `p95 above ${seconds(sloSeconds)}` : '',
    source === 'pod-metrics' ? "from the pods' own /metrics" : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** In 20 columns: of the values that fall into one the largest, so that no peak is lost. */
function trendLine({ trend }: LatencyService): string {
  const width = 20;
  const each = Math.max(1, Math.ceil(trend.values.length / width));
  const columns = Array.from({ length: Math.ceil(trend.values.length / each) }, (_, index) => {
    const known = trend.values.slice(index * each, (index + 1) * each).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
  return sparkline(columns, width);
}

function time(value: number | null): string {
  return value === null ? '–' : seconds(value);
}

function rate(value: number | null): string {
  if (value === null) return '–';
  return value === 0 || value >= 99.5 ? String(Math.round(value)) : value.toPrecision(value >= 9.95 ? 2 : 1 + Number(value >= 0.095));
}
