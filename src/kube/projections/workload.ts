import type { Workload, WorkloadCondition } from '../../state/workloads.js';
import { createIntern } from '../intern.js';
import { at, list, number, text, textMap, time } from '../json.js';
import { deviceRequests } from './device-requests.js';
import { appOf } from './pod.js';

const shared = createIntern();

/** apps/v1 Deployment, slim; null for something without a name. */
export function projectDeployment(object: unknown): Workload | null {
  const status = statusNumbers(object);
  const desired = replicas(object);
  return workload('Deployment', object, {
    desired,
    current: status('replicas'),
    updated: status('updatedReplicas'),
    ready: status('readyReplicas'),
    available: status('availableReplicas'),
    unavailable: number(at(object, 'status', 'unavailableReplicas')) ?? Math.max(0, desired - status('availableReplicas')),
  });
}

/** apps/v1 StatefulSet, slim; null for something without a name. */
export function projectStatefulSet(object: unknown): Workload | null {
  const status = statusNumbers(object);
  const desired = replicas(object);
  // Before 1.25 a StatefulSet had no availableReplicas: ready was all there was to know.
  const available = number(at(object, 'status', 'availableReplicas')) ?? status('readyReplicas');
  return workload('StatefulSet', object, {
    desired,
    current: status('replicas'),
    updated: number(at(object, 'status', 'updatedReplicas')) ?? status('currentReplicas'),
    ready: status('readyReplicas'),
    available,
    unavailable: Math.max(0, desired - available),
  });
}

/** apps/v1 DaemonSet, slim; null for something without a name. */
export function projectDaemonSet(object: unknown): Workload | null {
  const status = statusNumbers(object);
  const desired = status('desiredNumberScheduled');
  return workload('DaemonSet', object, {
    desired,
    current: status('currentNumberScheduled'),
    updated: status('updatedNumberScheduled'),
    ready: status('numberReady'),
    available: status('numberAvailable'),
    unavailable: number(at(object, 'status', 'numberUnavailable')) ?? Math.max(0, desired - status('numberAvailable')),
  });
}

type Numbers = Pick<Workload, 'desired' | 'current' | 'updated' | 'ready' | 'available' | 'unavailable'>;

function workload(kind: Workload['kind'], object: unknown, numbers: Numbers): Workload | null {
  const metadata = at(object, 'metadata');
  const name = text(at(metadata, 'name'));
  if (name === null) return null;
  const pod = at(object, 'spec', 'template', 'spec');
  const generation = number(at(metadata, 'generation'));
  const observedGeneration = number(at(object, 'status', 'observedGeneration'));
  return {
    kind,
    namespace: shared.text(text(at(metadata, 'namespace')) ?? ''),
    name,
    uid: text(at(metadata, 'uid')) ?? '',
    createdAt: time(at(metadata, 'creationTimestamp')),
    app: appOf(at(metadata, 'labels')) ?? appOf(at(object, 'spec', 'template', 'metadata', 'labels')),
    ...numbers,
    observed: generation === null || (observedGeneration ?? 0) >= generation,
    images: list(at(pod, 'containers')).flatMap((container) => shared.textOrNull(text(at(container, 'image'))) ?? []),
    deviceRequests: deviceRequests(pod),
    paused: at(object, 'spec', 'paused') === true,
    runtimeClassName: shared.textOrNull(text(at(pod, 'runtimeClassName'))),
    nodeSelector: textMap(at(pod, 'nodeSelector'), shared.text),
    conditions: list(at(object, 'status', 'conditions')).flatMap(condition),
  };
}

/** spec.replicas is 1 where it is left out. */
function replicas(object: unknown): number {
  return number(at(object, 'spec', 'replicas')) ?? 1;
}

/** Counts that are zero are left out of the status. */
function statusNumbers(object: unknown): (name: string) => number {
  return (name) => number(at(object, 'status', name)) ?? 0;
}

function condition(value: unknown): WorkloadCondition[] {
  const type = text(at(value, 'type'));
  if (type === null) return [];
  return [
    {
      type: shared.text(type),
      status: shared.text(text(at(value, 'status')) ?? 'Unknown'),
      reason: shared.text(text(at(value, 'reason')) ?? ''),
      message: text(at(value, 'message')) ?? '',
    },
  ];
}
