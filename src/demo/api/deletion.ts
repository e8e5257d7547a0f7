import { ApiError, badRequest, conflict } from './api-error.js';
import { at, isObject, type JsonObject, numberAt, objectAt, textAt } from './json.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import type { ResourceType } from './resource-type.js';
import { timestamp } from './writes.js';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | null;
  readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan' | null;
  readonly uid: string | null;
  readonly resourceVersion: string | null;
}

/** The options of a DELETE: a body, where there is one, takes the place of the whole query. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const given = isObject(body) ? body : fromQuery(query);
  const policy = at(given, 'propagationPolicy') ?? (at(given, 'orphanDependents') === true ? 'Orphan' : null);
  if (policy !== null && policy !== 'Background' && policy !== 'Foreground' && policy !== 'Orphan') {
    throw new ApiError(
      422,
      'Invalid',
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: ${JSON.stringify(policy)}: must be one of "Foreground","Background","Orphan" or nil`,
    );
  }
  const grace = at(given, 'gracePeriodSeconds');
  return {
    dryRun: dryRunOf(at(given, 'dryRun')),
    gracePeriodSeconds: typeof grace === 'number' ? Math.max(0, grace) : null,
    propagationPolicy: policy,
    uid: textAt(given, 'preconditions', 'uid') || null,
    resourceVersion: textAt(given, 'preconditions', 'resourceVersion') || null,
  };
}

/** `dryRun` of a body (a list) or a query (its values): only `All` is known. */
export function dryRunOf(value: unknown): boolean {
  const values: unknown[] = Array.isArray(value) ? value : value === undefined || value === null || value === '' ? [] : [value];
  for (const each of values) if (each !== 'All') throw badRequest(`invalid dryRun value: ${JSON.stringify(each)}: supported values: "All"`);
  return values.length > 0;
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = query.get('gracePeriodSeconds');
  return {
    dryRun: query.getAll('dryRun'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: query.get('orphanDependents') === 'true' ? true : undefined,
    gracePeriodSeconds: grace === null || grace === '' ? undefined : Number(grace),
  };
}

/** `gone` is false where the object stays a while: finalizers, or a pod that is still to be stopped. */
export interface Deletion {
  readonly object: KubeObject;
  readonly gone: boolean;
}

export function deleteObject(store: ObjectStore, type: ResourceType, object: KubeObject, options: DeleteOptions): Deletion {
  checkPreconditions(type, object, options);
  const { name, namespace } = object.metadata;
  const grace = type.storeName === 'pods' ? podGrace(object, options) : 0;
  const finalizers = withPolicy(object.metadata.finalizers ?? [], options);
  const stays = grace > 0 || finalizers.length > 0 || type.kind === 'Namespace';
  if (!stays) {
    if (options.dryRun) return { object, gone: true };
    return { object: store.remove(type.storeName, name, type.namespaced ? namespace : undefined) ?? object, gone: true };
  }
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  // Deleting again changes nothing, unless it is to go sooner.
  if (deletionTimestamp !== undefined && grace >= (deletionGracePeriodSeconds ?? 0)) return { object, gone: false };
  const marked: KubeObject = {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: timestamp(Date.now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ...(object.metadata.generation === undefined ? {} : { generation: object.metadata.generation + 1 }),
    },
    ...(type.kind === 'Namespace' ? { status: { ...objectAt(object, 'status'), phase: 'Terminating' } } : {}),
  };
  return { object: options.dryRun ? marked : store.update(type.storeName, marked), gone: false };
}

function checkPreconditions(type: ResourceType, object: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  const { metadata } = object;
  const { name } = metadata;
  if (uid !== null && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(type.storeName, name, why);
  }
  if (resourceVersion !== null && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(type.storeName, name, why);
  }
}

/** Pods that ended, and pods that no kubelet has, go at once. */
function podGrace(pod: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Failed' || phase === 'Succeeded' || textAt(pod, 'spec', 'nodeName') === '') return 0;
  if (gracePeriodSeconds !== null) return gracePeriodSeconds;
  const own = at(pod, 'spec', 'terminationGracePeriodSeconds');
  return typeof own === 'number' ? Math.max(numberAt(pod, 'spec', 'terminationGracePeriodSeconds'), 0) : 30;
}

function withPolicy(finalizers: readonly string[], { propagationPolicy }: DeleteOptions): string[] {
  const others = finalizers.filter((each) => each !== 'foregroundDeletion' && each !== 'orphan');
  if (propagationPolicy === 'Foreground') return [...others, 'foregroundDeletion'];
  if (propagationPolicy === 'Orphan') return [...others, 'orphan'];
  return propagationPolicy === 'Background' ? others : [...finalizers];
}
