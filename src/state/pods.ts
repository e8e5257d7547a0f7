import type { Quantities } from './quantities.js';

/** A pod as the app needs it: about twenty fields of v1.Pod. Times are ms since the epoch; null means the API did not say. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** status.reason, e.g. `Evicted` or `UnexpectedAdmissionError`; null when unset. */
  readonly reason: string | null;
  readonly message: string | null;
  /** spec.nodeName; null while unscheduled. */
  readonly nodeName: string | null;
  readonly owner: Owner | null;
  /** The values of the labels that name what runs here (`app.kubernetes.io/name`, `k8s-app`, `app`, `name`), first found; null without one. */
  readonly app: string | null;
  /** True for a mirror of a static pod (annotation kubernetes.io/config.mirror). */
  readonly mirror: boolean;
  readonly runtimeClassName: string | null;
  readonly priorityClassName: string | null;
  readonly createdAt: number | null;
  readonly startedAt: number | null;
  /** metadata.deletionTimestamp: set while the pod is terminating. */
  readonly deletedAt: number | null;
  /** The Ready condition; null when the pod has none yet. */
  readonly ready: { readonly status: 'True' | 'False' | 'Unknown'; readonly since: number | null; readonly reason: string } | null;
  /** The PodScheduled condition while it is not True: why the scheduler cannot place it. */
  readonly unschedulable: { readonly reason: string; readonly message: string; readonly since: number | null } | null;
  readonly containers: readonly ContainerState[];
  /** Extended resources only (names with a slash, e.g. nvidia.com/gpu), as the scheduler counts them over init containers, sidecars and containers; null when it asks for none. */
  readonly deviceRequests: Quantities | null;
}

export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** One container (init containers included while they hold the pod up). */
export interface ContainerState {
  readonly name: string;
  readonly init: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  readonly state: 'waiting' | 'running' | 'terminated' | 'unknown';
  /** Reason of the waiting or terminated state, e.g. CrashLoopBackOff; null while running. */
  readonly reason: string | null;
  readonly message: string | null;
  readonly exitCode: number | null;
  /** When its last run ended, where it was restarted; left out where it was not, or nothing says. */
  readonly endedAt?: number;
}

/** How many pods have ended (phase Failed or Succeeded), from a cheap count that does not read the pods themselves. */
export interface DeadPods {
  readonly failed: number;
  readonly succeeded: number;
  /** Failed pods by the STATUS column of the server's table (the pod's reason: Evicted, Error, UnexpectedAdmissionError, …), most first. */
  readonly failedByReason: ReadonlyMap<string, number>;
}
