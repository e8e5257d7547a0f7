import type { Pod } from '../state/pods.js';

/** What a pod in trouble explains: its workload's lack of replicas, and the service behind its `app` label. */
export function podExplains(pod: Pod): readonly string[] {
  const owner = ownerTag(pod);
  return [`pod/${pod.namespace}/${pod.name}`, ...(owner === null ? [] : [owner]), ...(pod.app === null ? [] : [`app/${pod.app}`])];
}

/** What can be the reason for a pod's trouble: the check of its own kind, its node, the network there, or what the scheduler lacks. */
export function podExplainedBy(pod: Pod): readonly (readonly string[])[] {
  const known = reasons.get(pod);
  if (known !== undefined) return known;
  const found = [reasonsOf(pod)];
  reasons.set(pod, found);
  return found;
}

/** A pod's projection never changes, and with thousands of them in trouble reading the scheduler's words each second would show. */
const reasons = new WeakMap<Pod, readonly (readonly string[])[]>();

function reasonsOf(pod: Pod): readonly string[] {
  const own = [`pod/${pod.namespace}/${pod.name}`, ...(pod.owner?.kind === 'DaemonSet' ? [`daemonset/${pod.namespace}/${pod.owner.name}`] : [])];
  if (pod.nodeName === null) return [...own, ...schedulerTags(pod)];
  const gpus = pod.deviceRequests === null ? [] : [`gpus/${pod.nodeName}`];
  return [...own, `node/${pod.nodeName}`, ...gpus, ...(pod.phase === 'Pending' ? [`network/${pod.nodeName}`, `handler/${pod.nodeName}`] : [])];
}

/** `deployment/ns/name` of the pod's owner: a ReplicaSet's name is its Deployment's and a hash. */
export function ownerTag(pod: Pod): string | null {
  if (pod.owner === null) return null;
  const { kind, name } = pod.owner;
  if (kind === 'ReplicaSet') return `deployment/${pod.namespace}/${name.replace(/-[a-z0-9]+$/, '')}`;
  return `${kind.toLowerCase()}/${pod.namespace}/${name}`;
}

/**
 * From the scheduler's words: "0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 1 node(s) had untolerated taint
 * {node.kubernetes.io/unreachable: }, 1 node(s) were unschedulable", "pod has unbound immediate PersistentVolumeClaims".
 */
function schedulerTags(pod: Pod): readonly string[] {
  const message = pod.unschedulable?.message ?? '';
  const said = saidBefore.get(message) ?? tagsSaid(message);
  return said.includes(volumeClaim) ? [...said, `pvc/${pod.namespace}`] : said;
}

/** A thousand pods that wait for the same thing wait with the same words. */
const saidBefore = new Map<string, readonly string[]>();
const mostRemembered = 1000;

function tagsSaid(message: string): readonly string[] {
  const tags = [
    ...[...message.matchAll(/Insufficient ([\w.-]+\/[\w.-]+)/g)].map((match) => `resource/${match[1]?.replace(/\.$/, '')}`),
    ...[...message.matchAll(/taint \{(node\.kubernetes\.io\/[\w-]+)/g)].map((match) => `taint/${match[1]}`),
    ...(/were unschedulable/.test(message) ? ['cordon'] : []),
    ...(/PersistentVolumeClaim/.test(message) ? [volumeClaim] : []),
  ];
  if (saidBefore.size >= mostRemembered) saidBefore.clear();
  saidBefore.set(message, tags);
  return tags;
}

/** Stands for a claim of the pod's own namespace. */
const volumeClaim = 'pvc';
