import { gpuMemoryPercent, gpuPercent } from './gpus.js';
import { cpuPercent, memoryPercent } from './nodes.js';
import { pressurePercent } from './pressure.js';
import { type CatalogueQuery, panel } from './query.js';

/** 0 Empty, 1 Light, 2 Modest, 3 Elevated, 4 High, 5 Critical. The edges belong where the guides put them: 60 is still Modest, 90 still High. */
export function loadState(percent: string): string {
  return `(${percent} >= bool 10) + (${percent} >= bool 40) + (${percent} > bool 60) + (${percent} >= bool 70) + (${percent} > bool 90)`;
}

const cpuOfAll = `avg(${cpuPercent})`;

/** How busy machines are, for the load state and for exports. */
export const loadQueries: readonly CatalogueQuery[] = [
  {
    id: 'load-state',
    title: 'load state by node: 0 Empty to 5 Critical',
    unit: 'state',
    expr: loadState(cpuPercent),
    needs: ['node_cpu_seconds_total'],
    exporters: ['node-exporter'],
    legend: '{{node}}',
    ...panel('pressure', 'Load state'),
  },
  {
    id: 'load-state-cluster',
    title: 'load state of the cluster: 0 Empty to 5 Critical',
    unit: 'state',
    expr: loadState(cpuOfAll),
    needs: ['node_cpu_seconds_total'],
    exporters: ['node-exporter'],
    legend: 'cluster',
    panel: null,
  },
  whole('load-gpu', 'GPUs in use, by node', `avg by (node) (${gpuPercent})`, 'DCGM_FI_DEV_GPU_UTIL', 'dcgm-exporter', '{{node}}'),
  whole(
    'load-cpu-pressure',
    'some task waits for a CPU, by node',
    pressurePercent('cpu', 'waiting'),
    'node_pressure_cpu_waiting_seconds_total',
    'node-exporter',
    '{{node}}',
  ),
  whole(
    'load-memory-pressure',
    'all tasks wait for memory, by node',
    pressurePercent('memory', 'stalled'),
    'node_pressure_memory_stalled_seconds_total',
    'node-exporter',
    '{{node}}',
  ),
  whole('cluster-cpu', 'CPU in use, mean over the nodes', cpuOfAll, 'node_cpu_seconds_total', 'node-exporter', 'CPU'),
  whole('cluster-memory', 'memory in use, mean over the nodes', `avg(${memoryPercent})`, 'node_memory_MemAvailable_bytes', 'node-exporter', 'memory'),
  whole('cluster-gpu', 'GPUs in use, mean over the GPUs', `avg(${gpuPercent})`, 'DCGM_FI_DEV_GPU_UTIL', 'dcgm-exporter', 'GPUs'),
  whole('cluster-gpu-memory', 'GPU memory in use, mean over the GPUs', `avg(${gpuMemoryPercent})`, 'DCGM_FI_DEV_FB_USED', 'dcgm-exporter', 'GPU memory'),
];

function whole(id: string, title: string, expr: string, metric: string, exporter: 'node-exporter' | 'dcgm-exporter', legend: string): CatalogueQuery {
  return { id, title, unit: 'percent', expr, needs: [metric], exporters: [exporter], legend, panel: null };
}
