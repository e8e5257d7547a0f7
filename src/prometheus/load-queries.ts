import { meanPerGpu } from './catalogue/gpus.js';
import { catalogueQuery } from './catalogue.js';
import type { LoadMeasures } from './load-level.js';
import type { Queries } from './queries.js';

/** The measures of the nodes (by what Prometheus calls them: a name or an address) and of all machines together. */
export interface LoadAnswers {
  readonly nodes: ReadonlyMap<string, LoadMeasures>;
  readonly cluster: LoadMeasures;
}

/** Asks for CPU, GPU and pressure over 5 minutes at the moment `at` (ms since the epoch, Prometheus' clock). Rejects with MonitoringError. */
export async function readLoad(queries: Queries, at: number, signal: AbortSignal): Promise<LoadAnswers> {
  const [cpu, gpu, cpuPressure, memoryPressure, allCpu, allGpu] = await Promise.all(
    [expr('node-cpu'), gpuByNode, expr('load-cpu-pressure'), expr('load-memory-pressure'), expr('cluster-cpu'), gpuOfAll].map(
      async (question) => (await queries.query(question, { at, signal })).value,
    ),
  );
  const byNode = (samples: typeof cpu) => new Map((samples ?? []).map(({ labels, value }) => [labels.get('node') ?? '', value] as const));
  const [cpus, gpus, waiting, stalled] = [byNode(cpu), byNode(gpu), byNode(cpuPressure), byNode(memoryPressure)];
  const names = new Set([...cpus.keys(), ...gpus.keys()]);
  return {
    nodes: new Map(
      [...names].map((name) => [
        name,
        {
          cpuPercent: cpus.get(name) ?? null,
          gpuPercent: gpus.get(name) ?? null,
          cpuPressurePercent: waiting.get(name) ?? null,
          memoryPressurePercent: stalled.get(name) ?? null,
        },
      ]),
    ),
    cluster: {
      cpuPercent: allCpu?.[0]?.value ?? null,
      gpuPercent: allGpu?.[0]?.value ?? null,
      cpuPressurePercent: mean([...waiting.values()]),
      memoryPressurePercent: mean([...stalled.values()]),
    },
  };
}

/** The mean of those that are known; null where none is. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** What DCGM tells is how busy a GPU was within the last second: over 5 minutes like the CPU, or the level would jump with each batch. */
export const gpuOverTime = `(${meanPerGpu('DCGM_FI_DEV_GPU_UTIL', '5m')} or 100 * ${meanPerGpu('DCGM_FI_PROF_GR_ENGINE_ACTIVE', '5m')})`;
const gpuByNode = `avg by (node) (${gpuOverTime})`;
const gpuOfAll = `avg(${gpuOverTime})`;

function expr(id: string): string {
  return catalogueQuery(id).expr;
}
