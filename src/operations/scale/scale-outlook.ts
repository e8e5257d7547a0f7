import type { ScaleOutlook, ScalePreset, ScaleTarget } from '../../state/scaling.js';
import type { World } from '../operation.js';
import { forecastScaling } from './forecast.js';
import { readScaleBasis, type ScaleBasis } from './scale-basis.js';
import { scaleWarnings } from './scale-warnings.js';

/** Reads once what it takes to foretell any number of replicas. Rejects with a sentence where a workload is not there or cannot be scaled. */
export async function scaleOutlook(world: World, targets: readonly ScaleTarget[], presets: readonly ScalePreset[]): Promise<ScaleOutlook> {
  const basis = await readScaleBasis(world, targets);
  return {
    at: basis.at,
    targets: basis.workloads.map(({ target, replicas, autoscalers }) => ({ target, replicas, autoscalers })),
    presets,
    lastUsed: lastUsed(world),
    most: mostReplicas(basis),
    forecast(replicas, pinned) {
      const forecasts = forecastScaling(
        basis,
        basis.workloads.map(() => replicas),
      );
      return forecasts.map((forecast, index) => {
        const workload = basis.workloads[index];
        return workload === undefined ? forecast : { ...forecast, warnings: scaleWarnings(basis, workload, forecast, pinned, world.snapshot()) };
      });
    },
  };
}

/** The number that was given last in this context, as the journal has it. */
function lastUsed(world: World): number | null {
  const entries = world.snapshot().journal.value?.entries ?? [];
  const last = entries.find(({ context, operation }) => context === world.context && (operation.id === 'scale' || operation.id === 'scale-many'));
  const replicas = last?.operation.input['replicas'] ?? '';
  return /^\d+$/.test(replicas) ? Number(replicas) : null;
}

/** The largest number that makes any sense: what all nodes together take. Where they cannot be seen, what Kubernetes is tested with on a hundred of them. */
export function mostReplicas({ nodes }: ScaleBasis): number {
  if (nodes === null) return 10_000;
  return nodes.reduce((sum, { allocatable }) => sum + (allocatable.get('pods') ?? 0), 0);
}
