/** A Kubernetes object as it goes over the wire. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
  finalizers?: string[];
  managedFields?: unknown[];
  generateName?: string;
  [field: string]: unknown;
}

export type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface WatchEvent {
  readonly type: WatchType;
  /** The object after the change; for DELETED its last state, with the resourceVersion of the deletion. */
  readonly object: KubeObject;
  /** The object before the change, so that a watch with a selector can tell ADDED and DELETED as the real server does. */
  readonly previous: KubeObject | null;
  readonly resourceVersion: number;
}

/**
 * etcd's part: objects by resource (`nodes`, `pods`, `deployments.apps`, `leases.coordination.k8s.io`, … : the plural name,
 * then a dot and the API group unless it is the core group), one counter of resourceVersions for all, a bounded history of changes for watches.
 * Objects that come out are never to be changed in place; `update` takes the place of the whole object.
 */
export interface ObjectStore {
  readonly resourceVersion: number;
  /** In etcd's order, by namespace and name. */
  list(resource: string, namespace?: string): KubeObject[];
  count(resource: string, namespace?: string): number;
  get(resource: string, name: string, namespace?: string): KubeObject | null;
  /** Fills in uid, creationTimestamp, resourceVersion, generation where missing; throws ApiError 409 when it exists. */
  create(resource: string, object: KubeObject): KubeObject;
  /** Sets a new resourceVersion; where the object carries one that is not the newest, throws ApiError 409. */
  update(resource: string, object: KubeObject): KubeObject;
  /** Removes at once, whatever finalizers say (the REST layer and the controllers decide about those); null when it is not there. */
  remove(resource: string, name: string, namespace?: string): KubeObject | null;
  /** Every change of one resource from now on. Returns the way to stop. */
  subscribe(resource: string, listener: (event: WatchEvent) => void): () => void;
  /** Changes after a resourceVersion, or null when they are older than the history (HTTP 410). */
  since(resource: string, resourceVersion: number): readonly WatchEvent[] | null;
  /** The resourceVersion before which `since` answers null. */
  oldest(resource: string): number;
  /** Forgets the history up to now, as etcd's compaction does: older watches get 410. */
  compact(): void;
}
