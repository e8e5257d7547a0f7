import type { KubeObject } from '../api/object-store.js';
import type { Fields } from '../fields.js';

/** An object to create, with the resource it belongs to as the object store names it. */
export interface Manifest {
  readonly resource: string;
  readonly object: KubeObject;
}

type Labels = Readonly<Record<string, string>>;

export function manifest(resource: string, apiVersion: string, kind: string, metadata: KubeObject['metadata'], fields: Fields = {}): Manifest {
  return { resource, object: { apiVersion, kind, metadata, ...fields } };
}

export function namespace(name: string, labels: Labels = {}): Manifest {
  return manifest(
    'namespaces',
    'v1',
    'Namespace',
    { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  );
}

export interface Workload {
  readonly name: string;
  readonly namespace: string;
  /** Labels of the pods; the selector takes the first of them. */
  readonly labels: Labels;
  readonly annotations?: Labels;
  readonly podAnnotations?: Labels;
  readonly pod: Fields;
  /** Laid over the workload's spec. */
  readonly spec?: Fields;
}

export function deployment(workload: Workload, replicas = 1): Manifest {
  return manifest('deployments.apps', 'apps/v1', 'Deployment', metadataOf(workload), {
    spec: {
      replicas,
      selector: { matchLabels: selectorOf(workload.labels) },
      template: templateOf(workload),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...workload.spec,
    },
  });
}

export function daemonSet(workload: Workload): Manifest {
  return manifest('daemonsets.apps', 'apps/v1', 'DaemonSet', metadataOf(workload), {
    spec: {
      selector: { matchLabels: selectorOf(workload.labels) },
      template: templateOf(workload),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      ...workload.spec,
    },
  });
}

export function statefulSet(workload: Workload, replicas: number, serviceName: string): Manifest {
  return manifest('statefulsets.apps', 'apps/v1', 'StatefulSet', metadataOf(workload), {
    spec: {
      replicas,
      selector: { matchLabels: selectorOf(workload.labels) },
      template: templateOf(workload),
      serviceName,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      ...workload.spec,
    },
  });
}

export function job(workload: Workload): Manifest {
  return manifest('jobs.batch', 'batch/v1', 'Job', metadataOf(workload), {
    spec: {
      parallelism: 1,
      completions: 1,
      completionMode: 'NonIndexed',
      backoffLimit: 3,
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      template: templateOf({ ...workload, pod: { restartPolicy: 'OnFailure', ...workload.pod } }),
      ...workload.spec,
    },
  });
}

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number | string;
}

/** A cluster service; `clusterIP: 'None'` for a headless one, no selector where its endpoints are made by hand. */
export function service(
  name: string,
  inNamespace: string,
  selector: Labels | null,
  clusterIP: string,
  ports: readonly ServicePort[],
  labels: Labels = {},
): Manifest {
  return manifest(
    'services',
    'v1',
    'Service',
    { name, namespace: inNamespace, labels: { ...labels } },
    {
      spec: {
        type: 'ClusterIP',
        clusterIP,
        clusterIPs: [clusterIP],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        sessionAffinity: 'None',
        ...(selector === null ? {} : { selector }),
        ports: ports.map((port) => ({ protocol: 'TCP', ...port })),
      },
      status: { loadBalancer: {} },
    },
  );
}

export function serviceAccount(name: string, inNamespace: string): Manifest {
  return manifest('serviceaccounts', 'v1', 'ServiceAccount', { name, namespace: inNamespace });
}

export function configMap(name: string, inNamespace: string, data: Labels, labels: Labels = {}): Manifest {
  return manifest('configmaps', 'v1', 'ConfigMap', { name, namespace: inNamespace, labels: { ...labels } }, { data });
}

export function claim(name: string, inNamespace: string, storage: string, labels: Labels = {}): Manifest {
  return manifest(
    'persistentvolumeclaims',
    'v1',
    'PersistentVolumeClaim',
    { name, namespace: inNamespace, labels: { ...labels }, finalizers: ['kubernetes.io/pvc-protection'] },
    {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'local-path', volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    },
  );
}

function metadataOf({ name, namespace: inNamespace, labels, annotations = {} }: Workload): KubeObject['metadata'] {
  return { name, namespace: inNamespace, labels: { ...labels }, annotations: { ...annotations }, generation: 1 };
}

/** One label is enough to tell a workload's pods, and it is the one that people use. */
function selectorOf(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).slice(0, 1));
}

function templateOf({ labels, podAnnotations = {}, pod }: Workload): Fields {
  return {
    metadata: { labels: { ...labels }, ...(Object.keys(podAnnotations).length > 0 ? { annotations: { ...podAnnotations } } : {}) },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      ...pod,
    },
  };
}
