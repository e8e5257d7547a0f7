import { appOf, firstOf, relabel } from './common-labels.js';

/** Labels that the expressions here give to each series: the service that it belongs to. */
export const serviceLabels = ['svc_ns', 'svc_name'] as const;

/** Pods whose workload their name does not tell, by workload: what the cluster says of its pods counts for more than the shape of a name. */
export type PodOwners = ReadonlyMap<string, readonly string[]>;

/**
 * Gives series the labels `svc_ns` and `svc_name`: the workload of their pod (as its owner says, else by the shape of the pod's name), so that all replicas count as one service; for series without a pod, what they call their
 * app, service or job. Series that came through another program (`exported_…`) belong to the pod they were first read from.
 */
export function withService(owners: PodOwners): (expr: string) => string {
  return (expr) => {
    const namespaced = firstOf(expr, 'svc_ns', ['svc_ns', ...namespaceLabels], '');
    const podded = firstOf(namespaced, 'svc_pod', ['svc_pod', ...podLabels], '');
    const byName = podShapes.reduce((inner, shape) => relabel(inner, 'svc_name', 'svc_pod', shape), podded);
    const byOwner = [...owners].reduce(
      (inner, [workload, pods]) => relabel(inner, 'svc_name', 'svc_pod', `(?:${pods.map(quoted).join('|')})`, workload),
      byName,
    );
    return firstOf(byOwner, 'svc_name', ['svc_name', ...appLabels], '');
  };
}

/** The same for the labels of one series. */
export function serviceOf(
  labels: ReadonlyMap<string, string>,
  owners: PodOwners,
): { readonly namespace: string; readonly name: string; readonly pod: string | null } {
  const pod = firstIn(labels, podLabels);
  const namespace = firstIn(labels, namespaceLabels) ?? '';
  if (pod === null) return { namespace, name: appOf(labels).replace(/;.*$/s, ''), pod };
  const owner = [...owners].find(([, pods]) => pods.includes(pod))?.[0];
  return { namespace, name: owner ?? workloadByName(pod), pod };
}

/** Matchers for the series of a service as they were listed: its namespace, and its pods or its app. */
export function matchersOf(labels: ReadonlyMap<string, string>, { namespace, name }: { readonly namespace: string; readonly name: string }): string {
  const inNamespace = namespaceLabels.find((label) => labels.get(label) === namespace);
  const podLabel = podLabels.find((label) => (labels.get(label) ?? '') !== '');
  const appLabel = appLabels.find((label) => labels.get(label) === name);
  const pod = podLabel === undefined ? '' : (labels.get(podLabel) ?? '');
  return [
    ...(inNamespace === undefined ? [] : [`${inNamespace}=${text(namespace)}`]),
    ...(podLabel !== undefined && pod.startsWith(name) ? [`${podLabel}=~${text(`${quoted(name)}.*`)}`] : []),
    ...(podLabel === undefined && appLabel !== undefined ? [`${appLabel}=${text(name)}`] : []),
  ].join(',');
}

/** The workload that a pod's name speaks of: `resnet50-6c9d7b5f4-qq7rz` and `resnet50-0` are of `resnet50`. */
export function workloadByName(pod: string): string {
  return podShapes.reduce((name, shape) => new RegExp(`^(?:${shape})$`).exec(pod)?.[1] ?? name, pod);
}

/** A text as PromQL quotes it. */
export function text(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** Letters and digits of Kubernetes' generated names: no vowels, so that no words come about, and hardly any word is taken for one. */
const generated = 'bcdfghjklmnpqrstvwxz2456789';
/** A bare pod; of a StatefulSet; of a DaemonSet or Job; of a Deployment. The last that fits counts. */
const podShapes = ['(.+)', '(.+)-[0-9]+', `(.+)-[${generated}]{5}`, `(.+)-[${generated}]{6,10}-[${generated}]{5}`];

const namespaceLabels = ['exported_namespace', 'namespace', 'kubernetes_namespace', 'pod_namespace'];
const podLabels = ['exported_pod', 'pod', 'kubernetes_pod_name', 'pod_name'];
const appLabels = ['app', 'app_kubernetes_io_name', 'service', 'job'];

function firstIn(labels: ReadonlyMap<string, string>, names: readonly string[]): string | null {
  return names.map((name) => labels.get(name) ?? '').find((value) => value !== '') ?? null;
}

/** Names of pods have dots at most; backslashes are doubled because they stand in a quoted text. */
function quoted(name: string): string {
  return name.replaceAll('.', '[.]');
}
