import type { OperationRef } from './operations.js';

/** A workload to be scaled: any kind with a scale subresource. */
export interface ScaleTarget {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What would become of one workload with so many replicas, as far as the scheduler's own rules tell. */
export interface ScaleForecast {
  readonly target: ScaleTarget;
  /** spec.replicas as it is, and as it would be. */
  readonly from: number;
  readonly to: number;
  /** Pods that would run; null where it cannot be foretold. */
  readonly ready: number | null;
  /** Pods that no node takes, and why, in the scheduler's words. */
  readonly pending: number;
  readonly pendingWhy: string | null;
  /** Pods that would not even be created, and why: a quota, a limit, a StatefulSet that waits for the pod before. */
  readonly notCreated: number;
  readonly notCreatedWhy: string | null;
  /** Pods that have a node and do not become ready by themselves, and the reason they give. */
  readonly failing: number;
  readonly failingWhy: string | null;
  /** New pods by the node that takes them. */
  readonly placed: ReadonlyMap<string, number>;
  /** Names of the pods that would go. */
  readonly leaving: readonly string[];
  /** Why the numbers above cannot be foretold; null where they are. */
  readonly unknown: string | null;
  readonly warnings: readonly string[];
}

/** An autoscaler of a workload: it takes changes back unless it is pinned. */
export interface Autoscaler {
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly least: number;
  readonly most: number;
  /** KEDA: how many it is paused at already; null while it works. */
  readonly pausedAt: number | null;
}

/** All that is needed to foretell any number of replicas of some workloads without asking again. */
export interface ScaleOutlook {
  /** ms since the epoch. */
  readonly at: number;
  readonly targets: readonly { readonly target: ScaleTarget; readonly replicas: number; readonly autoscalers: readonly Autoscaler[] }[];
  readonly presets: readonly ScalePreset[];
  /** The number given last in this context; null before. */
  readonly lastUsed: number | null;
  /** The largest number that could ever run here. */
  readonly most: number;
  /** By target, in their order. `pinned`: their autoscalers are held at that number first. */
  forecast(replicas: number, pinned: boolean): readonly ScaleForecast[];
}

export interface ScalePreset {
  readonly name: string;
  readonly replicas: number;
}

/** The wish to give these workloads so many replicas, as an operation is asked for. */
export function scaleRef(targets: readonly ScaleTarget[], replicas: number, pinned: boolean): OperationRef {
  const common = { replicas: String(replicas), autoscaler: pinned ? 'pin' : '' };
  const [first] = targets;
  if (targets.length === 1 && first !== undefined) return { id: 'scale', input: { ...first, ...common } };
  return { id: 'scale-many', input: { targets: targets.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`).join(' '), ...common } };
}
