import type { ContainerState, Owner, Pod } from '../../state/pods.js';
import type { Quantities } from '../../state/quantities.js';
import { createIntern } from '../intern.js';
import { at, isObject, list, number, text, time } from '../json.js';
import { deviceRequests } from './device-requests.js';

const shared = createIntern();
const owners = new Map<string, Owner>();
const containers = new Map<string, ContainerState>();
const containerLists = new Map<string, readonly ContainerState[]>();
const requests = new Map<string, Quantities>();

/** Most specific first. */
const appLabels = ['app.kubernetes.io/name', 'k8s-app', 'app', 'name'];

/**
 * v1.Pod, slim; null for one that has ended (phase Failed or Succeeded) or has no name. What many pods have in common (namespace, node, owner, requests, the
 * state of a healthy container) is one object for all of them.
 */
export function projectPod(object: unknown): Pod | null {
  const metadata = at(object, 'metadata');
  const spec = at(object, 'spec');
  const status = at(object, 'status');
  const name = text(at(metadata, 'name'));
  const phase = phaseOf(at(status, 'phase'));
  if (name === null || phase === 'Failed' || phase === 'Succeeded') return null;
  const conditions = list(at(status, 'conditions'));
  return {
    namespace: shared.text(text(at(metadata, 'namespace')) ?? ''),
    name,
    uid: text(at(metadata, 'uid')) ?? '',
    phase,
    reason: shared.textOrNull(text(at(status, 'reason'))),
    message: shared.textOrNull(text(at(status, 'message'))),
    nodeName: shared.textOrNull(text(at(spec, 'nodeName'))),
    owner: ownerOf(metadata),
    app: appOf(at(metadata, 'labels')),
    mirror: typeof at(metadata, 'annotations', 'kubernetes.io/config.mirror') === 'string',
    runtimeClassName: shared.textOrNull(text(at(spec, 'runtimeClassName'))),
    priorityClassName: shared.textOrNull(text(at(spec, 'priorityClassName'))),
    createdAt: time(at(metadata, 'creationTimestamp')),
    startedAt: time(at(status, 'startTime')),
    deletedAt: time(at(metadata, 'deletionTimestamp')),
    ready: readyOf(conditions),
    unschedulable: unschedulableOf(conditions),
    containers: containersOf(spec, status),
    deviceRequests: sharedRequests(deviceRequests(spec)),
  };
}

function phaseOf(phase: unknown): Pod['phase'] {
  return phase === 'Pending' || phase === 'Running' || phase === 'Succeeded' || phase === 'Failed' ? phase : 'Unknown';
}

/** The controller among the owners, else the first. */
function ownerOf(metadata: unknown): Owner | null {
  const references = list(at(metadata, 'ownerReferences'));
  const reference = references.find((candidate) => at(candidate, 'controller') === true) ?? references[0];
  const kind = text(at(reference, 'kind'));
  const name = text(at(reference, 'name'));
  if (kind === null || name === null) return null;
  return shared.value(owners, `${kind}/${name}`, () => ({ kind: shared.text(kind), name: shared.text(name) }));
}

export function appOf(labels: unknown): string | null {
  for (const label of appLabels) {
    const value = text(at(labels, label));
    if (value !== null) return shared.text(value);
  }
  return null;
}

function readyOf(conditions: readonly unknown[]): Pod['ready'] {
  const condition = conditions.find((candidate) => at(candidate, 'type') === 'Ready');
  if (condition === undefined) return null;
  const status = at(condition, 'status');
  return {
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    since: time(at(condition, 'lastTransitionTime')),
    reason: shared.text(text(at(condition, 'reason')) ?? ''),
  };
}

function unschedulableOf(conditions: readonly unknown[]): Pod['unschedulable'] {
  const condition = conditions.find((candidate) => at(candidate, 'type') === 'PodScheduled');
  if (condition === undefined || at(condition, 'status') === 'True') return null;
  return {
    reason: shared.text(text(at(condition, 'reason')) ?? ''),
    message: shared.text(text(at(condition, 'message')) ?? ''),
    since: time(at(condition, 'lastTransitionTime')),
  };
}

/** Containers in the spec's order, after the init containers that still hold the pod up and the sidecars that belong to it for good. */
function containersOf(spec: unknown, status: unknown): readonly ContainerState[] {
  const states = [
    ...named(at(spec, 'initContainers'), at(status, 'initContainerStatuses'), true).filter(({ sidecar, done }) => sidecar || !done),
    ...named(at(spec, 'containers'), at(status, 'containerStatuses'), false),
  ].map(({ state }) => state);
  if (!states.every(isOrdinary)) return states;
  return shared.value(containerLists, states.map(({ name, init }) => `${init ? 'i' : 'c'}${name}`).join('\n'), () => states);
}

function named(specs: unknown, statuses: unknown, init: boolean): { state: ContainerState; sidecar: boolean; done: boolean }[] {
  const reported = list(statuses);
  const declared = list(specs);
  // A pod that came without its spec's containers still shows those in its status.
  const source = declared.length > 0 ? declared : reported;
  return source.flatMap((container) => {
    const name = text(at(container, 'name'));
    if (name === null) return [];
    const status = reported.find((candidate) => at(candidate, 'name') === at(container, 'name'));
    const state = containerState(name, init, status);
    const sidecar = init && at(container, 'restartPolicy') === 'Always';
    return [{ state, sidecar, done: state.state === 'terminated' && state.exitCode === 0 }];
  });
}

function containerState(name: string, init: boolean, status: unknown): ContainerState {
  const current = at(status, 'state');
  const waiting = at(current, 'waiting');
  const terminated = at(current, 'terminated');
  const running = at(current, 'running');
  const why = isObject(waiting) ? waiting : terminated;
  const last = at(status, 'lastState', 'terminated');
  const endedAt = time(at(last, 'finishedAt'));
  const state: ContainerState = {
    name: shared.text(name),
    init,
    ready: at(status, 'ready') === true,
    restarts: number(at(status, 'restartCount')) ?? 0,
    state: isObject(waiting) ? 'waiting' : isObject(terminated) ? 'terminated' : isObject(running) ? 'running' : 'unknown',
    reason: shared.textOrNull(text(at(why, 'reason'))),
    message: shared.textOrNull(text(at(why, 'message'))),
    exitCode: number(at(terminated, 'exitCode')) ?? number(at(last, 'exitCode')),
    ...(endedAt === null ? {} : { endedAt }),
  };
  return isOrdinary(state) ? shared.value(containers, `${init ? 'i' : 'c'}${name}`, () => state) : state;
}

function isOrdinary(state: ContainerState): boolean {
  return state.state === 'running' && state.ready && state.restarts === 0 && state.message === null;
}

function sharedRequests(amounts: Quantities | null): Quantities | null {
  if (amounts === null) return null;
  return shared.value(requests, [...amounts].map(([name, amount]) => `${name}=${amount}`).join(','), () => amounts);
}
