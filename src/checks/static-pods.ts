import type { Node } from '../state/nodes.js';
import type { Pod } from '../state/pods.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { isReady, podIndex } from './pod-index.js';
import { inBrackets } from './pod-status.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

export const staticPods: Check = defineCheck({
  id: 'static-pods',
  title: 'control plane pods run',
  severity: 'critical',
  dependsOn: ['coming-back', 'node-ready', 'kubelet-heartbeat'],
  look(sight) {
    sight.see('pods');
    const mirrors = podIndex(sight.snapshot.pods)?.mirrors ?? new Map<string, readonly Pod[]>();
    if (mirrors.size === 0) return [{ object: 'cluster', status: 'skipped', message: 'the control plane does not run as static pods here' }];
    const nodes = sight.see('nodes');
    const present = components.filter((component) => [...mirrors].some(([node, pods]) => find(pods, component, node) !== undefined));
    const places = [...nodes.values()].filter((node) => mirrors.has(node.name) || isControlPlane(node));
    return places.map((node) => staticPodsOf(node, mirrors.get(node.name) ?? [], isControlPlane(node) ? present : [], sight));
  },
});

const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

function staticPodsOf(node: Node, pods: readonly Pod[], expected: readonly string[], sight: Sight): Observation {
  const object = `node/${node.name}`;
  const missing = expected.filter((component) => find(pods, component, node.name) === undefined);
  const unready = pods.filter((pod) => !isReady(pod));
  if (missing.length === 0 && unready.length === 0) return { object, status: 'pass', message: `${pods.length} ready` };
  const parts = [
    ...(missing.length > 0 ? [`${listed(missing)} missing`] : []),
    ...(unready.length > 0 ? [`not ready: ${listed(unready.map((pod) => `${shortName(pod, node.name)}${inBrackets(pod)}`))}`] : []),
  ];
  const first = unready[0];
  return {
    object,
    status: 'fail',
    message: `${node.name} lacks control plane pods: ${parts.join('; ')}`,
    fix: {
      summary: 'Read why on the node: the container log, then the manifest in /etc/kubernetes/manifests',
      command: first === undefined ? `ssh ${node.name} sudo crictl ps -a` : sight.kubectl('-n', first.namespace, 'logs', first.name, '--tail=50'),
    },
    explains: unready.map((pod) => `pod/${pod.namespace}/${pod.name}`),
    explainedBy: [[object]],
  };
}

function isControlPlane(node: Node): boolean {
  return node.roles.includes('control-plane') || node.roles.includes('master');
}

function find(pods: readonly Pod[], component: string, node: string): Pod | undefined {
  return pods.find((pod) => pod.name === `${component}-${node}`);
}

function shortName(pod: Pod, node: string): string {
  return pod.name.endsWith(`-${node}`) ? pod.name.slice(0, -node.length - 1) : pod.name;
}
