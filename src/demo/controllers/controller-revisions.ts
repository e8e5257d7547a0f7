import type { KubeObject } from '../api/object-store.js';
import { at, numberAt } from '../fields.js';
import { controllerOf, ownedBy } from './objects.js';
import type { World } from './world.js';

/** Keeps the history of a DaemonSet's or StatefulSet's templates, for `kubectl rollout history` and `undo`. */
export function recordRevision(world: World, owner: KubeObject, hash: string): void {
  const { name, namespace } = owner.metadata;
  const revisions = world.store.list(resource, namespace).filter((revision) => controllerOf(revision)?.uid === owner.metadata.uid);
  const newest = Math.max(0, ...revisions.map((revision) => numberAt(revision, 'revision') ?? 0));
  const current = revisions.find((revision) => revision.metadata.name === `${name}-${hash}`);
  if (current !== undefined) {
    if (numberAt(current, 'revision') !== newest) world.store.update(resource, { ...current, revision: newest + 1 });
    return;
  }
  world.store.create(resource, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...owner.metadata.labels, 'controller-revision-hash': hash },
      ownerReferences: [ownedBy(owner)],
    },
    data: { spec: { template: at(owner, 'spec', 'template') } },
    revision: newest + 1,
  });
}

const resource = 'controllerrevisions.apps';
