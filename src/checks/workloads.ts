import type { Workload } from '../state/workloads.js';
import { isSystem, restartFix, workloadTag } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { mostTelling } from './most-telling.js';
import { podIndex } from './pod-index.js';
import { podExplainedBy } from './pod-links.js';
import { isUnderWay } from './pod-status.js';
import { gpuStack, infrastructure } from './pods.js';
import type { Sight } from './sight.js';
import { clause } from './wording.js';

export const workloadsReady: Check = defineCheck({
  id: 'workloads-ready',
  title: 'Deployments and StatefulSets have their replicas',
  severity: 'warning',
  dependsOn: [...infrastructure, ...gpuStack, 'pvc-bound', 'provisioner', 'webhooks', 'pods-not-running', 'crashloop', 'terminating-stuck'],
  look(sight) {
    const workloads = [...sight.see('deployments').values(), ...sight.see('statefulSets').values()];
    const short = workloads.filter(isShort);
    if (short.length === 0) return [{ object: 'cluster', status: 'pass', message: workloads.length === 0 ? 'none here' : 'all available' }];
    return mostTelling(
      short,
      'workloads',
      (workload) => lacking(workload, sight),
      (workload) => explainedBy(workload, sight),
    );
  },
});

/** Below what it promises: a Deployment in a roll-out that keeps its minimum is at work, not in trouble. */
function isShort(workload: Workload): boolean {
  if (workload.ready >= workload.desired) return false;
  const available = workload.conditions.find((condition) => condition.type === 'Available');
  return available === undefined || available.status !== 'True';
}

function lacking(workload: Workload, sight: Sight): Observation {
  const kind = workload.kind.toLowerCase();
  const object = workloadTag(workload);
  const failure = workload.conditions.find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True');
  return {
    object,
    status: 'warn',
    underWay: isStarting(workload, sight),
    message: `${workload.namespace}/${workload.name} has ${workload.ready} of ${workload.desired} replicas ready${failure === undefined ? '' : `: ${clause(failure.message)}`}`,
    fix: isStarting(workload, sight)
      ? null
      : isSystem(workload.namespace)
        ? restartFix(workload, 'Restart it; if that does not help, read what its pods say', sight)
        : { summary: 'See what its pods say', command: sight.kubectl('-n', workload.namespace, 'describe', kind, workload.name) },
    explains: [object, ...(workload.app === null ? [] : [`app/${workload.app}`])],
    explainedBy: explainedBy(workload, sight),
  };
}

/** Whether all of its pods that are not ready have only just begun: there is nothing to be mended then. */
function isStarting(workload: Workload, sight: Sight): boolean {
  const pods = podIndex(sight.snapshot.pods)?.troubledByOwner.get(workloadTag(workload)) ?? [];
  return pods.length > 0 && pods.every((pod) => isUnderWay(pod, sight.now));
}

/** By the findings on its pods, which carry its name as a tag; or, before those are told one by one, by what explains each of its pods. */
function explainedBy(workload: Workload, sight: Sight): readonly (readonly string[])[] {
  const object = workloadTag(workload);
  const refusal = workload.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message ?? '';
  if (/failed calling webhook/.test(refusal)) return [['webhook', object]];
  const runtimeClass = /RuntimeClass "([^"]+)" not found/.exec(refusal)?.[1];
  if (runtimeClass !== undefined) return [[`runtimeclass/${runtimeClass}`, object]];
  const pods = podIndex(sight.snapshot.pods)?.troubledByOwner.get(object) ?? [];
  return pods.length === 0 ? [[object]] : pods.flatMap(podExplainedBy).map((tags) => [object, ...tags]);
}
