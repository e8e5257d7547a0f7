import type { Quantities } from './quantities.js';

/** A Deployment, DaemonSet or StatefulSet: the numbers that say whether it is where it wants to be. */
export interface Workload {
  readonly kind: 'Deployment' | 'DaemonSet' | 'StatefulSet';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number | null;
  readonly app: string | null;
  /** spec.replicas, or status.desiredNumberScheduled of a DaemonSet. */
  readonly desired: number;
  readonly current: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly unavailable: number;
  /** False while status.observedGeneration lags metadata.generation: the numbers belong to an older spec. */
  readonly observed: boolean;
  readonly images: readonly string[];
  /** Extended resources that one pod of it asks for; null for none. */
  readonly deviceRequests: Quantities | null;
  /** spec.paused of a Deployment: its template changes nothing until it is resumed. */
  readonly paused: boolean;
  /** spec.template.spec.runtimeClassName. */
  readonly runtimeClassName: string | null;
  /** spec.template.spec.nodeSelector. */
  readonly nodeSelector: ReadonlyMap<string, string>;
  readonly conditions: readonly WorkloadCondition[];
}

export interface WorkloadCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}
