import type { KubeObject } from '../api/object-store.js';
import { at, type Fields, fieldsAt, listAt, numberAt, textAt, textsAt } from '../fields.js';
import { recordRevision } from './controller-revisions.js';
import { byKey, controllerOf, keyOf, writeStatus } from './objects.js';
import { createPod } from './pod-creation.js';
import { isActive, isEnded, isReady, terminate } from './pod-state.js';
import { templateHash } from './template-hash.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Keeps the numbered pods of StatefulSets and their volume claims, one after the other unless podManagementPolicy is Parallel. */
export function startStatefulSets(world: World): (() => void)[] {
  const queue = workQueue(world, (key) => {
    const set = byKey(world.store, resource, key);
    if (set !== null && set.metadata.deletionTimestamp === undefined) reconcile(world, set);
  });
  return [
    world.store.subscribe(resource, ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === 'StatefulSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }),
    // What admission refused for want of a runtime class is tried again when there is one.
    world.store.subscribe('runtimeclasses.node.k8s.io', ({ type }) => {
      if (type === 'ADDED') for (const set of world.store.list(resource)) queue.add(keyOf(set));
    }),
  ];
}

const resource = 'statefulsets.apps';
const component = 'statefulset-controller';

function reconcile(world: World, set: KubeObject): void {
  const hash = templateHash(at(set, 'spec', 'template'));
  recordRevision(world, set, hash);
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const first = numberAt(set, 'spec', 'ordinals', 'start') ?? 0;
  const parallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  let settled = true;
  for (let ordinal = first; ordinal < first + wanted && (settled || parallel); ordinal++) {
    const pod = podOf(world, set, ordinal);
    if (pod === null) createNumbered(world, set, ordinal, hash);
    else if (isEnded(pod)) terminate(world, pod, 0);
    if (pod === null || !isReady(pod) || !isActive(pod)) settled = false;
  }
  const spare = owned(world, set)
    .filter((pod) => ordinalOf(pod) >= first + wanted || ordinalOf(pod) < first)
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  if (settled || parallel) for (const pod of parallel ? spare : spare.slice(0, 1)) remove(world, set, pod);
  if ((settled || parallel) && spare.length === 0 && textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete') replaceOne(world, set, hash);
  writeCounts(world, set, hash);
}

/** From the highest number down, one at a time, above the partition; past one that is new and not ready it does not go. */
function replaceOne(world: World, set: KubeObject, hash: string): void {
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const pods = owned(world, set).sort((a, b) => ordinalOf(b) - ordinalOf(a));
  for (const pod of pods.filter((each) => ordinalOf(each) >= partition)) {
    if (isActive(pod) && pod.metadata.labels?.['controller-revision-hash'] !== hash) {
      remove(world, set, pod);
      return;
    }
    if (!isReady(pod)) return;
  }
}

function remove(world: World, set: KubeObject, pod: KubeObject): void {
  if (pod.metadata.deletionTimestamp !== undefined) return;
  terminate(world, pod);
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  world.events.record(set, 'Normal', 'SuccessfulDelete', message, { component });
}

function createNumbered(world: World, set: KubeObject, ordinal: number, hash: string): void {
  const name = `${set.metadata.name}-${ordinal}`;
  const claims = listAt(set, 'spec', 'volumeClaimTemplates').map((template) => createClaim(world, set, template, name));
  const volumes = [...listAt(set, 'spec', 'template', 'spec', 'volumes'), ...claims];
  const labels = { 'apps.kubernetes.io/pod-index': String(ordinal), 'controller-revision-hash': hash, 'statefulset.kubernetes.io/pod-name': name };
  const subdomain = textAt(set, 'spec', 'serviceName');
  const spec = { ...(volumes.length > 0 ? { volumes } : {}), hostname: name, ...(subdomain === null ? {} : { subdomain }) };
  createPod(world, set, at(set, 'spec', 'template'), { name, generateName: `${set.metadata.name}-`, labels, spec }, component);
}

/** Makes sure of a pod's own claim and returns the volume that refers to it. Claims outlive their set. */
function createClaim(world: World, set: KubeObject, template: unknown, pod: string): Fields {
  const volume = textAt(template, 'metadata', 'name') ?? 'data';
  const claim = `${volume}-${pod}`;
  const { namespace = 'default' } = set.metadata;
  if (world.store.get('persistentvolumeclaims', claim, namespace) === null) {
    const labels = { ...textsAt(set, 'spec', 'selector', 'matchLabels'), ...textsAt(template, 'metadata', 'labels') };
    world.store.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace, labels, finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { volumeMode: 'Filesystem', ...fieldsAt(template, 'spec') },
      status: { phase: 'Pending' },
    });
  }
  return { name: volume, persistentVolumeClaim: { claimName: claim } };
}

function writeCounts(world: World, set: KubeObject, hash: string): void {
  const pods = owned(world, set).filter(isActive);
  const ready = pods.filter(isReady).length;
  const updated = pods.filter((pod) => pod.metadata.labels?.['controller-revision-hash'] === hash).length;
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const updateRevision = `${set.metadata.name}-${hash}`;
  const known = textAt(set, 'status', 'currentRevision');
  const done = known === null || (updated === wanted && ready === wanted);
  writeStatus(world.store, resource, set, {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: pods.length,
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    currentReplicas: done ? updated : pods.length - updated,
    updatedReplicas: updated,
    availableReplicas: ready,
    currentRevision: done ? updateRevision : known,
    updateRevision,
    collisionCount: 0,
  });
}

function owned(world: World, set: KubeObject): KubeObject[] {
  return [...world.pods.ofOwner(set.metadata.uid ?? '')];
}

function podOf(world: World, set: KubeObject, ordinal: number): KubeObject | null {
  const pod = world.store.get('pods', `${set.metadata.name}-${ordinal}`, set.metadata.namespace);
  return pod !== null && controllerOf(pod)?.uid === set.metadata.uid ? pod : null;
}

function ordinalOf(pod: KubeObject): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);
}
