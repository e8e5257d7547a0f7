import type { KubeObject, ObjectStore } from '../../api/object-store.js';
import { quantity } from '../../controllers/quantity.js';
import { at, listAt, numberAt, textAt } from '../../fields.js';
import type { ClusterModel } from '../model/cluster-model.js';
import type { Family, LabelPairs } from './family.js';
import { createdAt, type State, stateFamily } from './object-state.js';

/** kube-state-metrics about Deployments, DaemonSets, StatefulSets, volume claims, storage classes and namespaces. */
export function workloadStateFamilies(model: ClusterModel): Family[] {
  const { store } = model.world;
  return [
    ...deploymentFamilies(model),
    ...daemonSetFamilies(store),
    ...statefulSetFamilies(store),
    ...claimFamilies(store),
    stateFamily(
      'kube_storageclass_info',
      '[STABLE] Information about storageclass.',
      () => store.list('storageclasses.storage.k8s.io'),
      storageClassOf,
      () => [[[], 1]],
    ),
    stateFamily(
      'kube_namespace_status_phase',
      '[STABLE] kubernetes namespace status phase.',
      () => store.list('namespaces'),
      namespaceOf,
      (namespace) =>
        ['Active', 'Terminating'].map((phase): State => [[['phase', phase]], Number((textAt(namespace, 'status', 'phase') ?? 'Active') === phase)]),
    ),
  ];
}

type Build = (name: string, help: string, value: (object: KubeObject) => State[1]) => Family;

function workload(store: ObjectStore, resource: string, label: string): Build {
  const identity = (object: KubeObject): LabelPairs => [
    ['namespace', object.metadata.namespace ?? 'default'],
    [label, object.metadata.name],
  ];
  return (name, help, value) =>
    stateFamily(
      `kube_${label}_${name}`,
      help,
      () => store.list(resource),
      identity,
      (object) => [[[], value(object)]],
    );
}

function status(field: string): (object: KubeObject) => number {
  return (object) => numberAt(object, 'status', field) ?? 0;
}

const generation = (object: KubeObject): number => object.metadata.generation ?? 1;

function deploymentFamilies(model: ClusterModel): Family[] {
  const { store } = model.world;
  const past = (part: 'spec' | 'status', field: string, otherwise: number) => (object: KubeObject) => (time: number) =>
    model.replicas.at(object, part, field, time) ?? numberAt(object, part, field) ?? otherwise;
  const family = workload(store, 'deployments.apps', 'deployment');
  const deployments = (): KubeObject[] => store.list('deployments.apps');
  return [
    family('created', '[STABLE] Unix creation timestamp', (object) => createdAt(object) ?? 0),
    family('status_replicas', '[STABLE] The number of replicas per deployment.', past('status', 'replicas', 0)),
    family('status_replicas_ready', '[STABLE] The number of ready replicas per deployment.', past('status', 'readyReplicas', 0)),
    family('status_replicas_available', '[STABLE] The number of available replicas per deployment.', past('status', 'availableReplicas', 0)),
    family('status_replicas_unavailable', '[STABLE] The number of unavailable replicas per deployment.', past('status', 'unavailableReplicas', 0)),
    family('status_replicas_updated', '[STABLE] The number of updated replicas per deployment.', past('status', 'updatedReplicas', 0)),
    family('status_observed_generation', '[STABLE] The generation observed by the deployment controller.', status('observedGeneration')),
    family('metadata_generation', '[STABLE] Sequence number representing a specific generation of the desired state.', generation),
    family('spec_replicas', '[STABLE] Number of desired pods for a deployment.', past('spec', 'replicas', 1)),
    family('spec_paused', '[STABLE] Whether the deployment is paused and will not be processed by the deployment controller.', (object) =>
      Number(at(object, 'spec', 'paused') === true),
    ),
    stateFamily('kube_deployment_status_condition', '[STABLE] The current status conditions of a deployment.', deployments, deploymentOf, function* (object) {
      for (const condition of listAt(object, 'status', 'conditions')) {
        for (const value of ['true', 'false', 'unknown']) {
          const pairs: LabelPairs = [
            ['condition', textAt(condition, 'type') ?? ''],
            ['status', value],
          ];
          yield [pairs, Number(textAt(condition, 'status')?.toLowerCase() === value)];
        }
      }
    }),
  ];
}

function daemonSetFamilies(store: ObjectStore): Family[] {
  const family = workload(store, 'daemonsets.apps', 'daemonset');
  return [
    family('created', '[STABLE] Unix creation timestamp', (object) => createdAt(object) ?? 0),
    family('status_desired_number_scheduled', '[STABLE] The number of nodes that should be running the daemon pod.', status('desiredNumberScheduled')),
    family(
      'status_current_number_scheduled',
      '[STABLE] The number of nodes running at least one daemon pod and are supposed to.',
      status('currentNumberScheduled'),
    ),
    family(
      'status_number_ready',
      '[STABLE] The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready.',
      status('numberReady'),
    ),
    family(
      'status_number_available',
      '[STABLE] The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available',
      status('numberAvailable'),
    ),
    family(
      'status_number_unavailable',
      '[STABLE] The number of nodes that should be running the daemon pod and have none of the daemon pod running and available',
      status('numberUnavailable'),
    ),
    family('status_number_misscheduled', '[STABLE] The number of nodes running a daemon pod but are not supposed to.', status('numberMisscheduled')),
    family('status_updated_number_scheduled', '[STABLE] The total number of nodes that are running updated daemon pod', status('updatedNumberScheduled')),
    family('metadata_generation', '[STABLE] Sequence number representing a specific generation of the desired state.', generation),
  ];
}

function statefulSetFamilies(store: ObjectStore): Family[] {
  const family = workload(store, 'statefulsets.apps', 'statefulset');
  return [
    family('replicas', '[STABLE] Number of desired pods for a StatefulSet.', (object) => numberAt(object, 'spec', 'replicas') ?? 1),
    family('status_replicas', '[STABLE] The number of replicas per StatefulSet.', status('replicas')),
    family('status_replicas_ready', '[STABLE] The number of ready replicas per StatefulSet.', status('readyReplicas')),
  ];
}

function claimFamilies(store: ObjectStore): Family[] {
  const claims = (): KubeObject[] => store.list('persistentvolumeclaims');
  return [
    stateFamily('kube_persistentvolumeclaim_info', '[STABLE] Information about persistent volume claim.', claims, claimOf, (claim) => [
      [
        [
          ['storageclass', textAt(claim, 'spec', 'storageClassName') ?? ''],
          ['volumename', textAt(claim, 'spec', 'volumeName') ?? ''],
          ['volumemode', textAt(claim, 'spec', 'volumeMode') ?? 'Filesystem'],
        ],
        1,
      ],
    ]),
    stateFamily('kube_persistentvolumeclaim_status_phase', '[STABLE] The phase the persistent volume claim is currently in.', claims, claimOf, (claim) =>
      ['Lost', 'Bound', 'Pending'].map((phase): State => [[['phase', phase]], Number((textAt(claim, 'status', 'phase') ?? 'Pending') === phase)]),
    ),
    stateFamily(
      'kube_persistentvolumeclaim_resource_requests_storage_bytes',
      '[STABLE] The capacity of storage requested by the persistent volume claim.',
      claims,
      claimOf,
      (claim) => [[[], quantity(at(claim, 'spec', 'resources', 'requests', 'storage'))]],
    ),
  ];
}

function deploymentOf(object: KubeObject): LabelPairs {
  return [
    ['namespace', object.metadata.namespace ?? 'default'],
    ['deployment', object.metadata.name],
  ];
}

function claimOf(object: KubeObject): LabelPairs {
  return [
    ['namespace', object.metadata.namespace ?? 'default'],
    ['persistentvolumeclaim', object.metadata.name],
  ];
}

function namespaceOf(object: KubeObject): LabelPairs {
  return [['namespace', object.metadata.name]];
}

function storageClassOf(object: KubeObject): LabelPairs {
  return [
    ['storageclass', object.metadata.name],
    ['provisioner', textAt(object, 'provisioner') ?? ''],
    ['reclaim_policy', textAt(object, 'reclaimPolicy') ?? 'Delete'],
    ['volume_binding_mode', textAt(object, 'volumeBindingMode') ?? 'Immediate'],
  ];
}
