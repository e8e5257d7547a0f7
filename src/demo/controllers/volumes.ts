import type { KubeObject } from '../api/object-store.js';
import { at, listAt, textAt } from '../fields.js';
import { matchesTerms } from './node-fit.js';
import { byKey, keyOf, statusOf, writeMetadata, writeSpec, writeStatus } from './objects.js';
import { isActive, nodeOf } from './pod-state.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

const defaultClass = 'storageclass.kubernetes.io/is-default-class';

/**
 * The local-path provisioner and the volume binder: a claim gets the default class, waits for its first pod where the class says so, and is
 * then bound to a new volume on that pod's node. Deleting a claim that no pod uses deletes its volume with it.
 */
export function startVolumes(world: World): (() => void)[] {
  const queue = workQueue(world, (key) => {
    const claim = byKey(world.store, 'persistentvolumeclaims', key);
    if (claim === null) return;
    if (claim.metadata.deletionTimestamp !== undefined) release(world, claim);
    else if (textAt(claim, 'status', 'phase') !== 'Bound') bind(world, claim);
  });
  return [
    world.store.subscribe('persistentvolumeclaims', ({ type, object }) => {
      if (type === 'DELETED') removeVolume(world, object);
      else queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ type, object, previous }) => {
      const placed = nodeOf(object) !== null && (previous === null || nodeOf(previous) === null);
      if (!placed && type !== 'DELETED') return;
      for (const claim of claimsOf(object)) queue.add(`${object.metadata.namespace ?? ''}/${claim}`);
    }),
    world.store.subscribe('storageclasses.storage.k8s.io', () => {
      for (const claim of world.store.list('persistentvolumeclaims')) if (textAt(claim, 'status', 'phase') !== 'Bound') queue.add(keyOf(claim));
    }),
  ];
}

/** Why no node will do for a pod because of its claims: one that is missing, or unbound and not waiting for a pod. */
export function unboundClaims(world: World, pod: KubeObject): { reasons: readonly string[]; preemptable: boolean; general: boolean } | null {
  for (const name of claimsOf(pod)) {
    const claim = world.store.get('persistentvolumeclaims', name, pod.metadata.namespace);
    if (claim === null) return { reasons: [`persistentvolumeclaim "${name}" not found`], preemptable: false, general: true };
    if (textAt(claim, 'status', 'phase') === 'Bound') continue;
    const storageClass = classOf(world, claim);
    if (storageClass === null || textAt(storageClass, 'volumeBindingMode') !== 'WaitForFirstConsumer') {
      return { reasons: ['pod has unbound immediate PersistentVolumeClaims'], preemptable: false, general: true };
    }
  }
  return null;
}

/** Whether a volume that a pod already has lies on another node. */
export function volumeElsewhere(world: World, pod: KubeObject, node: KubeObject): boolean {
  return claimsOf(pod).some((name) => {
    const claim = world.store.get('persistentvolumeclaims', name, pod.metadata.namespace);
    const volume = world.store.get('persistentvolumes', textAt(claim, 'spec', 'volumeName') ?? '');
    const required = at(volume, 'spec', 'nodeAffinity', 'required');
    return required !== undefined && !matchesTerms(required, node);
  });
}

/** Whether all claims of a pod are bound: its kubelet mounts nothing before. */
export function claimsBound(world: World, pod: KubeObject): boolean {
  return claimsOf(pod).every((name) => textAt(world.store.get('persistentvolumeclaims', name, pod.metadata.namespace), 'status', 'phase') === 'Bound');
}

function claimsOf(pod: KubeObject): string[] {
  return listAt(pod, 'spec', 'volumes').flatMap((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') ?? []);
}

function classOf(world: World, claim: KubeObject): KubeObject | null {
  const name = textAt(claim, 'spec', 'storageClassName');
  if (name !== null) return world.store.get('storageclasses.storage.k8s.io', name);
  return world.store.list('storageclasses.storage.k8s.io').find((each) => each.metadata.annotations?.[defaultClass] === 'true') ?? null;
}

function bind(world: World, claim: KubeObject): void {
  const storageClass = classOf(world, claim);
  if (storageClass === null) {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    world.events.record(claim, 'Normal', 'FailedBinding', message, { component: 'persistentvolume-controller' });
    return;
  }
  if (textAt(claim, 'spec', 'storageClassName') === null) {
    writeSpec(world.store, 'persistentvolumeclaims', claim, { storageClassName: storageClass.metadata.name });
    return;
  }
  const users = world.pods.inNamespace(claim.metadata.namespace ?? '').filter((pod) => isActive(pod) && claimsOf(pod).includes(claim.metadata.name));
  const node = users.map(nodeOf).find((name) => name !== null) ?? null;
  if (node === null) {
    const message = 'waiting for first consumer to be created before binding';
    world.events.record(claim, 'Normal', 'WaitForFirstConsumer', message, { component: 'persistentvolume-controller' });
    return;
  }
  const volume = `pvc-${claim.metadata.uid ?? ''}`;
  const provisioner = textAt(storageClass, 'provisioner') ?? '';
  if (world.store.get('persistentvolumes', volume) === null) world.store.create('persistentvolumes', volumeFor(claim, storageClass, volume, node));
  const annotations = {
    ...claim.metadata.annotations,
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
    'volume.beta.kubernetes.io/storage-provisioner': provisioner,
    'volume.kubernetes.io/selected-node': node,
    'volume.kubernetes.io/storage-provisioner': provisioner,
  };
  writeMetadata(world.store, 'persistentvolumeclaims', claim, { annotations, finalizers: ['kubernetes.io/pvc-protection'] });
  writeSpec(world.store, 'persistentvolumeclaims', claim, { volumeName: volume });
  const capacity = { storage: at(claim, 'spec', 'resources', 'requests', 'storage') };
  writeStatus(world.store, 'persistentvolumeclaims', claim, { phase: 'Bound', accessModes: listAt(claim, 'spec', 'accessModes'), capacity });
  world.events.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume}`, { component: provisioner });
}

function volumeFor(claim: KubeObject, storageClass: KubeObject, name: string, node: string): KubeObject {
  const { namespace = '', uid = '' } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: { 'local.path.provisioner/selected-node': node, 'pv.kubernetes.io/provisioned-by': textAt(storageClass, 'provisioner') ?? '' },
      finalizers: ['kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: at(claim, 'spec', 'resources', 'requests', 'storage') },
      accessModes: listAt(claim, 'spec', 'accessModes'),
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claim.metadata.name, namespace, uid },
      persistentVolumeReclaimPolicy: textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: 'Filesystem',
      hostPath: { path: `/opt/local-path-provisioner/${name}_${namespace}_${claim.metadata.name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
    },
    status: { phase: 'Bound' },
  };
}

/** A claim on its way out goes when the last pod that uses it has gone. */
function release(world: World, claim: KubeObject): void {
  const { name, namespace = '' } = claim.metadata;
  if (world.pods.inNamespace(namespace).some((pod) => claimsOf(pod).includes(name))) return;
  const finalizers = (claim.metadata.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes.io/pvc-protection');
  if (finalizers.length > 0) writeMetadata(world.store, 'persistentvolumeclaims', claim, { finalizers });
  else world.store.remove('persistentvolumeclaims', name, namespace);
}

function removeVolume(world: World, claim: KubeObject): void {
  const name = textAt(claim, 'spec', 'volumeName');
  const volume = name === null ? null : world.store.get('persistentvolumes', name);
  if (volume === null) return;
  if (textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete') world.store.remove('persistentvolumes', volume.metadata.name);
  else writeStatus(world.store, 'persistentvolumes', volume, { ...statusOf(volume), phase: 'Released' });
}
