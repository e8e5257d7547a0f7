import type { KubeObject } from '../api/object-store.js';
import { terminate } from './pod-state.js';
import type { World } from './world.js';

/**
 * Deletes what its owner has left behind (background), removes owners that wait for their dependents (finalizer `foregroundDeletion`),
 * and lets dependents go free (finalizer `orphan`).
 */
export function startGarbageCollector(world: World): (() => void)[] {
  return [...dependents.keys()].map((resource) =>
    world.store.subscribe(resource, ({ type, object }) => {
      if (type === 'DELETED') {
        collect(world, resource, object);
        unblock(world, object);
      } else if (object.metadata.deletionTimestamp !== undefined) {
        world.clock.soon(() => attend(world, resource, object));
      }
    }),
  );
}

/** Which resources objects of a resource may own. */
const dependents: ReadonlyMap<string, readonly string[]> = new Map([
  ['deployments.apps', ['replicasets.apps']],
  ['replicasets.apps', ['pods']],
  ['daemonsets.apps', ['pods', 'controllerrevisions.apps']],
  ['statefulsets.apps', ['pods', 'controllerrevisions.apps']],
  ['jobs.batch', ['pods']],
  ['cronjobs.batch', ['jobs.batch']],
  ['services', ['endpointslices.discovery.k8s.io']],
  ['pods', []],
]);

function owned(world: World, resource: string, owner: KubeObject): { resource: string; object: KubeObject }[] {
  const { uid, namespace } = owner.metadata;
  return (dependents.get(resource) ?? []).flatMap((each) =>
    world.store
      .list(each, namespace)
      .filter((object) => object.metadata.ownerReferences?.some((reference) => reference.uid === uid))
      .map((object) => ({ resource: each, object })),
  );
}

/** The owner is gone: so are the dependents that nobody else owns. */
function collect(world: World, resource: string, owner: KubeObject): void {
  for (const dependent of owned(world, resource, owner)) {
    const others = dependent.object.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid) ?? [];
    if (others.length === 0) remove(world, dependent.resource, dependent.object);
    else world.store.update(dependent.resource, { ...dependent.object, metadata: { ...dependent.object.metadata, ownerReferences: others } });
  }
  if (resource === 'services') world.store.remove('endpoints', owner.metadata.name, owner.metadata.namespace);
}

function remove(world: World, resource: string, object: KubeObject): void {
  if (resource === 'pods') terminate(world, object);
  else if ((object.metadata.finalizers ?? []).length === 0) world.store.remove(resource, object.metadata.name, object.metadata.namespace);
}

/** An owner that is to go but waits: for its dependents to go first, or to be let go. */
function attend(world: World, resource: string, seen: KubeObject): void {
  const owner = world.store.get(resource, seen.metadata.name, seen.metadata.namespace);
  if (owner === null || owner.metadata.uid !== seen.metadata.uid) return;
  const finalizers = owner.metadata.finalizers ?? [];
  if (finalizers.includes('orphan')) {
    for (const { resource: kind, object } of owned(world, resource, owner)) {
      const ownerReferences = object.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid) ?? [];
      const { ownerReferences: _, ...metadata } = object.metadata;
      world.store.update(kind, { ...object, metadata: ownerReferences.length > 0 ? { ...metadata, ownerReferences } : metadata });
    }
    finish(world, resource, owner, 'orphan');
  } else if (finalizers.includes('foregroundDeletion')) {
    const left = owned(world, resource, owner);
    for (const { resource: kind, object } of left) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      if (kind === 'pods') terminate(world, object);
      else if (dependents.has(kind)) markForeground(world, kind, object, owner.metadata.deletionTimestamp);
      else world.store.remove(kind, object.metadata.name, object.metadata.namespace);
    }
    if (left.every(({ object }) => !blocks(object, owner)) || owned(world, resource, owner).length === 0) finish(world, resource, owner, 'foregroundDeletion');
  }
}

function markForeground(world: World, resource: string, object: KubeObject, deletionTimestamp: string | undefined): void {
  const finalizers = [...(object.metadata.finalizers ?? []), 'foregroundDeletion'];
  const metadata = { ...object.metadata, finalizers, deletionTimestamp, deletionGracePeriodSeconds: 0 };
  world.store.update(resource, { ...object, metadata: { ...metadata, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) } });
}

function blocks(object: KubeObject, owner: KubeObject): boolean {
  return object.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid && reference.blockOwnerDeletion === true) ?? false;
}

function finish(world: World, resource: string, owner: KubeObject, finalizer: string): void {
  const finalizers = (owner.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  if (finalizers.length === 0) {
    world.store.remove(resource, owner.metadata.name, owner.metadata.namespace);
    return;
  }
  world.store.update(resource, { ...owner, metadata: { ...owner.metadata, finalizers } });
}

/** A dependent has gone: its owner may have waited for that. */
function unblock(world: World, dependent: KubeObject): void {
  for (const reference of dependent.metadata.ownerReferences ?? []) {
    const resource = [...dependents.keys()].find((each) => kinds.get(each) === reference.kind);
    const owner = resource === undefined ? null : world.store.get(resource, reference.name, dependent.metadata.namespace);
    if (resource !== undefined && owner !== null && owner.metadata.deletionTimestamp !== undefined) world.clock.soon(() => attend(world, resource, owner));
  }
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['deployments.apps', 'Deployment'],
  ['replicasets.apps', 'ReplicaSet'],
  ['daemonsets.apps', 'DaemonSet'],
  ['statefulsets.apps', 'StatefulSet'],
  ['jobs.batch', 'Job'],
  ['cronjobs.batch', 'CronJob'],
  ['services', 'Service'],
]);
