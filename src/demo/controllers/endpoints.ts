import type { KubeObject } from '../api/object-store.js';
import { at, listAt, numberAt, textAt, textsAt } from '../fields.js';
import { keyOf, ownedBy } from './objects.js';
import { isActive, isReady, nodeOf } from './pod-state.js';
import { workQueue } from './work-queue.js';
import type { World } from './world.js';

/** Where something of the demo really listens. */
export interface Listener {
  readonly host: string;
  readonly port: number;
}

/**
 * Endpoints and EndpointSlices of services, those there are and those to come, from the ready pods that their selectors choose.
 * @param listeners by `namespace/service`: the demo's own servers. While a pod of such a service is ready, its endpoint is the server's true address.
 */
export function startEndpoints(world: World, listeners: ReadonlyMap<string, Listener>): (() => void)[] {
  const queue = workQueue(world, (key) => {
    const [namespace = '', name = ''] = key.split('/');
    const service = world.store.get('services', name, namespace);
    if (service !== null) reconcile(world, service, listeners.get(key) ?? null);
  });
  for (const service of world.store.list('services')) queue.add(keyOf(service));
  return [
    world.store.subscribe('services', ({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.['spec'] !== object['spec']) queue.add(keyOf(object));
    }),
    world.store.subscribe('pods', ({ type, object, previous }) => {
      const was = previous === null ? '' : state(previous);
      const is = type === 'DELETED' ? '' : state(object);
      if (was === is) return;
      for (const service of world.store.list('services', object.metadata.namespace)) {
        if (chooses(service, object) || (previous !== null && chooses(service, previous))) queue.add(keyOf(service));
      }
    }),
  ];
}

function state(pod: KubeObject): string {
  return isActive(pod) ? `${isReady(pod)} ${textAt(pod, 'status', 'podIP') ?? ''}` : 'gone';
}

function chooses(service: KubeObject, pod: KubeObject): boolean {
  const selector = Object.entries(textsAt(service, 'spec', 'selector'));
  return selector.length > 0 && selector.every(([name, value]) => pod.metadata.labels?.[name] === value);
}

function reconcile(world: World, service: KubeObject, listener: Listener | null): void {
  if (at(service, 'spec', 'selector') === undefined) return;
  const { name, namespace = '' } = service.metadata;
  const pods = world.pods.inNamespace(namespace).filter((pod) => isActive(pod) && textAt(pod, 'status', 'podIP') !== null && chooses(service, pod));
  const ready = pods.filter(isReady);
  const unready = pods.filter((pod) => !isReady(pod));
  const ports = listAt(service, 'spec', 'ports').map((port) => ({
    ...(textAt(port, 'name') === null ? {} : { name: textAt(port, 'name') }),
    port: listener?.port ?? targetPort(port, pods[0]),
    protocol: textAt(port, 'protocol') ?? 'TCP',
  }));
  const address = (pod: KubeObject) => ({
    ip: listener?.host ?? textAt(pod, 'status', 'podIP'),
    nodeName: nodeOf(pod),
    targetRef: { kind: 'Pod', name: pod.metadata.name, namespace, uid: pod.metadata.uid },
  });
  const subset = {
    ...(ready.length > 0 ? { addresses: ready.map(address) } : {}),
    ...(unready.length > 0 ? { notReadyAddresses: unready.map(address) } : {}),
    ports,
  };
  put(world, 'endpoints', {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } },
    ...(pods.length > 0 ? { subsets: [subset] } : {}),
  });
  put(world, 'endpointslices.discovery.k8s.io', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${(service.metadata.uid ?? '').slice(0, 5)}`,
      generateName: `${name}-`,
      namespace,
      labels: { ...service.metadata.labels, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': name },
      ownerReferences: [ownedBy(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [listener?.host ?? textAt(pod, 'status', 'podIP')],
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false },
      nodeName: nodeOf(pod),
      targetRef: { kind: 'Pod', name: pod.metadata.name, namespace, uid: pod.metadata.uid },
    })),
    ports,
  });
}

/** The number behind a service's targetPort: a number, or the name of a container's port. */
function targetPort(port: unknown, pod: KubeObject | undefined): number {
  const target = at(port, 'targetPort');
  if (typeof target === 'number') return target;
  for (const container of listAt(pod, 'spec', 'containers')) {
    for (const each of listAt(container, 'ports')) if (textAt(each, 'name') === target) return numberAt(each, 'containerPort') ?? 0;
  }
  return numberAt(port, 'port') ?? 0;
}

function put(world: World, resource: string, object: KubeObject): void {
  const current = world.store.get(resource, object.metadata.name, object.metadata.namespace);
  if (current === null) world.store.create(resource, object);
  else world.store.update(resource, { ...object, metadata: { ...current.metadata, ...object.metadata } });
}
