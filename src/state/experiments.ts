import type { LoadLevel } from './load.js';

/** A replica experiment as its file describes it: the same load on different numbers of replicas, one after another. Spans in ms. */
export interface ExperimentSpec {
  /** Words in lower case with hyphens; the state and the results are kept by it. */
  readonly name: string;
  /** All of them are given the same number of replicas. */
  readonly workloads: readonly ExperimentWorkload[];
  readonly phases: readonly PhaseSpec[];
  /** After all replicas are ready, before it counts. */
  readonly warmUpMs: number;
  /** Between two phases, with the replicas of the first. */
  readonly pauseMs: number;
  /** After the last phase, before the replicas go back. */
  readonly coolDownMs: number;
  /** The longest that replicas may take to be ready. */
  readonly readyMs: number;
  /** Whether a phase is measured with fewer ready replicas than it asks for. */
  readonly allowFewer: boolean;
  readonly stepMs: number;
  /** Absolute; each run gets a folder of its own in it. */
  readonly folder: string;
}

export interface ExperimentWorkload {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly namespace: string;
  readonly name: string;
}

export interface PhaseSpec {
  /** `Baseline`. */
  readonly name: string;
  readonly replicas: number;
  readonly dwellMs: number;
}

/** What would be done, and whether it can be done as things are. */
export interface ExperimentPlan {
  readonly spec: ExperimentSpec;
  readonly context: string;
  /** The file it was read from; null for what was put together on the screen. */
  readonly file: string | null;
  /** By workload, in the order of the spec: replicas as they are, to which they go back. */
  readonly before: readonly number[];
  readonly phases: readonly (PhaseSpec & {
    /** ms from the start until it begins to count, and until it has ended; the time that replicas take to be ready is not known beforehand. */
    readonly from: number;
    readonly to: number;
    /** How many replicas of all workloads would run, and why the others would not; null where it cannot be foretold. */
    readonly forecast: { readonly ready: number; readonly wanted: number; readonly why: string | null } | null;
  })[];
  readonly totalMs: number;
  /** Bytes that the data will take, roughly. */
  readonly dataBytes: number;
  readonly warnings: readonly string[];
  readonly blockers: readonly string[];
  /** It goes on in this phase (counted from 0) of an experiment that broke off; null for one from the start. */
  readonly resumesIn: number | null;
}

/** An experiment that runs or ran, as its state file keeps it. Times are ms since the epoch, by Prometheus' clock. */
export interface ExperimentState {
  readonly spec: ExperimentSpec;
  readonly file: string | null;
  readonly context: string;
  readonly status: 'running' | 'done' | 'failed' | 'stopped';
  /** How it will end as things are: once it failed or is to be stopped, the rest is putting things back. */
  readonly outcome: 'done' | 'failed' | 'stopped';
  readonly stage: ExperimentStage;
  /** Index of the phase in `phases`. */
  readonly phase: number;
  /** When the stage began. */
  readonly stageAt: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** When it was last seen at work. */
  readonly seenAt: number;
  readonly workloads: readonly WorkloadBefore[];
  readonly phases: readonly PhaseRecord[];
  readonly marks: readonly ExperimentMark[];
  /** What was out of the ordinary, oldest first. */
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  /** The process that carries it out. */
  readonly process: { readonly host: string; readonly pid: number; readonly started: string | null };
  /** Where the results lie, or will lie. */
  readonly results: string;
  readonly scaledBack: boolean;
  /** Why it ended as it did, in one sentence; null while it runs, and when all went well. */
  readonly why: string | null;
}

/** scaling: until all replicas are ready. measuring: what counts. */
export type ExperimentStage = 'scaling' | 'warming-up' | 'measuring' | 'pausing' | 'cooling-down' | 'scaling-back' | 'exporting' | 'ended';

export interface WorkloadBefore extends ExperimentWorkload {
  readonly uid: string;
  /** Replicas to which it goes back. */
  readonly replicas: number;
}

export interface PhaseRecord extends PhaseSpec {
  /** When its replicas were asked for. */
  readonly begunAt: number | null;
  /** When all were ready. */
  readonly readyAt: number | null;
  /** What is measured lies between these two. */
  readonly from: number | null;
  readonly to: number | null;
  /** metadata.generation of each workload when the phase began to count: as long as it stays, nobody has touched them. */
  readonly generations: readonly number[];
  /** The fewest replicas that were ready while it counted, of all workloads together. */
  readonly leastReady: number | null;
  /** While it counted Prometheus, or the API server, did not answer. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly why: string }[];
  readonly measured: PhaseMeasures | null;
}

/** What a phase came to, over exactly the time that counted. Seconds, per second, percent; null where nothing told. */
export interface PhaseMeasures {
  readonly services: readonly ServiceMeasures[];
  readonly load: LoadLevel | null;
  readonly cpuPercent: number | null;
  readonly gpuPercent: number | null;
  /** Percent of the time in which some task waited for the CPU, some for a disk, and all for memory. */
  readonly cpuPressurePercent: number | null;
  readonly ioPressurePercent: number | null;
  readonly memoryPressurePercent: number | null;
}

export interface ServiceMeasures {
  /** `namespace/name`. */
  readonly id: string;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly mean: number | null;
  readonly requestsPerSecond: number | null;
}

/** A moment to be marked in charts: where a phase begins to count and where it ends. */
export interface ExperimentMark {
  /** ms since the epoch, by Prometheus' clock. */
  readonly at: number;
  readonly what: 'begin' | 'end';
  /** Counted from 1. */
  readonly phase: number;
  readonly replicas: number;
  /** `Modest: 3 replicas`. */
  readonly text: string;
  /** `namespace/name` of the services that it is about. */
  readonly services: readonly string[];
}

/** Where an experiment comes from: a file, or the guides' procedure for one workload. */
export type ExperimentSource = { readonly file: string } | { readonly workload: ExperimentWorkload };

export interface SeenExperiment {
  readonly state: ExperimentState;
  /** A process carries it out; else one that is `running` has broken off. */
  readonly alive: boolean;
}

/** Experiments as the screens ask for them. All reject with a sentence for the screen. */
export interface Experiments {
  /** What it would do, and what stands in its way; nothing is changed. One that broke off is gone on with. */
  plan(source: ExperimentSource): Promise<ExperimentPlan>;
  /** Has it carried out by a process of its own, which outlives this program. Resolves to the experiment's name. */
  start(plan: ExperimentPlan): Promise<string>;
  /** All that there were from here, newest first. */
  seen(): Promise<readonly SeenExperiment[]>;
  /** Has the replicas put back. */
  stop(name: string): Promise<void>;
}
