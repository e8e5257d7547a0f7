import type { KubeObject, ObjectStore } from '../api/object-store.js';
import { controllerOf, keyOf } from './objects.js';
import { isEnded, nodeOf, requestsOf } from './pod-state.js';

/** The pods that have not ended, by owner, node and namespace, so that ten thousand dead ones cost nothing. */
export interface PodIndex {
  /** Pods whose controller has this uid. */
  ofOwner(uid: string): readonly KubeObject[];
  onNode(node: string): readonly KubeObject[];
  inNamespace(namespace: string): readonly KubeObject[];
  /** Sum of the requests of the pods on a node, by resource. */
  requestedOn(node: string): ReadonlyMap<string, number>;
}

/** Has to subscribe before any controller does, to be up to date whenever one of them looks. */
export function createPodIndex(store: ObjectStore): PodIndex & { close(): void } {
  const owners = new Map<string, Map<string, KubeObject>>();
  const nodes = new Map<string, Map<string, KubeObject>>();
  const namespaces = new Map<string, Map<string, KubeObject>>();
  const requested = new Map<string, Map<string, number>>();

  function enter(pod: KubeObject): void {
    const key = keyOf(pod);
    const owner = controllerOf(pod)?.uid;
    const node = nodeOf(pod);
    put(namespaces, pod.metadata.namespace ?? '', key, pod);
    if (owner !== undefined) put(owners, owner, key, pod);
    if (node !== null) put(nodes, node, key, pod);
  }

  function leave(pod: KubeObject): void {
    const key = keyOf(pod);
    const owner = controllerOf(pod)?.uid;
    const node = nodeOf(pod);
    take(namespaces, pod.metadata.namespace ?? '', key);
    if (owner !== undefined) take(owners, owner, key);
    if (node !== null) take(nodes, node, key);
  }

  function count(pod: KubeObject, sign: 1 | -1): void {
    const node = nodeOf(pod);
    if (node === null) return;
    let sums = requested.get(node);
    if (sums === undefined) {
      sums = new Map();
      requested.set(node, sums);
    }
    for (const [resource, amount] of requestsOf(pod)) sums.set(resource, (sums.get(resource) ?? 0) + sign * amount);
  }

  const close = store.subscribe('pods', ({ type, object, previous }) => {
    const was = previous !== null && !isEnded(previous) ? previous : null;
    const is = type !== 'DELETED' && !isEnded(object) ? object : null;
    if (was !== null && (is === null || was['spec'] !== is['spec'])) count(was, -1);
    if (is !== null && (was === null || was['spec'] !== is['spec'])) count(is, 1);
    if (was !== null && (is === null || controllerOf(was)?.uid !== controllerOf(is)?.uid)) leave(was);
    if (is !== null) enter(is);
  });

  return {
    close,
    ofOwner: (uid) => [...(owners.get(uid)?.values() ?? [])],
    onNode: (node) => [...(nodes.get(node)?.values() ?? [])],
    inNamespace: (namespace) => [...(namespaces.get(namespace)?.values() ?? [])],
    requestedOn: (node) => requested.get(node) ?? nothing,
  };
}

const nothing: ReadonlyMap<string, number> = new Map();

function put(groups: Map<string, Map<string, KubeObject>>, group: string, key: string, pod: KubeObject): void {
  let members = groups.get(group);
  if (members === undefined) {
    members = new Map();
    groups.set(group, members);
  }
  members.set(key, pod);
}

function take(groups: Map<string, Map<string, KubeObject>>, group: string, key: string): void {
  const members = groups.get(group);
  members?.delete(key);
  if (members?.size === 0) groups.delete(group);
}
