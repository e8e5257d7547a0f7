import type { KubeObject } from '../api/object-store.js';
import { terminate } from './pod-state.js';
import { type WorkQueue, workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Gives new namespaces their default service account and the cluster's CA, and empties those that are to go. */
export function startNamespaces(world: World, certificateAuthority: string): (() => void)[] {
  const queue: WorkQueue = workQueue(world, (name) => {
    const namespace = world.store.get('namespaces', name);
    if (namespace === null) return;
    if (namespace.metadata.deletionTimestamp === undefined) furnish(world, name, certificateAuthority);
    else empty(world, namespace);
  });
  return [
    world.store.subscribe('namespaces', ({ type, object, previous }) => {
      const going = object.metadata.deletionTimestamp !== previous?.metadata.deletionTimestamp;
      if (type === 'ADDED' || (type === 'MODIFIED' && going)) queue.add(object.metadata.name);
    }),
    world.store.subscribe('pods', ({ type, object }) => {
      if (type !== 'DELETED') return;
      const namespace = world.store.get('namespaces', object.metadata.namespace ?? '');
      if (namespace !== null && namespace.metadata.deletionTimestamp !== undefined) queue.add(namespace.metadata.name);
    }),
  ];
}

function furnish(world: World, namespace: string, ca: string): void {
  if (world.store.get('serviceaccounts', 'default', namespace) === null) {
    world.store.create('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
  }
  if (world.store.get('configmaps', 'kube-root-ca.crt', namespace) === null) {
    world.store.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kube-root-ca.crt',
        namespace,
        annotations: {
          'kubernetes.io/description':
            'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
        },
      },
      data: { 'ca.crt': ca },
    });
  }
}

/** Owners first, so that no controller makes anything anew. */
const contents = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'cronjobs.batch',
  'jobs.batch',
  'replicasets.apps',
  'controllerrevisions.apps',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
  'ingresses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'services',
  'endpoints',
  'endpointslices.discovery.k8s.io',
  'configmaps',
  'secrets',
  'serviceaccounts',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'resourcequotas',
  'limitranges',
  'leases.coordination.k8s.io',
  'podtemplates',
  'replicationcontrollers',
  'events',
];

function empty(world: World, namespace: KubeObject): void {
  const { name } = namespace.metadata;
  for (const resource of contents) for (const object of world.store.list(resource, name)) world.store.remove(resource, object.metadata.name, name);
  const pods = world.store.list('pods', name);
  for (const pod of pods) if (pod.metadata.deletionTimestamp === undefined) terminate(world, pod);
  for (const claim of world.store.list('persistentvolumeclaims', name))
    if (pods.length === 0) world.store.remove('persistentvolumeclaims', claim.metadata.name, name);
  if (world.store.list('pods', name).length > 0) return;
  for (const event of world.store.list('events', name)) world.store.remove('events', event.metadata.name, name);
  world.store.remove('namespaces', name);
}
