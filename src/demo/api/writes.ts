import { randomInt } from 'node:crypto';
import { ApiError, badRequest, conflict, modifiedMeanwhile, notFound } from './api-error.js';
import { deepEqual } from './deep-equal.js';
import { withDefaults } from './defaults.js';
import { isObject, objectAt, textAt } from './json.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import { recordUpdate } from './patches/managed-fields.js';
import type { ResourceType } from './resource-type.js';
import { validate } from './validation.js';

export interface WriteOptions {
  readonly dryRun: boolean;
  /** Who writes, for managedFields. */
  readonly manager: string;
  readonly subresource?: string;
  admitPod?(pod: KubeObject): KubeObject;
}

/** Creates an object as a client's POST does: namespace checked, name made up where asked for, defaults filled in, validated. */
export function createObject(store: ObjectStore, type: ResourceType, sent: KubeObject, options: WriteOptions): KubeObject {
  if (sent.metadata.resourceVersion !== undefined && sent.metadata.resourceVersion !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  const named = withName(sent);
  checkNamespace(store, type, named);
  const { uid: _, creationTimestamp: __, deletionTimestamp: ___, managedFields: ____, resourceVersion: _____, ...metadata } = named.metadata;
  const fresh: KubeObject = { ...named, metadata };
  // Status belongs to those who report it: only kinds without a status subresource keep what they were sent with.
  const object = admitted(withDefaults(type.status ? withoutStatus(fresh) : fresh, store, true), options);
  validate(object, null, type);
  // The status that defaults gave it is nobody's.
  const { metadata: owned } = recordUpdate(null, withoutStatus(object), options.manager, undefined, timestamp());
  const recorded = { ...object, metadata: owned };
  if (!options.dryRun) return store.create(type.storeName, recorded);
  if (store.get(type.storeName, recorded.metadata.name, recorded.metadata.namespace) !== null) {
    throw new ApiError(409, 'AlreadyExists', `${type.storeName} "${recorded.metadata.name}" already exists`, {
      name: recorded.metadata.name,
      kind: type.plural,
    });
  }
  return { ...recorded, metadata: { creationTimestamp: timestamp(), uid: '00000000-0000-0000-0000-000000000000', ...recorded.metadata } };
}

/** Puts a new state in the place of the current one, as PUT and PATCH do, with all that clients cannot change kept. */
export function replaceObject(store: ObjectStore, type: ResourceType, current: KubeObject, wanted: KubeObject, options: WriteOptions): KubeObject {
  const { name } = current.metadata;
  const { uid, resourceVersion } = wanted.metadata;
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion) {
    throw conflict(type.storeName, name, modifiedMeanwhile);
  }
  if (uid !== undefined && uid !== '' && uid !== current.metadata.uid) {
    throw conflict(type.storeName, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`);
  }
  const merged = options.subresource === 'status' ? statusOnly(current, wanted) : defaulted(store, current, keptFields(type, current, wanted));
  if (options.subresource !== 'status') validate(merged, current, type);
  const object = withGeneration(type, current, merged);
  if (deepEqual(withoutManaged(object), withoutManaged(current))) return current;
  const recorded = recordUpdate(current, object, options.manager, options.subresource, timestamp());
  if (options.dryRun) return recorded;
  return settle(store, type, store.update(type.storeName, recorded));
}

/** Writes an object whose managedFields are settled already (server-side apply). */
export function storeApplied(
  store: ObjectStore,
  type: ResourceType,
  current: KubeObject | null,
  applied: KubeObject,
  options: Pick<WriteOptions, 'dryRun' | 'admitPod'>,
): KubeObject {
  const { dryRun } = options;
  if (current === null) {
    checkNamespace(store, type, applied);
    const object = admitted(withDefaults(applied, store, true), options);
    validate(object, null, type);
    return dryRun ? object : store.create(type.storeName, object);
  }
  const object = withGeneration(type, current, defaulted(store, current, keptFields(type, current, applied)));
  validate(object, current, type);
  const stamped = deepEqual(withoutManaged(object), withoutManaged(current)) && sameOwners(object, current) ? current : object;
  return dryRun || stamped === current ? stamped : settle(store, type, store.update(type.storeName, stamped));
}

function admitted(object: KubeObject, { admitPod }: Pick<WriteOptions, 'admitPod'>): KubeObject {
  return object.kind === 'Pod' && admitPod !== undefined ? admitPod(object) : object;
}

/** The object by name; throws ApiError 404. */
export function existing(store: ObjectStore, type: ResourceType, name: string, namespace: string | undefined): KubeObject {
  const object = store.get(type.storeName, name, type.namespaced ? namespace : undefined);
  if (object === null) throw notFound(type.storeName, name);
  return object;
}

/** An object that was only waiting for its last finalizer goes with it. */
export function settle(store: ObjectStore, type: ResourceType, object: KubeObject): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, name, namespace } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return object;
  if (type.kind === 'Namespace') return object;
  store.remove(type.storeName, name, type.namespaced ? namespace : undefined);
  return object;
}

export function timestamp(now = Date.now()): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}

function withoutStatus(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object;
  return { ...rest, apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata };
}

function withName(object: KubeObject): KubeObject {
  const { name, generateName } = object.metadata;
  if (name !== '' || generateName === undefined || generateName === '') return object;
  // The letters that the real server makes names of: none that spells words.
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  const suffix = Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return { ...object, metadata: { ...object.metadata, name: `${generateName.slice(0, 58)}${suffix}` } };
}

/** The NamespaceLifecycle admission plugin. */
function checkNamespace(store: ObjectStore, type: ResourceType, object: KubeObject): void {
  if (!type.namespaced) return;
  const { name, namespace = '' } = object.metadata;
  const home = store.get('namespaces', namespace);
  if (home === null) throw notFound('namespaces', namespace);
  if (home.metadata.deletionTimestamp !== undefined) {
    throw new ApiError(
      403,
      'Forbidden',
      `${type.storeName} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      {
        name,
        kind: type.plural,
        causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
      },
    );
  }
}

/**
 * Objects that came into the store by another door than this API may lack defaults. Filling them in with the next small change
 * would change what they say, a deployment's template for one: those are left as they are.
 */
function defaulted(store: ObjectStore, current: KubeObject, wanted: KubeObject): KubeObject {
  return deepEqual(withDefaults(current, store, false), current) ? withDefaults(wanted, store, false) : wanted;
}

function keptFields(type: ResourceType, current: KubeObject, wanted: KubeObject): KubeObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, generateName, resourceVersion, name, namespace } =
    current.metadata;
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...metadata } = wanted.metadata;
  const kept = {
    ...metadata,
    name,
    uid,
    creationTimestamp,
    resourceVersion,
    ...(namespace === undefined ? {} : { namespace }),
    ...(generation === undefined ? {} : { generation }),
    ...(generateName === undefined ? {} : { generateName }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp, deletionGracePeriodSeconds }),
  };
  const { status, ...rest } = wanted;
  const shown = type.status ? current['status'] : status;
  return { ...rest, apiVersion: wanted.apiVersion, kind: wanted.kind, metadata: kept, ...(shown === undefined ? {} : { status: shown }) };
}

function statusOnly(current: KubeObject, wanted: KubeObject): KubeObject {
  const { labels, annotations } = wanted.metadata;
  return {
    ...current,
    metadata: { ...current.metadata, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) },
    ...(wanted['status'] === undefined ? {} : { status: wanted['status'] }),
  };
}

/** The generation counts changes of what is wanted, not of metadata or status. */
function withGeneration(type: ResourceType, current: KubeObject, object: KubeObject): KubeObject {
  const { generation } = current.metadata;
  if (generation === undefined) return object;
  const wanted = (each: KubeObject): unknown => {
    const { metadata: _, status, ...rest } = each;
    return type.status ? rest : { ...rest, status };
  };
  return deepEqual(wanted(object), wanted(current)) ? object : { ...object, metadata: { ...object.metadata, generation: generation + 1 } };
}

function withoutManaged(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function sameOwners(a: KubeObject, b: KubeObject): boolean {
  const owners = (object: KubeObject): unknown =>
    (object.metadata.managedFields ?? []).map((entry) => ({ ...objectAt(entry), time: isObject(entry) ? '' : textAt(entry, 'time') }));
  return deepEqual(owners(a), owners(b));
}
