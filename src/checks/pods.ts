import { threshold } from '../config/thresholds.js';
import type { ContainerState, Pod } from '../state/pods.js';
import type { Fix } from '../state/report.js';
import { duration } from '../text/age.js';
import { cut } from '../text/width.js';
import { isSystem } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { gpuReasons } from './machine-reasons.js';
import { mostTelling } from './most-telling.js';
import { podIndex } from './pod-index.js';
import { podExplainedBy, podExplains } from './pod-links.js';
import { podStatus, startingReasons, stuckContainer } from './pod-status.js';
import type { Sight } from './sight.js';
import { clause } from './wording.js';

export const infrastructure = [
  'coming-back',
  'node-ready',
  'kubelet-heartbeat',
  'node-conditions',
  'node-schedulable',
  'static-pods',
  'cni-pods',
  'kube-proxy',
  'coredns',
];
export const gpuStack = [...gpuReasons, 'runtimeclass', 'nvidia-handler', 'device-plugin', 'gpu-count', 'dcgm-exporter'];

export const podsNotRunning: Check = defineCheck({
  id: 'pods-not-running',
  title: 'pods run and are Ready',
  severity: 'warning',
  dependsOn: [...infrastructure, ...gpuStack, 'pvc-bound', 'provisioner'],
  look(sight) {
    sight.see('pods');
    const pods = (podIndex(sight.snapshot.pods)?.troubled ?? []).filter((pod) => pod.deletedAt === null && !loops(pod, sight.now) && heldUp(pod, sight));
    if (pods.length === 0) return [{ object: 'cluster', status: 'pass', message: 'all pods run, or have just begun to' }];
    return mostTelling(pods, 'pods', (pod) => notRunning(pod, sight), podExplainedBy);
  },
});

export const crashLoop: Check = defineCheck({
  id: 'crashloop',
  title: 'no container crashes again and again',
  severity: 'warning',
  dependsOn: [...infrastructure, ...gpuStack, 'provisioner'],
  look(sight) {
    sight.see('pods');
    const pods = (podIndex(sight.snapshot.pods)?.troubled ?? []).filter((pod) => pod.deletedAt === null && loops(pod, sight.now));
    if (pods.length === 0) return [{ object: 'cluster', status: 'pass', message: 'none' }];
    return mostTelling(pods, 'pods', (pod) => crashing(pod, sight), podExplainedBy);
  },
});

function loops(pod: Pod, now: number): boolean {
  return pod.containers.some((container) => isLooping(container, now));
}

/** Waits in CrashLoopBackOff, or is between two crashes: not ready, and restarted again a moment ago. */
function isLooping(container: ContainerState, now: number): boolean {
  if (container.state === 'waiting' && container.reason === 'CrashLoopBackOff') return true;
  return (
    container.state === 'running' && !container.ready && container.restarts >= 3 && container.endedAt !== undefined && now - container.endedAt < 5 * minute
  );
}

/** Whether a pod is past the time that a start may take: at once where the reason is final, after a minute for one that starts, after five for one that is not Ready (settings aside). */
function heldUp(pod: Pod, { now, expectations }: Sight): boolean {
  const limit = (name: 'podsPendingMinutes' | 'podsNotReadyMinutes') => threshold(expectations.thresholds, name) * minute;
  if (pod.phase === 'Unknown') return true;
  if (pod.unschedulable !== null && pod.nodeName === null) return true;
  const reason = stuckContainer(pod)?.reason ?? null;
  // Of a Job's containers one may have done its work before the others.
  if (reason === 'Completed') return false;
  if (reason !== null && !startingReasons.has(reason)) return true;
  if (pod.phase === 'Pending') return older(begunAt(pod), limit('podsPendingMinutes'), now);
  return pod.ready?.status !== 'True' && older(pod.ready?.since ?? pod.startedAt ?? pod.createdAt, limit('podsNotReadyMinutes'), now);
}

function notRunning(pod: Pod, sight: Sight): Observation {
  return {
    object: `pod/${pod.namespace}/${pod.name}`,
    status: 'warn',
    message: `Pod ${pod.namespace}/${pod.name}${where(pod)} ${whyNot(pod, sight.now)}`,
    fix: fixOf(pod, sight),
    explains: podExplains(pod),
    explainedBy: podExplainedBy(pod),
  };
}

function whyNot(pod: Pod, now: number): string {
  if (pod.nodeName === null && pod.unschedulable !== null) return `is Pending: ${cut(clause(pod.unschedulable.message || pod.unschedulable.reason), 240)}`;
  const since = pod.phase === 'Pending' ? begunAt(pod) : (pod.ready?.since ?? null);
  const held = stuckContainer(pod);
  const detail = held?.message == null ? '' : `: ${cut(clause(held.message), 240)}`;
  return `is not running${since === null ? '' : ` for ${duration(now - since)}`} (${podStatus(pod)})${detail}`;
}

/** Since when its node is at it; how long it had to wait for a node is over then. */
function begunAt({ nodeName, startedAt, createdAt }: Pod): number | null {
  return nodeName === null || startedAt === null || createdAt === null ? createdAt : Math.max(startedAt, createdAt);
}

function fixOf(pod: Pod, sight: Sight): Fix {
  const describe = sight.kubectl('-n', pod.namespace, 'describe', 'pod', pod.name);
  const status = podStatus(pod);
  if (/ImagePullBackOff|ErrImagePull|InvalidImageName/.test(status))
    return { summary: 'See why the image cannot be pulled: its name, the registry, a pull limit or a missing secret', command: describe };
  if (/Insufficient [\w.-]+\/[\w.-]+/.test(pod.unschedulable?.message ?? ''))
    return { summary: 'Free GPUs, scale something down, or bring missing GPUs back', command: describe };
  if (pod.unschedulable !== null) return { summary: 'See what the scheduler lacks', command: describe };
  if (pod.phase === 'Running')
    return { summary: 'See why it does not get Ready', command: sight.kubectl('-n', pod.namespace, 'logs', pod.name, '--all-containers', '--tail=50') };
  return { summary: 'See what holds it up', command: describe };
}

function crashing(pod: Pod, sight: Sight): Observation {
  const container = pod.containers.find((candidate) => isLooping(candidate, sight.now));
  const name = container?.name ?? '';
  const exit = container?.exitCode == null ? '' : `, last exit code ${container.exitCode}`;
  return {
    object: `pod/${pod.namespace}/${pod.name}`,
    status: 'warn',
    message: `${pod.namespace}/${pod.name} crashes again and again${where(pod)}`,
    detail: `container ${name} restarted ${restarts(pod, container, sight)}${exit}`,
    fix: {
      command: sight.kubectl('-n', pod.namespace, 'logs', pod.name, '-c', name, '--previous', '--tail=50'),
      ...(isSystem(pod.namespace) && pod.owner !== null && !pod.mirror
        ? {
            summary: 'Replace it by a new pod; if that crashes too, read its last words',
            operation: { id: 'delete-pod', input: { namespace: pod.namespace, name: pod.name } },
          }
        : { summary: 'Read its last words' }),
    },
    explains: podExplains(pod),
    explainedBy: podExplainedBy(pod),
  };
}

/** A pod that is older than its node's boot counts restarts from before it too. */
function restarts(pod: Pod, container: ContainerState | undefined, sight: Sight): string {
  const times = `${container?.restarts ?? 0} times`;
  const bootedAt = pod.nodeName === null ? null : bootOf(pod.nodeName, sight);
  const began = pod.startedAt ?? pod.createdAt;
  return bootedAt !== null && began !== null && began >= bootedAt ? `${times} since the boot of ${pod.nodeName} ${duration(sight.now - bootedAt)} ago` : times;
}

/** Only of a boot that is news: within the last hour. */
function bootOf(node: string, { snapshot, now }: Sight): number | null {
  const bootedAt = snapshot.recovery.value?.nodes.find((candidate) => candidate.node === node)?.bootedAt ?? null;
  return bootedAt !== null && now - bootedAt < 60 * minute ? bootedAt : null;
}

function where(pod: Pod): string {
  return pod.nodeName === null ? '' : ` on ${pod.nodeName}`;
}

function older(at: number | null, than: number, now: number): boolean {
  return at !== null && now - at > than;
}

const minute = 60_000;
