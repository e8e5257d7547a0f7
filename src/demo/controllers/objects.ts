import type { KubeObject, ObjectMeta, ObjectStore } from '../api/object-store.js';
import { at, type Fields, isFields, listAt, textAt } from '../fields.js';

/** A moment (ms since the epoch) as metav1.Time: whole seconds. */
export function stamp(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19)}Z`;
}

/** A moment as metav1.MicroTime, as leases and the scheduler's events carry it. */
export function microStamp(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 23)}000Z`;
}

/** `namespace/name`, or the name alone. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The newest state of the object with that key, null when it is gone. */
export function byKey(store: ObjectStore, resource: string, key: string): KubeObject | null {
  const slash = key.indexOf('/');
  return slash < 0 ? store.get(resource, key) : store.get(resource, key.slice(slash + 1), key.slice(0, slash));
}

export type OwnerReference = NonNullable<ObjectMeta['ownerReferences']>[number];

/** A controlling owner reference to an object. */
export function ownedBy(owner: KubeObject): OwnerReference {
  const { name, uid = '' } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The one owner that manages an object, null for an orphan. */
export function controllerOf(object: KubeObject): OwnerReference | null {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true) ?? null;
}

/** Replaces the status of the newest state of an object; nothing happens where it is gone or says so already. */
export function writeStatus(store: ObjectStore, resource: string, object: KubeObject, status: Fields): KubeObject | null {
  const current = store.get(resource, object.metadata.name, object.metadata.namespace);
  if (current === null || current.metadata.uid !== object.metadata.uid) return null;
  return store.update(resource, { ...current, status });
}

/** Lays fields over the spec of the newest state of an object and counts a new generation where that changes something. */
export function writeSpec(store: ObjectStore, resource: string, object: KubeObject, spec: Fields): KubeObject | null {
  const current = store.get(resource, object.metadata.name, object.metadata.namespace);
  if (current === null || current.metadata.uid !== object.metadata.uid) return null;
  const { generation } = current.metadata;
  const metadata = generation === undefined ? current.metadata : { ...current.metadata, generation: generation + 1 };
  return store.update(resource, { ...current, metadata, spec: { ...specOf(current), ...spec } });
}

/** Lays fields over the metadata of the newest state of an object. */
export function writeMetadata(store: ObjectStore, resource: string, object: KubeObject, metadata: Partial<ObjectMeta>): KubeObject | null {
  const current = store.get(resource, object.metadata.name, object.metadata.namespace);
  if (current === null || current.metadata.uid !== object.metadata.uid) return null;
  return store.update(resource, { ...current, metadata: { ...current.metadata, ...metadata } });
}

export function specOf(object: KubeObject): Fields {
  const spec = object['spec'];
  return isFields(spec) ? spec : {};
}

export function statusOf(object: KubeObject): Fields {
  const status = object['status'];
  return isFields(status) ? status : {};
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

/**
 * The conditions of an object with one set: lastTransitionTime moves only when the status does. `times` are further time fields that
 * move with every change (`lastUpdateTime` of a Deployment) or every writing (`lastHeartbeatTime` of a node).
 */
export function withCondition(object: KubeObject, next: Condition, now: number, times: { changed?: string; written?: string } = {}): unknown[] {
  const conditions = listAt(object, 'status', 'conditions');
  const previous = conditions.find((condition) => textAt(condition, 'type') === next.type);
  const moved = textAt(previous, 'status') !== next.status;
  const changed = moved || textAt(previous, 'reason') !== (next.reason ?? null) || textAt(previous, 'message') !== (next.message ?? null);
  const condition: Record<string, unknown> = { ...next };
  if (times.changed !== undefined) condition[times.changed] = changed ? stamp(now) : at(previous, times.changed);
  if (times.written !== undefined) condition[times.written] = stamp(now);
  condition['lastTransitionTime'] = moved ? stamp(now) : (at(previous, 'lastTransitionTime') ?? stamp(now));
  return previous === undefined ? [...conditions, condition] : conditions.map((each) => (each === previous ? condition : each));
}

/** The status of a condition: 'True', 'False', 'Unknown', or null without it. */
export function conditionStatus(object: KubeObject, type: string): string | null {
  return textAt(
    listAt(object, 'status', 'conditions').find((condition) => textAt(condition, 'type') === type),
    'status',
  );
}

/** Whether labels match a LabelSelector (matchLabels and matchExpressions); an empty selector matches everything, a missing one nothing. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>> = {}): boolean {
  if (!isFields(selector)) return false;
  for (const [name, wanted] of Object.entries(isFields(selector['matchLabels']) ? selector['matchLabels'] : {})) if (labels[name] !== wanted) return false;
  return listAt(selector, 'matchExpressions').every((expression) => fits(expression, labels));
}

/** One requirement of a label selector or node selector term. */
export function fits(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const label = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return label !== undefined && Number(label) > Number(values[0]);
    case 'Lt':
      return label !== undefined && Number(label) < Number(values[0]);
    default:
      return false;
  }
}
