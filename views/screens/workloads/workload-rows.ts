import type { Pod } from '../../../src/state/pods.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import type { Workload } from '../../../src/state/workloads.js';
import type { Segment } from '../../../src/text/line.js';
import { compare } from '../../../src/text/sort.js';
import { podRestarts, podStatus } from '../nodes/pod-status.js';
import { type PodsByWorkload, podsByWorkload } from './own-pods.js';

/** One workload as the list shows it. */
export interface WorkloadRow {
  /** `Deployment/ai/resnet50-inference`. */
  readonly id: string;
  readonly workload: Workload;
  readonly pods: readonly Pod[];
  readonly state: WorkloadState;
  /** Accelerators that all wanted pods of it ask for together. */
  readonly gpus: number;
  /** null where pods cannot be seen. */
  readonly restarts: number | null;
}

export interface WorkloadState {
  readonly text: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'accent' | 'dim';
}

/** Those in trouble first, then those on their way, then by namespace and name. */
export function workloadRows({
  deployments,
  statefulSets,
  daemonSets,
  pods,
}: Pick<ClusterSnapshot, 'deployments' | 'statefulSets' | 'daemonSets' | 'pods'>): readonly WorkloadRow[] {
  const byWorkload = podsByWorkload(pods.value);
  return [deployments, statefulSets, daemonSets]
    .flatMap(({ value }) => [...(value?.values() ?? [])])
    .map((workload) => workloadRow(workload, byWorkload, pods.value !== null))
    .sort(
      (a, b) =>
        weights[a.state.tone] - weights[b.state.tone] || compare(a.workload.namespace, b.workload.namespace) || compare(a.workload.name, b.workload.name),
    );
}

export function workloadRow(workload: Workload, byWorkload: PodsByWorkload, podsSeen: boolean): WorkloadRow {
  const id = `${workload.kind}/${workload.namespace}/${workload.name}`;
  const pods = byWorkload.get(id) ?? [];
  const perPod = [...(workload.deviceRequests ?? [])].reduce((sum, [, amount]) => sum + amount, 0);
  return {
    id,
    workload,
    pods,
    state: stateOf(workload, pods),
    gpus: perPod * workload.desired,
    restarts: podsSeen ? pods.reduce((sum, pod) => sum + podRestarts(pod), 0) : null,
  };
}

/** The pod whose log says most: one in trouble, else the newest. As namespace/pod/container, null where there is no pod that has run. */
export function tellingLog(pods: readonly Pod[]): string | null {
  const started = pods.filter(({ nodeName, containers }) => nodeName !== null && containers.length > 0);
  const order = { bad: 0, warn: 1, good: 2, dim: 3 };
  const [pod] = [...started].sort((a, b) => order[podStatus(a).tone] - order[podStatus(b).tone] || (b.createdAt ?? 0) - (a.createdAt ?? 0));
  const container = pod?.containers.find(({ ready, init }) => !ready && !init) ?? pod?.containers.find(({ init }) => !init) ?? pod?.containers[0];
  return pod === undefined || container === undefined ? null : `${pod.namespace}/${pod.name}/${container.name}`;
}

export const stateSigns: Readonly<Record<WorkloadState['tone'], Segment>> = {
  good: { text: '✓', tone: 'good' },
  warn: { text: '!', tone: 'warn' },
  bad: { text: '✗', tone: 'bad' },
  accent: { text: '◌', tone: 'accent' },
  dim: { text: '·', tone: 'dim' },
};

const weights: Readonly<Record<WorkloadState['tone'], number>> = { bad: 0, warn: 1, accent: 2, good: 3, dim: 4 };

function stateOf(workload: Workload, pods: readonly Pod[]): WorkloadState {
  const { kind, desired, ready, updated, current, observed, paused, conditions } = workload;
  const pausedWord = paused ? ', rollout paused' : '';
  if (!observed) return { text: 'changed, not looked at yet', tone: 'accent' };
  if (desired === 0)
    return current > 0 ? { text: `${current} stopping`, tone: 'accent' } : { text: kind === 'DaemonSet' ? 'no node wants it' : 'scaled to 0', tone: 'dim' };
  const condition = (type: string, status: string) => conditions.find((one) => one.type === type && one.status === status);
  const refused = condition('ReplicaFailure', 'True');
  const missing = desired - ready;
  const pending = pods.filter(({ unschedulable, deletedAt }) => unschedulable !== null && deletedAt === null).length;
  const trouble = pods.map((pod) => ({ pod, status: podStatus(pod) })).find(({ status, pod }) => status.tone === 'bad' && pod.unschedulable === null);
  if (trouble !== undefined && missing > 0) return { text: `${trouble.status.text}${pausedWord}`, tone: 'bad' };
  if (pending > 0) return { text: `${pending} Pending${refused === undefined ? '' : `, ${refused.reason}`}${pausedWord}`, tone: 'bad' };
  if (refused !== undefined) return { text: refused.reason, tone: 'bad' };
  if (condition('Progressing', 'False') !== undefined) return { text: 'rollout makes no progress', tone: 'bad' };
  if (updated < desired && current > 0 && kind !== 'StatefulSet')
    return { text: `${updated} of ${desired} new${pausedWord}`, tone: paused ? 'warn' : 'accent' };
  if (missing > 0) return { text: `${missing} not ready`, tone: ready === 0 ? 'bad' : 'warn' };
  if (paused) return { text: 'ready, rollout paused', tone: 'warn' };
  return { text: current > desired ? `ready, ${current - desired} stopping` : 'ready', tone: 'good' };
}
