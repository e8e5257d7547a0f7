import type { Pod } from '../state/pods.js';
import type { Fix } from '../state/report.js';
import type { Workload } from '../state/workloads.js';
import { restartFix } from './backing-workload.js';
import type { Observation } from './check.js';
import { isReady, podIndex } from './pod-index.js';
import { inBrackets, isUnderWay } from './pod-status.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

/** A DaemonSet with its pods that are not ready, as far as pods can be seen. */
export interface DaemonSetState {
  readonly daemonSet: Workload;
  readonly object: string;
  readonly unready: readonly Pod[];
}

export function daemonSetState(daemonSet: Workload, sight: Sight): DaemonSetState {
  const key = `${daemonSet.namespace}/${daemonSet.name}`;
  const pods = podIndex(sight.snapshot.pods)?.byDaemonSet.get(key) ?? [];
  return { daemonSet, object: `daemonset/${key}`, unready: pods.filter((pod) => !isReady(pod)) };
}

/** `2 of 3 ready; not ready on gpu-2 (CrashLoopBackOff, 7 restarts)` */
export function readySentence({ daemonSet, unready }: DaemonSetState): string {
  const where = unready.map((pod) => `${pod.nodeName ?? 'no node yet'}${inBrackets(pod)}`);
  return `${daemonSet.ready} of ${daemonSet.desired} ready${where.length > 0 ? `; not ready on ${listed(where)}` : ''}`;
}

/** The verdict on a DaemonSet that every node it wants must run; `explains` adds tags to those of its own pods. */
export function daemonSetObservation(state: DaemonSetState, sight: Sight, explains: (node: string) => readonly string[] = () => []): Observation {
  const { daemonSet, object, unready } = state;
  if (daemonSet.desired > 0 && daemonSet.ready >= daemonSet.desired)
    return { object, status: 'pass', message: `${daemonSet.ready} of ${daemonSet.desired} ready` };
  if (daemonSet.desired === 0)
    return { object, status: 'fail', message: `DaemonSet ${daemonSet.namespace}/${daemonSet.name} finds no node to run on: ${selection(daemonSet)}` };
  return {
    object,
    ...(isStarting(state, sight) ? starting : { status: 'fail' }),
    message: `DaemonSet ${daemonSet.namespace}/${daemonSet.name}: ${readySentence(state)}${isStarting(state, sight) ? startingWords(state) : ''}`,
    fix: isStarting(state, sight) ? null : podFix(daemonSet, unready, sight),
    explains: [object, ...unready.map((pod) => `pod/${pod.namespace}/${pod.name}`), ...nodesOf(unready).flatMap(explains)],
    explainedBy: nodesOf(unready).map((node) => [`node/${node}`]),
  };
}

/** Whether its pods have only just begun, or are being replaced. */
export function isStarting({ unready }: DaemonSetState, { now }: Sight): boolean {
  return unready.length > 0 && unready.every((pod) => isUnderWay(pod, now));
}

/** Not there yet, and nothing to be mended. */
export const starting = { status: 'warn', severity: 'warning', underWay: true } as const;

export function startingWords({ unready }: DaemonSetState): string {
  return unready.every(({ deletedAt }) => deletedAt !== null) ? ', being replaced' : ', just starting';
}

/** Restart the one pod that is not ready, or look at all of them. */
export function podFix(daemonSet: Workload, unready: readonly Pod[], sight: Sight): Fix {
  const [only, ...more] = unready;
  if (only !== undefined && more.length === 0) {
    const command = sight.kubectl('-n', only.namespace, 'delete', 'pod', only.name);
    const { namespace, name } = only;
    return {
      summary: `Restart its pod on ${only.nodeName ?? 'its node'}; if it fails again, read its log`,
      command,
      operation: { id: 'delete-pod', input: { namespace, name } },
    };
  }
  return restartFix(daemonSet, 'Restart its pods; if they fail again, read their logs', sight);
}

/** What a DaemonSet asks of a node, for one that found none. */
export function selection(daemonSet: Workload): string {
  const wanted = [...daemonSet.nodeSelector].map(([key, value]) => `${key}=${value}`);
  return wanted.length === 0 ? 'a taint or its affinity keeps it off all of them' : `no node is labelled ${wanted.join(', ')}, or a taint keeps it off`;
}

export function nodesOf(pods: readonly Pod[]): readonly string[] {
  return [...new Set(pods.flatMap((pod) => (pod.nodeName === null ? [] : [pod.nodeName])))];
}
