import type { Bench, WorkloadNow } from '../../../src/operations/experiment/bench.js';
import type { Chronicle } from '../../../src/operations/experiment/chronicle.js';
import type { ExperimentFiles } from '../../../src/operations/experiment/state-file.js';
import type { SteadyClock } from '../../../src/operations/experiment/steady-clock.js';
import type { ExperimentSpec, ExperimentState, PhaseMeasures } from '../../../src/state/experiments.js';

export const aWorkload = { kind: 'Deployment', namespace: 'ai', name: 'resnet50-inference' } as const;

/** Phases of a moment each. */
export function aSpec(overrides: Partial<ExperimentSpec> = {}): ExperimentSpec {
  return {
    name: 'replicas',
    workloads: [aWorkload],
    phases: [1, 3, 8].map((replicas, index) => ({ name: ['Baseline', 'Modest', 'High'][index] ?? '', replicas, dwellMs: 40 })),
    warmUpMs: 5,
    pauseMs: 0,
    coolDownMs: 5,
    readyMs: 2_000,
    allowFewer: false,
    stepMs: 1_000,
    folder: '/nowhere/results',
    ...overrides,
  };
}

/** A cluster whose replicas are ready as soon as they are asked for. */
export interface FakeBench extends Bench {
  readonly scaled: number[];
  readonly written: ExperimentState[];
  now: WorkloadNow | null;
}

export function aBench(overrides: Partial<Bench> = {}): FakeBench {
  const bench: FakeBench = {
    scaled: [],
    written: [],
    now: { uid: 'uid-1', generation: 1, wanted: 2, current: 2, ready: 2, observed: true },
    look: async () => bench.now,
    async scale(_, replicas) {
      bench.scaled.push(replicas);
      if (bench.now !== null) bench.now = { ...bench.now, generation: bench.now.generation + 1, wanted: replicas, current: replicas, ready: replicas };
    },
    autoscalers: async () => [],
    prometheusNow: async () => Date.now(),
    measure: async () => someMeasures,
    async writeResults(state) {
      bench.written.push(state);
      return [];
    },
    ...overrides,
  };
  return bench;
}

export const someMeasures: PhaseMeasures = {
  services: [{ id: 'ai/resnet50-inference', p50: 0.02, p95: 0.038, p99: 0.061, mean: 0.023, requestsPerSecond: 212 }],
  load: 'Modest',
  cpuPercent: 48.2,
  gpuPercent: 61,
  cpuPressurePercent: 3.5,
  ioPressurePercent: 0.2,
  memoryPressurePercent: 0,
};

/** Files in memory that keep every state. */
export function someFiles(): Pick<ExperimentFiles, 'write' | 'isAskedToStop' | 'forgetStop'> & { readonly states: ExperimentState[]; stop: boolean } {
  const files = {
    states: [] as ExperimentState[],
    stop: false,
    async write(state: ExperimentState) {
      files.states.push(state);
    },
    isAskedToStop: async () => files.stop,
    async forgetStop() {
      files.stop = false;
    },
  };
  return files;
}

export const noChronicle: Chronicle = {
  phaseBegins: async () => undefined,
  phaseEnds: async () => undefined,
  goesBack: async () => undefined,
  wentBack: async () => undefined,
  ends: async () => undefined,
};

export const plainClock: SteadyClock = { now: () => Date.now(), look: async () => null };
