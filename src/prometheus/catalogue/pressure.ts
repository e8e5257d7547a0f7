import { withNode } from '../common-labels.js';
import { gpuPercent } from './gpus.js';
import { cpuPercent, memoryPercent } from './nodes.js';
import { type CatalogueQuery, panel } from './query.js';

const exporters = ['node-exporter'] as const;

type Resource = 'cpu' | 'memory' | 'io';

/** Percent of wall time in which some task waited for it, or all of them (`stalled`). */
export function pressurePercent(resource: Resource, kind: 'waiting' | 'stalled'): string {
  return `100 * ${seconds(resource, kind)}`;
}

function seconds(resource: Resource, kind: 'waiting' | 'stalled'): string {
  return `max by (node) (${withNode(`rate(node_pressure_${resource}_${kind}_seconds_total[5m])`)})`;
}

/** The plain sum of three shares of the same time can pass 100. */
export const pressureScore = `clamp_max(100 * (${(['cpu', 'memory', 'io'] as const).map((resource) => seconds(resource, 'waiting')).join(' + ')}), 100)`;

/** Pressure stall information of the machines. Where the kernel has it switched off there are no such series. */
export const pressureQueries: readonly CatalogueQuery[] = [
  ...(
    [
      ['cpu', 'waiting', 'some task waits for a CPU'],
      ['memory', 'waiting', 'some task waits for memory'],
      ['memory', 'stalled', 'all tasks wait for memory'],
      ['io', 'waiting', 'some task waits for a disk'],
      ['io', 'stalled', 'all tasks wait for a disk'],
    ] as const
  ).map(
    ([resource, kind, title]): CatalogueQuery => ({
      id: `pressure-${resource}${kind === 'stalled' ? '-full' : ''}`,
      title,
      unit: 'percent',
      expr: pressurePercent(resource, kind),
      needs: [`node_pressure_${resource}_${kind}_seconds_total`],
      exporters,
      legend: `{{node}}${kind === 'stalled' ? ' all' : ' some'}`,
      ...panel('pressure', { cpu: 'CPU pressure', memory: 'Memory pressure', io: 'I/O pressure' }[resource]),
    }),
  ),
  {
    id: 'pressure-score',
    title: 'pressure score',
    unit: 'percent',
    expr: pressureScore,
    needs: (['cpu', 'memory', 'io'] as const).map((resource) => `node_pressure_${resource}_waiting_seconds_total`),
    exporters,
    legend: '{{node}}',
    ...panel('pressure', 'Pressure score'),
  },
  beside('pressure-beside-cpu', 'CPU in use', cpuPercent, 'node_cpu_seconds_total', '{{node}} CPU'),
  beside('pressure-beside-memory', 'memory in use', memoryPercent, 'node_memory_MemAvailable_bytes', '{{node}} memory'),
  { ...beside('pressure-beside-gpu', 'GPUs in use', `avg by (node) (${gpuPercent})`, 'DCGM_FI_DEV_GPU_UTIL', '{{node}} GPUs'), exporters: ['dcgm-exporter'] },
  beside('pressure-beside-score', 'pressure score', pressureScore, 'node_pressure_cpu_waiting_seconds_total', '{{node}} pressure'),
];

function beside(id: string, title: string, expr: string, metric: string, legend: string): CatalogueQuery {
  return { id, title, unit: 'percent', expr, needs: [metric], exporters, legend, ...panel('pressure', 'History') };
}
