import type { ExperimentState, ExperimentWorkload, PhaseMeasures } from '../../state/experiments.js';

/** What an experiment is carried out on: the workloads of one cluster, and the Prometheus that measures them. */
export interface Bench {
  /** The workload as it is now; null where it is gone. Rejects with a sentence where the API server does not say. */
  look(workload: ExperimentWorkload): Promise<WorkloadNow | null>;
  /** Rejects with a sentence. */
  scale(workload: ExperimentWorkload, replicas: number): Promise<void>;
  /** Autoscalers that take a change of its replicas back, as `horizontalpodautoscaler ai/resnet50`; empty where none is, or they cannot be seen. */
  autoscalers(workload: ExperimentWorkload): Promise<readonly string[]>;
  /** This moment by Prometheus' clock. Rejects with a sentence where it does not answer. */
  prometheusNow(): Promise<number>;
  /** What was measured between two moments. Rejects with a sentence. */
  measure(workloads: readonly ExperimentWorkload[], span: { readonly from: number; readonly to: number }): Promise<PhaseMeasures>;
  /** Writes the data of all phases and the summary into the results' folder. Resolves to sentences on what is missing in it; rejects with one. */
  writeResults(state: ExperimentState): Promise<readonly string[]>;
}

export interface WorkloadNow {
  readonly uid: string;
  readonly generation: number;
  /** spec.replicas */
  readonly wanted: number;
  /** Pods that there are, and those of them that are ready. */
  readonly current: number;
  readonly ready: number;
  /** False while the numbers are of an older spec. */
  readonly observed: boolean;
}

/** Whether exactly so many replicas are there, and all of them ready. */
export function isSettled({ wanted, current, ready, observed }: WorkloadNow, replicas: number): boolean {
  return observed && wanted === replicas && current === replicas && ready === replicas;
}

/** `deployment ai/resnet50-inference` */
export function workloadWords({ kind, namespace, name }: ExperimentWorkload): string {
  return `${kind.toLowerCase()} ${namespace}/${name}`;
}
