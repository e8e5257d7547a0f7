import type { Quantities } from '../state/quantities.js';
import { at, isObject, list, number, text, textMap, time } from './json.js';
import { podRequests } from './projections/pod-requests.js';

/** What of a pod's spec decides where it may run. */
export interface PlacementRules {
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  /** As the scheduler counts them, `pods` among them. */
  readonly requests: Quantities;
  /** The raw rules, as the API has them; looked at by placement-fit.ts alone. */
  readonly nodeSelector: ReadonlyMap<string, string>;
  /** nodeSelectorTerms of the required node affinity; null without one. */
  readonly nodeTerms: readonly unknown[] | null;
  readonly tolerations: readonly unknown[];
  readonly affinity: readonly unknown[];
  readonly antiAffinity: readonly unknown[];
  /** topologySpreadConstraints that must hold (DoNotSchedule). */
  readonly spread: readonly unknown[];
  /** `TCP/8080` on the node's own addresses. */
  readonly hostPorts: readonly string[];
  /** nodeSelectorTerms of the volumes that its claims are bound to: each must hold. */
  readonly volumeTerms: readonly (readonly unknown[])[];
  readonly priority: number;
}

/** A pod that has not ended, as the scheduler sees it. */
export interface PlacementPod extends PlacementRules {
  readonly name: string;
  readonly uid: string;
  /** UID of its controller. */
  readonly owner: string | null;
  readonly nodeName: string | null;
  readonly createdAt: number;
  /** It is being deleted: what it holds is free soon. */
  readonly leaving: boolean;
  readonly phase: string;
  readonly ready: boolean;
  /** When it became Ready; null while it is not. */
  readonly readySince: number | null;
  /** Why it will not become Ready by itself: the reason that one of its containers waits with; null without one. */
  readonly trouble: string | null;
  readonly restarts: number;
  /** The annotation controller.kubernetes.io/pod-deletion-cost. */
  readonly deletionCost: number;
  /** It waits for somebody to lift its scheduling gates, or for another scheduler. */
  readonly heldBack: boolean;
}

/** v1.Pod as the scheduler sees it; null for one that has ended. */
export function placementPod(object: unknown): PlacementPod | null {
  const metadata = at(object, 'metadata');
  const spec = at(object, 'spec');
  const phase = text(at(object, 'status', 'phase')) ?? 'Pending';
  const name = text(at(metadata, 'name'));
  if (name === null || phase === 'Failed' || phase === 'Succeeded') return null;
  const ready = list(at(object, 'status', 'conditions')).find((condition) => at(condition, 'type') === 'Ready');
  const owner = list(at(metadata, 'ownerReferences')).find((reference) => at(reference, 'controller') === true);
  const containers = list(at(object, 'status', 'containerStatuses'));
  const isReady = at(ready, 'status') === 'True';
  return {
    ...placementRules(text(at(metadata, 'namespace')) ?? '', textMap(at(metadata, 'labels')), spec),
    name,
    uid: text(at(metadata, 'uid')) ?? '',
    owner: text(at(owner, 'uid')),
    nodeName: text(at(spec, 'nodeName')),
    createdAt: time(at(metadata, 'creationTimestamp')) ?? 0,
    leaving: text(at(metadata, 'deletionTimestamp')) !== null,
    phase,
    ready: isReady,
    readySince: isReady ? time(at(ready, 'lastTransitionTime')) : null,
    trouble: containers.flatMap(stuck)[0] ?? null,
    restarts: containers.reduce<number>((sum, status) => sum + (number(at(status, 'restartCount')) ?? 0), 0),
    deletionCost: Number(text(at(metadata, 'annotations', 'controller.kubernetes.io/pod-deletion-cost')) ?? 0) || 0,
    heldBack: list(at(spec, 'schedulingGates')).length > 0 || !isDefaultScheduler(spec),
  };
}

/** The rules of a pod made from a template's spec, or of one that is there. */
export function placementRules(namespace: string, labels: ReadonlyMap<string, string>, spec: unknown): PlacementRules {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const affinity = at(spec, 'affinity');
  const terms = at(affinity, 'nodeAffinity', required);
  return {
    namespace,
    labels,
    requests: new Map([...(podRequests(spec) ?? []), ['pods', 1]]),
    nodeSelector: textMap(at(spec, 'nodeSelector')),
    nodeTerms: terms === undefined ? null : list(at(terms, 'nodeSelectorTerms')),
    tolerations: list(at(spec, 'tolerations')),
    affinity: list(at(affinity, 'podAffinity', required)),
    antiAffinity: list(at(affinity, 'podAntiAffinity', required)),
    spread: list(at(spec, 'topologySpreadConstraints')).filter((constraint) => at(constraint, 'whenUnsatisfiable') !== 'ScheduleAnyway'),
    hostPorts: list(at(spec, 'containers')).flatMap((container) => list(at(container, 'ports')).flatMap(hostPort)),
    volumeTerms: [],
    priority: number(at(spec, 'priority')) ?? 0,
  };
}

/** Whether Kubernetes' own scheduler places it. */
export function isDefaultScheduler(spec: unknown): boolean {
  return (text(at(spec, 'schedulerName')) ?? 'default-scheduler') === 'default-scheduler';
}

function hostPort(port: unknown): string[] {
  const own = number(at(port, 'hostPort'));
  return own === null || own === 0 ? [] : [`${text(at(port, 'protocol')) ?? 'TCP'}/${own}`];
}

function stuck(status: unknown): string[] {
  const waiting = at(status, 'state', 'waiting');
  const reason = isObject(waiting) ? text(at(waiting, 'reason')) : null;
  return reason === null || reason === 'ContainerCreating' || reason === 'PodInitializing' ? [] : [reason];
}
