import { readiness } from '../state/nodes.js';
import type { Pod } from '../state/pods.js';
import type { Fix } from '../state/report.js';
import type { Workload } from '../state/workloads.js';
import { restartFix, workloadTag } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { podIndex } from './pod-index.js';
import { ownerTag } from './pod-links.js';
import { isUnderWay, podStatusAndRestarts } from './pod-status.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

export const coreDns: Check = defineCheck({
  id: 'coredns',
  title: 'cluster DNS answers',
  severity: 'critical',
  dependsOn: ['coming-back', 'node-ready', 'kubelet-heartbeat', 'cni-pods'],
  look(sight) {
    const servers = [...sight.see('deployments').values(), ...(sight.peek('daemonSets')?.values() ?? [])].filter(isDns);
    if (servers.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no CoreDNS or kube-dns found in any namespace' }];
    return servers.map((server) => dnsObservation(server, sight));
  },
});

/** Whether a workload answers the cluster's DNS. */
export function isDns(workload: Workload): boolean {
  if (/autoscaler|node-?local/.test(workload.name)) return false;
  return workload.app === 'kube-dns' || /(?:^|-)coredns$|^kube-dns$|^dns-default$/.test(workload.name);
}

function dnsObservation(server: Workload, sight: Sight): Observation {
  const object = `${server.kind.toLowerCase()}/${server.namespace}/${server.name}`;
  const lost = deafPods(server, sight);
  if (server.desired > 0 && server.ready >= server.desired && lost.length > 0) return onLostNodes(server, lost, sight);
  if (server.desired > 0 && server.ready >= server.desired) return { object, status: 'pass', message: `${server.ready} of ${server.desired} ready` };
  const pods = (podIndex(sight.snapshot.pods)?.troubled ?? []).filter(
    (pod) => pod.namespace === server.namespace && pod.owner?.name.startsWith(`${server.name}-`),
  );
  const states = [...new Set(pods.map(podStatusAndRestarts))].filter((state) => state !== 'NotReady');
  const because = states.length > 0 ? ` (${listed(states)})` : '';
  const none = server.ready === 0;
  const starting = pods.length > 0 && pods.every((pod) => isUnderWay(pod, sight.now));
  return {
    object,
    underWay: starting,
    status: none ? 'fail' : 'warn',
    severity: none ? 'critical' : 'warning',
    message: none
      ? `Cluster DNS is down: ${server.namespace}/${server.name} has 0 of ${server.desired} ready${because}`
      : `Cluster DNS has ${server.ready} of ${server.desired} ready${because}`,
    fix: starting ? null : dnsFix(server, pods, sight),
    explains: [object, ...pods.map((pod) => `pod/${pod.namespace}/${pod.name}`), ...(none ? ['dns'] : [])],
    explainedBy: pods.map((pod) => (pod.nodeName === null ? startTaints : [`node/${pod.nodeName}`, `network/${pod.nodeName}`])),
  };
}

/** Pods that still count as Ready on nodes that are not: a question that reaches one of them is not answered. */
function deafPods(server: Workload, sight: Sight): readonly Pod[] {
  const nodes = sight.peek('nodes');
  const tag = workloadTag(server);
  const lost = new Set([...(nodes?.values() ?? [])].filter((node) => readiness(node) !== 'ready').map(({ name }) => name));
  if (lost.size === 0) return [];
  return [...(sight.peek('pods')?.values() ?? [])].filter(
    (pod) => pod.nodeName !== null && lost.has(pod.nodeName) && ownerTag(pod) === tag && pod.deletedAt === null,
  );
}

function onLostNodes(server: Workload, lost: readonly Pod[], sight: Sight): Observation {
  const all = lost.length >= server.desired;
  const nodes = [...new Set(lost.map(({ nodeName }) => nodeName ?? ''))];
  return {
    object: workloadTag(server),
    status: all ? 'fail' : 'warn',
    severity: all ? 'critical' : 'warning',
    message: `Cluster DNS counts ${server.ready} of ${server.desired} as ready, but ${lost.length} ${lost.length === 1 ? 'is' : 'are'} on ${listed(nodes)}, which ${nodes.length === 1 ? 'is' : 'are'} not Ready`,
    fix: dnsFix(server, [], sight),
    explains: all ? ['dns'] : [],
    explainedBy: nodes.map((node) => [`node/${node}`, `network/${node}`]),
  };
}

const startTaints = ['taint/node.kubernetes.io/not-ready', 'taint/node.kubernetes.io/unreachable', 'taint/node.kubernetes.io/network-unavailable'];

function dnsFix(server: Workload, pods: readonly Pod[], sight: Sight): Fix {
  if (server.desired === 0)
    return {
      summary: 'Scale it up again',
      command: sight.kubectl('-n', server.namespace, 'scale', `${server.kind.toLowerCase()}/${server.name}`, '--replicas=2'),
    };
  const [first] = pods;
  const restart = restartFix(server, 'Restart it; "Loop … detected" in its log means that it forwards to a loopback resolver (kubelet resolvConf)', sight);
  return first === undefined ? restart : { ...restart, command: sight.kubectl('-n', first.namespace, 'logs', first.name, '--tail=30') };
}
