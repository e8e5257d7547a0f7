import type { KubeObject } from '../../api/object-store.js';
import { quantity } from '../../controllers/quantity.js';
import { at, fieldsAt, listAt, textAt } from '../../fields.js';
import type { Span } from './steps.js';

/** What the metrics need to know of a pod, and when it ran. Times are seconds since 1970. */
export interface PodRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly containers: readonly ContainerRecord[];
  node: string | null;
  podIp: string;
  hostNetwork: boolean;
  /** GPUs and parts of GPUs asked for, in all and by resource. */
  readonly gpuCount: number;
  readonly gpuRequests: ReadonlyMap<string, number>;
  /** Indices of the node's whole or shared GPUs that it holds, and its MIG devices. */
  gpus: readonly number[];
  migDevices: readonly MigDeviceId[];
  /** Bound to a node and not ended: holds its devices. */
  readonly held: Span[];
  readonly running: Span[];
  readonly ready: Span[];
  /** Why it is not ready, for the error of its scrape; null while it is. */
  trouble: string | null;
}

/** A MIG device by its GPU and its place among that GPU's. */
export interface MigDeviceId {
  readonly gpu: number;
  readonly index: number;
}

interface ContainerRecord {
  readonly name: string;
  readonly image: string;
  /** Cores and bytes requested, 0 without. */
  readonly cpu: number;
  readonly memory: number;
}

/** A record of a pod seen for the first time. */
export function recordOf(pod: KubeObject, now: number): PodRecord {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true);
  const containers = listAt(pod, 'spec', 'containers');
  const gpuRequests = gpuRequestsOf(containers);
  const record: PodRecord = {
    uid: pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`,
    namespace: pod.metadata.namespace ?? 'default',
    name: pod.metadata.name,
    labels: pod.metadata.labels ?? {},
    annotations: pod.metadata.annotations ?? {},
    owner: owner === undefined ? null : { kind: owner.kind, name: owner.name },
    containers: containers.map(containerOf),
    node: null,
    podIp: '',
    hostNetwork: at(pod, 'spec', 'hostNetwork') === true,
    gpuCount: [...gpuRequests.values()].reduce((sum, count) => sum + count, 0),
    gpuRequests,
    gpus: [],
    migDevices: [],
    held: [],
    running: [],
    ready: [],
    trouble: null,
  };
  updateRecord(record, pod, now);
  return record;
}

/** Takes over what has changed: opens and closes the spans at the times that the pod's status gives. */
export function updateRecord(record: PodRecord, pod: KubeObject, now: number): void {
  const phase = textAt(pod, 'status', 'phase') ?? 'Pending';
  const condition = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  const moved = seconds(textAt(condition, 'lastTransitionTime')) ?? now;
  const started = seconds(textAt(pod, 'status', 'startTime')) ?? seconds(pod.metadata.creationTimestamp ?? null) ?? now;
  const ended = phase === 'Failed' || phase === 'Succeeded';
  record.node = textAt(pod, 'spec', 'nodeName');
  record.podIp = textAt(pod, 'status', 'podIP') ?? '';
  mark(record.held, record.node !== null && !ended, started, now);
  // A container that waits to be started again does nothing, whatever the phase says.
  mark(record.running, phase === 'Running' && waitingReason(pod) === null, record.running.length === 0 ? started : now, ended ? moved : now);
  mark(record.ready, phase === 'Running' && textAt(condition, 'status') === 'True', moved, Math.min(moved, now));
  record.trouble = phase === 'Running' && textAt(condition, 'status') === 'True' ? null : (waitingReason(pod) ?? textAt(condition, 'reason') ?? phase);
}

/** Closes what is open when a pod is gone. */
export function endRecord(record: PodRecord, now: number): void {
  for (const spans of [record.held, record.running, record.ready]) mark(spans, false, now, now);
}

/** RFC 3339 as seconds since 1970; null for anything else. */
export function seconds(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time / 1000;
}

function mark(spans: Span[], on: boolean, from: number, to: number): void {
  const last = spans.at(-1);
  const open = last !== undefined && last.to === Number.POSITIVE_INFINITY;
  if (on && !open) spans.push({ from: Math.max(from, last?.to ?? Number.NEGATIVE_INFINITY), to: Number.POSITIVE_INFINITY });
  if (!on && open) last.to = Math.max(last.from, to);
}

function waitingReason(pod: KubeObject): string | null {
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const reason = textAt(status, 'state', 'waiting', 'reason');
    if (reason !== null) return reason;
  }
  return null;
}

function containerOf(container: unknown): ContainerRecord {
  const request = (resource: string): number =>
    quantity(at(container, 'resources', 'requests', resource)) || quantity(at(container, 'resources', 'limits', resource));
  return { name: textAt(container, 'name') ?? 'main', image: textAt(container, 'image') ?? '', cpu: request('cpu'), memory: request('memory') };
}

function gpuRequestsOf(containers: readonly unknown[]): ReadonlyMap<string, number> {
  const requests = new Map<string, number>();
  for (const container of containers) {
    const amounts = { ...fieldsAt(container, 'resources', 'requests'), ...fieldsAt(container, 'resources', 'limits') };
    for (const [resource, amount] of Object.entries(amounts)) {
      const count = /^nvidia\.com\/(?:gpu$|mig-)/.test(resource) ? quantity(amount) : 0;
      if (count > 0) requests.set(resource, (requests.get(resource) ?? 0) + count);
    }
  }
  return requests;
}
