/** A kind of object as the API serves it. */
export interface Resource {
  /** Path of the collection over all namespaces, or within the one it lives in. */
  readonly path: string;
  /** Plural name with the group, as RBAC messages have it: `pods`, `deployments.apps`. */
  readonly name: string;
  readonly fieldSelector?: string;
}

export const resources = {
  nodes: { path: '/api/v1/nodes', name: 'nodes' },
  /** Pods that have not ended: the ended ones may be ten thousand, and a list without them costs nothing for them. */
  pods: { path: '/api/v1/pods', name: 'pods', fieldSelector: 'status.phase!=Failed,status.phase!=Succeeded' },
  deployments: { path: '/apis/apps/v1/deployments', name: 'deployments.apps' },
  daemonSets: { path: '/apis/apps/v1/daemonsets', name: 'daemonsets.apps' },
  statefulSets: { path: '/apis/apps/v1/statefulsets', name: 'statefulsets.apps' },
  persistentVolumeClaims: { path: '/api/v1/persistentvolumeclaims', name: 'persistentvolumeclaims' },
  storageClasses: { path: '/apis/storage.k8s.io/v1/storageclasses', name: 'storageclasses.storage.k8s.io' },
  runtimeClasses: { path: '/apis/node.k8s.io/v1/runtimeclasses', name: 'runtimeclasses.node.k8s.io' },
  leases: { path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', name: 'leases.coordination.k8s.io' },
  events: { path: '/api/v1/events', name: 'events' },
  apiServices: { path: '/apis/apiregistration.k8s.io/v1/apiservices', name: 'apiservices.apiregistration.k8s.io' },
  /** Those by which kubelets ask for the certificate of their own port. */
  certificateRequests: {
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    name: 'certificatesigningrequests.certificates.k8s.io',
    fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
  },
} as const satisfies Readonly<Record<string, Resource>>;
