import { join } from 'node:path';
import { ownProcess } from '../../journal/writing-process.js';
import type { ExperimentPlan, ExperimentState, WorkloadBefore } from '../../state/experiments.js';

/** The state of an experiment that begins now (ms since the epoch, Prometheus' clock). */
export function begun(plan: ExperimentPlan, workloads: readonly WorkloadBefore[], now: number): ExperimentState {
  const { spec, file, context } = plan;
  return {
    spec,
    file,
    context,
    status: 'running',
    outcome: 'done',
    stage: 'scaling',
    phase: 0,
    stageAt: now,
    startedAt: now,
    endedAt: null,
    seenAt: now,
    workloads,
    phases: spec.phases.map((phase) => ({
      ...phase,
      begunAt: null,
      readyAt: null,
      from: null,
      to: null,
      generations: [],
      leastReady: null,
      gaps: [],
      measured: null,
    })),
    marks: [],
    notes: [],
    process: ownProcess(),
    results: join(spec.folder, `${spec.name}-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '')}Z`),
    scaledBack: false,
    why: null,
  };
}
