import { withGpuHolder, withGpuNode } from '../common-labels.js';
import { type CatalogueQuery, panel, type Unit } from './query.js';

const exporters = ['dcgm-exporter'] as const;

/** One value for each GPU or part of one. Series change their pod labels with the GPU's holder and come back after it: told apart by the GPU (or the part of one) alone, they go on. */
export function perGpu(expr: string): string {
  return `max by (node, gpu, GPU_I_ID, UUID, modelName) (${withGpuNode(expr)})`;
}

/** The mean of a metric over a time, one value for each GPU or part of one. A holder that came or went in that time began or ended a series: all of their samples count, each once. */
export function meanPerGpu(metric: string, window: string): string {
  const summed = (taken: string) => `sum by (node, gpu, GPU_I_ID, UUID, modelName) (${withGpuNode(`${taken}(${metric}[${window}])`)})`;
  return `${summed('sum_over_time')} / ${summed('count_over_time')}`;
}

const used = perGpu('DCGM_FI_DEV_FB_USED');
const free = perGpu('DCGM_FI_DEV_FB_FREE');
/** Exporters before 4.0 do not tell what the driver keeps for itself. */
const reserved = `(${perGpu('DCGM_FI_DEV_FB_RESERVED')} or 0 * ${free})`;

const legend = '{{node}} GPU {{gpu}}{{GPU_I_ID}}';

/** GPUs cut into parts tell no utilisation, but how busy their engines are. */
export const gpuPercent = `(${perGpu('DCGM_FI_DEV_GPU_UTIL')} or 100 * ${perGpu('DCGM_FI_PROF_GR_ENGINE_ACTIVE')})`;
export const gpuMemoryPercent = `100 * ${used} / (${used} + ${free} + ${reserved})`;

/** What dcgm-exporter tells of GPUs. Memory is in MiB there. */
export const gpuQueries: readonly CatalogueQuery[] = [
  {
    id: 'gpu-utilisation',
    title: 'GPU in use',
    unit: 'percent',
    expr: gpuPercent,
    needs: ['DCGM_FI_DEV_GPU_UTIL'],
    exporters,
    legend,
    ...panel('gpu-performance', 'Utilisation'),
  },
  {
    id: 'gpu-memory-used',
    title: 'GPU memory used',
    unit: 'bytes',
    expr: `1048576 * ${used}`,
    needs: ['DCGM_FI_DEV_FB_USED'],
    exporters,
    legend,
    ...panel('gpu-performance', 'Memory used'),
  },
  {
    id: 'gpu-memory',
    title: 'GPU memory in use',
    unit: 'percent',
    expr: gpuMemoryPercent,
    needs: ['DCGM_FI_DEV_FB_USED', 'DCGM_FI_DEV_FB_FREE'],
    exporters,
    legend,
    ...panel('gpu-performance', 'Memory in use'),
  },
  simple('gpu-temperature', 'GPU temperature', 'celsius', 'DCGM_FI_DEV_GPU_TEMP', 'Temperature'),
  {
    id: 'gpu-power',
    title: 'power drawn',
    unit: 'watts',
    expr: `${perGpu('DCGM_FI_DEV_POWER_USAGE')} or ${perGpu('rate(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION[5m])')} / 1000`,
    needs: ['DCGM_FI_DEV_POWER_USAGE'],
    exporters,
    legend,
    ...panel('gpu-performance', 'Power'),
  },
  simple('gpu-sm-clock', 'SM clock', 'megahertz', 'DCGM_FI_DEV_SM_CLOCK', 'SM clock'),
  simple('gpu-memory-clock', 'memory clock', 'megahertz', 'DCGM_FI_DEV_MEM_CLOCK', 'Memory clock'),
  { ...simple('gpu-memory-copy', 'memory interface in use', 'percent', 'DCGM_FI_DEV_MEM_COPY_UTIL', 'Everything at once'), legend: `${legend} memory copy` },
  { ...again('gpu-utilisation-beside', 'GPU in use', gpuPercent, 'DCGM_FI_DEV_GPU_UTIL'), legend: `${legend} in use` },
  { ...again('gpu-memory-beside', 'GPU memory in use', gpuMemoryPercent, 'DCGM_FI_DEV_FB_USED'), legend: `${legend} memory` },
  {
    id: 'gpu-tensor',
    title: 'tensor cores busy',
    unit: 'percent',
    expr: `100 * ${perGpu('DCGM_FI_PROF_PIPE_TENSOR_ACTIVE')}`,
    needs: ['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE'],
    exporters,
    legend,
    ...panel('gpu-performance', 'Tensor cores busy'),
  },
  {
    id: 'gpu-by-pod',
    title: 'GPU in use, by the pod that holds it',
    unit: 'percent',
    expr: `max by (namespace, pod, node, gpu, GPU_I_ID) (${withGpuHolder(withGpuNode('DCGM_FI_DEV_GPU_UTIL'))})`,
    needs: ['DCGM_FI_DEV_GPU_UTIL'],
    exporters,
    legend: '{{namespace}}/{{pod}} on {{node}} GPU {{gpu}}',
    ...panel('gpu-performance', 'Utilisation by pod'),
  },
  { ...simple('gpu-xid', 'last XID error', 'count', 'DCGM_FI_DEV_XID_ERRORS', 'Last XID error'), needs: ['DCGM_FI_DEV_XID_ERRORS'] },
];

function simple(id: string, title: string, unit: Unit, metric: string, panelTitle: string): CatalogueQuery {
  return { id, title, unit, expr: perGpu(metric), needs: [metric], exporters, legend, ...panel('gpu-performance', panelTitle) };
}

/** The same as in a panel of its own, beside others in one. */
function again(id: string, title: string, expr: string, metric: string): CatalogueQuery {
  return { id, title, unit: 'percent', expr, needs: [metric], exporters, legend, ...panel('gpu-performance', 'Everything at once') };
}
