import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, badRequest } from './api-error.js';
import { deleteObject, deleteOptions } from './deletion.js';
import type { ApiHooks, LogOptions } from './hooks.js';
import { at, isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from './json.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import { isTrue } from './request-info.js';
import type { ResourceType } from './resource-type.js';
import { matchesLabelSelector } from './selectors.js';
import { timestamp } from './writes.js';

export const success: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST pods/NAME/eviction: a delete that asks the disruption budgets first. Throws ApiError 429 where one of them forbids it. */
export function evict(store: ObjectStore, type: ResourceType, pod: KubeObject, eviction: JsonObject): void {
  const options = deleteOptions(objectAt(eviction, 'deleteOptions'), new URLSearchParams());
  const phase = textAt(pod, 'status', 'phase');
  const counts = phase !== 'Failed' && phase !== 'Succeeded' && phase !== 'Pending' && pod.metadata.deletionTimestamp === undefined;
  const budgets = counts ? budgetsOf(store, pod) : [];
  if (budgets.length > 1) {
    throw new ApiError(500, 'InternalError', `This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.`);
  }
  const [budget] = budgets;
  if (budget !== undefined) spendBudget(store, budget, pod, options.dryRun);
  deleteObject(store, type, pod, options);
}

function budgetsOf(store: ObjectStore, pod: KubeObject): KubeObject[] {
  return store
    .list('poddisruptionbudgets.policy', pod.metadata.namespace)
    .filter((budget) => matchesLabelSelector(at(budget, 'spec', 'selector'), pod.metadata.labels ?? {}));
}

function spendBudget(store: ObjectStore, budget: KubeObject, pod: KubeObject, dryRun: boolean): void {
  const allowed = numberAt(budget, 'status', 'disruptionsAllowed');
  if (allowed <= 0) {
    const wanted = numberAt(budget, 'status', 'desiredHealthy');
    const healthy = numberAt(budget, 'status', 'currentHealthy');
    throw new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        { reason: 'DisruptionBudget', message: `The disruption budget ${budget.metadata.name} needs ${wanted} healthy pods and has ${healthy} currently` },
      ],
    });
  }
  if (dryRun) return;
  const status = objectAt(budget, 'status');
  const disruptedPods = { ...objectAt(status, 'disruptedPods'), [pod.metadata.name]: timestamp() };
  store.update('poddisruptionbudgets.policy', { ...budget, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods } });
}

/** POST pods/NAME/binding: what a scheduler does. Throws ApiError 409 where the pod has a node already. */
export function bind(store: ObjectStore, pod: KubeObject, binding: JsonObject): void {
  const node = textAt(binding, 'target', 'name');
  if (node === '') throw badRequest('Binding "" is invalid: target.name: Required value');
  const bound = textAt(pod, 'spec', 'nodeName');
  if (bound !== '') {
    const { name } = pod.metadata;
    throw new ApiError(409, 'Conflict', `Operation cannot be fulfilled on pods/binding "${name}": pod ${name} is already assigned to node "${bound}"`, {
      name,
      kind: 'pods/binding',
    });
  }
  const others = listAt(pod, 'status', 'conditions').filter((each) => at(each, 'type') !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp() };
  store.update('pods', {
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName: node },
    status: { ...objectAt(pod, 'status'), conditions: [...others, scheduled] },
  });
}

/** GET pods/NAME/log: text, to the end or as long as the client follows. */
export async function answerLog(hooks: ApiHooks, request: IncomingMessage, response: ServerResponse, pod: KubeObject, query: URLSearchParams): Promise<void> {
  const container = containerOf(pod, query.get('container') ?? '');
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  const options: LogOptions = {
    container,
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    tailLines: count(query, 'tailLines'),
    sinceSeconds: count(query, 'sinceSeconds'),
    sinceTime: query.get('sinceTime'),
    limitBytes: count(query, 'limitBytes'),
    signal: ended.signal,
  };
  checkStarted(pod, container, options.previous);
  const text = hooks.podLog?.(pod, options) ?? '';
  const parts = typeof text === 'string' || text instanceof Promise ? [await text] : text;
  response.writeHead(200, { 'content-type': 'text/plain' });
  if (request.method !== 'HEAD') response.flushHeaders();
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const part of parts) {
    if (response.destroyed || left <= 0) break;
    const bytes = Buffer.from(part);
    response.write(bytes.length > left ? bytes.subarray(0, left) : bytes);
    left -= bytes.length;
  }
  response.end();
}

/** The container that is meant: the one named, or the only one there is. Throws ApiError 400. */
export function containerOf(pod: KubeObject, wanted: string): string {
  const { name } = pod.metadata;
  const names = (field: string): string[] => listAt(pod, 'spec', field).map((each) => textAt(each, 'name'));
  const plain = names('containers');
  const all = [...names('initContainers'), ...plain, ...names('ephemeralContainers')];
  if (wanted !== '') {
    if (all.includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  const [only] = plain;
  if (plain.length === 1 && only !== undefined) return only;
  const inits = names('initContainers');
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${plain.join(' ')}]${inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : ''}`,
  );
}

/** The kubelet's own words for a container that has nothing to show yet. */
function checkStarted(pod: KubeObject, container: string, previous: boolean): void {
  const statuses = [...listAt(pod, 'status', 'containerStatuses'), ...listAt(pod, 'status', 'initContainerStatuses')];
  const status = statuses.find((each) => textAt(each, 'name') === container);
  const { name } = pod.metadata;
  if (previous) {
    if (isObject(at(status, 'lastState', 'terminated'))) return;
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  const waiting = at(status, 'state', 'waiting');
  if (isObject(waiting) && !isObject(at(status, 'lastState', 'terminated'))) {
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${textAt(waiting, 'reason') || 'ContainerCreating'}`);
  }
}

function flag(query: URLSearchParams, name: string): boolean {
  return query.has(name) && isTrue(query.get(name));
}

function count(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === '') return null;
  if (!/^\d+$/.test(text)) throw badRequest(`PodLogOptions "" is invalid: ${name}: Invalid value: "${text}": must be greater than or equal to 0`);
  return Number(text);
}
