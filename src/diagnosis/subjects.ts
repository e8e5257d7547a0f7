import type { Target } from '../state/monitoring.js';
import type { Pod } from '../state/pods.js';
import type { Subject } from './diagnose.js';

/** What belongs together in this cluster, found out elsewhere. */
export interface Links {
  /** Tag of the workload that a pod is of, `daemonset/kube-system/nvidia-device-plugin`; null for one on its own. */
  owner(pod: Pod): string | null;
  /** Whether it offers its node's accelerators to the kubelet. */
  isDevicePlugin(pod: Pod): boolean;
  /** kubectl with the context in use, quoted. */
  readonly kubectl: string;
}

export function podSubject(pod: Pod, links: Links): Subject {
  const { namespace, name, nodeName } = pod;
  const owner = pod.mirror ? null : links.owner(pod);
  const [kind = 'pod', , workload = name] = owner?.split('/') ?? [];
  return {
    object: `pod/${namespace}/${name}`,
    tags: [...(owner === null ? [] : [owner]), ...(nodeName !== null && links.isDevicePlugin(pod) ? [`gpus/${nodeName}`] : [])],
    node: nodeName,
    values: { node: nodeName, host: nodeName, namespace, kind, name: workload, pod: name, kubectl: links.kubectl },
  };
}

/** A workload, a claim or any other object with a namespace. */
export function objectSubject(object: { readonly kind: string; readonly namespace: string | null; readonly name: string }, links: Links): Subject {
  const kind = object.kind.toLowerCase();
  const { namespace, name } = object;
  return {
    object: [kind, ...(namespace === null ? [] : [namespace]), name].join('/'),
    // The names of ReplicaSets are their Deployment's and a hash; findings are about the Deployment.
    tags: kind === 'replicaset' && namespace !== null ? [`deployment/${namespace}/${name.replace(/-[a-z0-9]+$/, '')}`] : [],
    node: null,
    values: { namespace, kind, name, kubectl: links.kubectl },
  };
}

export function nodeSubject(node: string, links: Links): Subject {
  return { object: `node/${node}`, tags: [`host/${node}`], node, values: { node, host: node, kind: 'node', name: node, kubectl: links.kubectl } };
}

export function unitSubject(host: string, unit: string, links: Links): Subject {
  const { values } = nodeSubject(host, links);
  return { object: `unit/${host}/${unit}`, tags: [`node/${host}`, `host/${host}`], node: host, values: { ...values, unit } };
}

export function targetSubject({ job, instance }: Target, node: string | null, links: Links): Subject {
  const values = node === null ? {} : nodeSubject(node, links).values;
  return { object: `target/${job}/${instance}`, tags: [], node, values: { ...values, kubectl: links.kubectl } };
}
