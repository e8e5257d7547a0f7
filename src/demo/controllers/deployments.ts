import type { KubeObject } from '../api/object-store.js';
import { at, fieldsAt, numberAt, textAt, textsAt } from '../fields.js';
import { writeDeploymentStatus } from './deployment-status.js';
import { byKey, controllerOf, keyOf, ownedBy, writeMetadata, writeSpec } from './objects.js';
import { templateHash } from './template-hash.js';
import { type WorkQueue, workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Rolls Deployments out: one ReplicaSet per pod template, scaled by the rolling update's or Recreate's rules. */
export function startDeployments(world: World): (() => void)[] {
  const queue: WorkQueue = workQueue(world, (key) => {
    const deployment = byKey(world.store, 'deployments.apps', key);
    if (deployment !== null && deployment.metadata.deletionTimestamp === undefined) reconcile(world, deployment, queue);
  });
  return [
    world.store.subscribe('deployments.apps', ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('replicasets.apps', ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'Deployment') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }),
    // Recreate waits for the last old pod to be gone, which its ReplicaSet's status doesn't tell.
    world.store.subscribe('pods', ({ type, object }) => {
      const owner = type === 'DELETED' ? controllerOf(object) : null;
      if (owner?.kind !== 'ReplicaSet') return;
      const set = world.store.get('replicasets.apps', owner.name, object.metadata.namespace);
      const deployment = set === null ? null : controllerOf(set);
      if (deployment?.kind === 'Deployment') queue.add(`${object.metadata.namespace ?? ''}/${deployment.name}`);
    }),
  ];
}

const resource = 'replicasets.apps';
const revisionKey = 'deployment.kubernetes.io/revision';
const component = 'deployment-controller';

function reconcile(world: World, deployment: KubeObject, queue: WorkQueue): void {
  const sets = ownedSets(world, deployment);
  const hash = templateHash(at(deployment, 'spec', 'template'));
  const current = sets.find((set) => set.metadata.labels?.['pod-template-hash'] === hash) ?? null;
  if (at(deployment, 'spec', 'paused') === true) {
    const newest = current ?? sets.at(-1) ?? null;
    if (newest !== null && sets.filter((set) => replicasOf(set) > 0).length <= 1) scale(world, deployment, newest, wantedOf(deployment));
  } else {
    const revised = withRevision(world, deployment, sets, current ?? createSet(world, deployment, hash));
    const old = sets.filter((set) => set.metadata.uid !== revised.metadata.uid);
    if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') recreate(world, deployment, revised, old);
    else rollOut(world, deployment, revised, old);
    forget(world, deployment, old);
  }
  const key = keyOf(deployment);
  writeDeploymentStatus(world, key, ownedSets(world, deployment), hash, () => queue.add(key));
}

/** Oldest revision first. */
function ownedSets(world: World, deployment: KubeObject): KubeObject[] {
  return world.store
    .list(resource, deployment.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
}

function createSet(world: World, deployment: KubeObject, hash: string): KubeObject {
  const template = fieldsAt(deployment, 'spec', 'template');
  const labels = { ...textsAt(template, 'metadata', 'labels'), 'pod-template-hash': hash };
  const minReadySeconds = numberAt(deployment, 'spec', 'minReadySeconds');
  return world.store.create(resource, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(deployment.metadata.namespace === undefined ? {} : { namespace: deployment.metadata.namespace }),
      labels,
      generation: 1,
      annotations: sizeAnnotations(deployment),
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { ...textsAt(deployment, 'spec', 'selector', 'matchLabels'), 'pod-template-hash': hash } },
      template: { ...template, metadata: { ...fieldsAt(template, 'metadata'), labels } },
      ...(minReadySeconds === null ? {} : { minReadySeconds }),
    },
    status: { replicas: 0, observedGeneration: 1 },
  });
}

/** The ReplicaSet of the wanted template carries the highest revision: also after a rollback to an old one. */
function withRevision(world: World, deployment: KubeObject, sets: readonly KubeObject[], current: KubeObject): KubeObject {
  const others = sets.filter((set) => set.metadata.uid !== current.metadata.uid).map(revisionOf);
  const revision = revisionOf(current) > Math.max(0, ...others) ? revisionOf(current) : Math.max(0, ...others) + 1;
  const note = { [revisionKey]: String(revision) };
  if (deployment.metadata.annotations?.[revisionKey] !== note[revisionKey]) {
    const newest = world.store.get('deployments.apps', deployment.metadata.name, deployment.metadata.namespace) ?? deployment;
    writeMetadata(world.store, 'deployments.apps', newest, { annotations: { ...newest.metadata.annotations, ...note } });
  }
  return (
    writeMetadata(world.store, resource, current, { annotations: { ...current.metadata.annotations, ...sizeAnnotations(deployment), ...note } }) ?? current
  );
}

function sizeAnnotations(deployment: KubeObject): Record<string, string> {
  const wanted = wantedOf(deployment);
  return {
    'deployment.kubernetes.io/desired-replicas': String(wanted),
    'deployment.kubernetes.io/max-replicas': String(wanted + surgeOf(deployment)),
  };
}

function rollOut(world: World, deployment: KubeObject, current: KubeObject, old: readonly KubeObject[]): void {
  const wanted = wantedOf(deployment);
  const total = replicasOf(current) + sum(old, replicasOf);
  const room = wanted + surgeOf(deployment) - total;
  const size = replicasOf(current) > wanted ? wanted : Math.min(wanted, replicasOf(current) + Math.max(0, room));
  if (size !== replicasOf(current)) scale(world, deployment, current, size);
  const minimum = wanted - unavailableOf(deployment, wanted);
  let removable = total - minimum - (replicasOf(current) - availableOf(current));
  for (const set of old) {
    // Pods that don't work anyway go first and cost no availability.
    const broken = Math.min(replicasOf(set) - availableOf(set), Math.max(0, removable));
    const spare = Math.min(availableOf(set), Math.max(0, removable - broken), Math.max(0, sum([current, ...old], availableOf) - minimum));
    if (broken + spare === 0) continue;
    removable -= broken + spare;
    scale(world, deployment, set, replicasOf(set) - broken - spare);
  }
}

function recreate(world: World, deployment: KubeObject, current: KubeObject, old: readonly KubeObject[]): void {
  for (const set of old) if (replicasOf(set) > 0) scale(world, deployment, set, 0);
  const gone = old.every((set) => world.pods.ofOwner(set.metadata.uid ?? '').length === 0);
  if (gone && replicasOf(current) !== wantedOf(deployment)) scale(world, deployment, current, wantedOf(deployment));
}

function scale(world: World, deployment: KubeObject, set: KubeObject, size: number): void {
  const before = replicasOf(set);
  if (before === size) return;
  writeSpec(world.store, resource, set, { replicas: size });
  const way = size > before ? 'up' : 'down';
  world.events.record(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${way} replica set ${set.metadata.name} from ${before} to ${size}`, { component });
}

/** Old ReplicaSets are kept for `kubectl rollout undo`, revisionHistoryLimit of them. */
function forget(world: World, deployment: KubeObject, old: readonly KubeObject[]): void {
  const idle = old.filter((set) => replicasOf(set) === 0 && world.pods.ofOwner(set.metadata.uid ?? '').length === 0);
  const limit = numberAt(deployment, 'spec', 'revisionHistoryLimit') ?? 10;
  for (const set of idle.slice(0, Math.max(0, idle.length - limit))) world.store.remove(resource, set.metadata.name, set.metadata.namespace);
}

function wantedOf(deployment: KubeObject): number {
  return numberAt(deployment, 'spec', 'replicas') ?? 1;
}

function replicasOf(set: KubeObject): number {
  return numberAt(set, 'spec', 'replicas') ?? 0;
}

function availableOf(set: KubeObject): number {
  return numberAt(set, 'status', 'availableReplicas') ?? 0;
}

function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[revisionKey] ?? 0);
}

function surgeOf(deployment: KubeObject): number {
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  return part(at(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxSurge') ?? '25%', wantedOf(deployment), Math.ceil);
}

function unavailableOf(deployment: KubeObject, wanted: number): number {
  const unavailable = part(at(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable') ?? '25%', wanted, Math.floor);
  // Both zero would never move; the API refuses it, rounding can still lead there.
  return unavailable === 0 && surgeOf(deployment) === 0 ? 1 : unavailable;
}

/** A number or a percentage of a whole. */
export function part(value: unknown, whole: number, round: (amount: number) => number): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return 0;
  return value.endsWith('%') ? round((whole * Number.parseFloat(value)) / 100) : Number.parseInt(value, 10);
}

function sum(sets: readonly KubeObject[], count: (set: KubeObject) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}
