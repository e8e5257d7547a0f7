import { ApiError } from '../api/api-error.js';
import type { KubeObject } from '../api/object-store.js';
import { type Fields, fieldsAt, isFields, listAt, numberAt, textAt } from '../fields.js';
import { securityLevel, securityViolations } from './pod-security.js';
import { exceededQuota } from './resource-quotas.js';
import type { World } from './world.js';

/**
 * What the admission plugins make of a new pod: limits by default, priority, pod security, runtime class, quota; in that order. A sentence where one of them refuses it.
 */
export function admitPod(world: World, pod: KubeObject): KubeObject | string {
  const spec = withPriority(world, withLimits(world, pod));
  if (typeof spec === 'string') return spec;
  const admitted = { ...pod, spec };
  const level = securityLevel(world.store.get('namespaces', pod.metadata.namespace ?? ''), 'enforce');
  const violations = securityViolations(spec, level);
  if (violations.length > 0) return `violates PodSecurity "${level}:latest": ${violations.join(', ')}`;
  const runtimeClass = textAt(spec, 'runtimeClassName');
  if (runtimeClass !== null && world.store.get('runtimeclasses.node.k8s.io', runtimeClass) === null)
    return `pod rejected: RuntimeClass "${runtimeClass}" not found`;
  return exceededQuota(world, admitted) ?? admitted;
}

/** The same for a pod that a client sent; throws ApiError 403. */
export function admitSentPod(world: World, pod: KubeObject): KubeObject {
  const admitted = admitPod(world, pod);
  if (typeof admitted !== 'string') return admitted;
  const { name } = pod.metadata;
  throw new ApiError(403, 'Forbidden', `pods "${name}" is forbidden: ${admitted}`, { name, kind: 'pods' });
}

/** The LimitRanger: containers that ask for nothing get what their namespace gives by default. */
function withLimits(world: World, pod: KubeObject): Fields {
  const spec = fieldsAt(pod, 'spec');
  const rules = world.store
    .list('limitranges', pod.metadata.namespace)
    .flatMap((range) => listAt(range, 'spec', 'limits').filter((rule) => textAt(rule, 'type') === 'Container'));
  if (rules.length === 0) return spec;
  const limits = merged(rules, 'default');
  const requests = { ...limits, ...merged(rules, 'defaultRequest') };
  const filled = (list: readonly unknown[]) =>
    list.filter(isFields).map((container) => {
      const own = fieldsAt(container, 'resources');
      const ownLimits = fieldsAt(own, 'limits');
      return {
        ...container,
        resources: { ...own, limits: { ...limits, ...ownLimits }, requests: { ...requests, ...ownLimits, ...fieldsAt(own, 'requests') } },
      };
    });
  const initContainers = listAt(spec, 'initContainers');
  return { ...spec, ...(initContainers.length === 0 ? {} : { initContainers: filled(initContainers) }), containers: filled(listAt(spec, 'containers')) };
}

function merged(rules: readonly unknown[], field: string): Fields {
  return Object.assign({}, ...rules.map((rule) => fieldsAt(rule, field)));
}

function withPriority(world: World, spec: Fields): Fields | string {
  const name = textAt(spec, 'priorityClassName');
  if (name === null) return spec;
  const found = world.store.get('priorityclasses.scheduling.k8s.io', name);
  if (found === null) return `no PriorityClass with name ${name} was found`;
  return { ...spec, priority: numberAt(found, 'value') ?? 0, preemptionPolicy: textAt(found, 'preemptionPolicy') ?? 'PreemptLowerPriority' };
}
