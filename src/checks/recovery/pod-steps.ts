import type { Pod } from '../../state/pods.js';
import type { Workload } from '../../state/workloads.js';
import { isDns } from '../coredns.js';
import { devicePlugins } from '../gpu-nodes.js';
import { isReady } from '../pod-index.js';
import { networks } from '../pod-network.js';
import { podStatus, podStatusAndRestarts, startingReasons, stuckContainer } from '../pod-status.js';
import { afterBoot } from './cluster-steps.js';
import type { NodeSight } from './node-sight.js';
import type { Step, StepSeen } from './step.js';

/** Steps that are done when pods on the node are Ready again. */
export const podNetwork: Step = {
  // Its pods run before the node is Ready: they are often what the node waits for.
  id: 'pod-network',
  needs: ['kubelet', 'api-server'],
  checks: ['cni-pods', 'kube-proxy'],
  patienceMs: 90_000,
  look: lookAtNetwork,
};
export const dns: Step = { id: 'dns', needs: ['node-ready', 'pod-network'], checks: ['coredns'], patienceMs: 60_000, look: lookAtDns };
export const devicePluginRuns: Step = {
  id: 'device-plugin',
  needs: ['driver', 'node-ready', 'pod-network'],
  checks: ['device-plugin', 'runtimeclass', 'nvidia-handler', 'gpu-label', 'nvidia-lowlevel', 'cdi-spec', 'gpu-count'],
  patienceMs: 60_000,
  look: lookAtPlugin,
};
export const exporters: Step = {
  id: 'exporters',
  needs: ['node-ready', 'pod-network'],
  checks: ['dcgm-exporter', 'pods-not-running', 'crashloop'],
  patienceMs: 90_000,
  look: lookAtExporters,
};
export const workloadsReady: Step = {
  id: 'workloads',
  needs: ['node-ready', 'pod-network'],
  checks: ['workloads-ready', 'pods-not-running', 'crashloop', 'pvc-bound', 'unexpected-admission'],
  patienceMs: 300_000,
  look: lookAtWorkloads,
};

function lookAtNetwork(sight: NodeSight): StepSeen | null {
  if (!sight.answered) return { name: 'pod network', state: 'unknown', fact: '' };
  const sets = daemonSets(sight);
  const cni = sets.filter(({ name }) => networks.test(name));
  const proxies = sets.filter(({ name }) => /^kube-proxy(?:-|$)/.test(name));
  const name = cni[0] === undefined ? 'pod network' : `pod network (${productOf(cni[0].name)})`;
  if (cni.length === 0 && proxies.length === 0) return null;
  const onNode = podsOf([...cni, ...proxies], sight);
  return { name, ...podsSeen(onNode, sight) };
}

function lookAtDns(sight: NodeSight): StepSeen | null {
  const name = 'DNS';
  if (!sight.answered) return { name, state: 'unknown', fact: '' };
  const servers = [...(sight.sight.peek('deployments')?.values() ?? []), ...daemonSets(sight)].filter(isDns);
  if (servers.length === 0) return null;
  const own = sight.pods.filter((pod) => servers.some((server) => pod.namespace === server.namespace && pod.owner?.name.startsWith(server.name) === true));
  if (own.length > 0) return { name, ...podsSeen(own, sight) };
  const ready = servers.reduce((sum, server) => sum + server.ready, 0);
  const desired = servers.reduce((sum, server) => sum + server.desired, 0);
  // Its pods run on other nodes, or have not been placed yet.
  return { name, state: ready > 0 ? 'done' : 'open', fact: `${ready} of ${desired} ready`, elsewhere: true };
}

function lookAtPlugin(sight: NodeSight): StepSeen | null {
  if (sight.gpus.expected === 0) return null;
  const name = 'device plugin';
  if (!sight.answered) return { name, state: 'unknown', fact: '' };
  const plugins = devicePlugins(daemonSets(sight)).map(({ daemonSet }) => daemonSet);
  return plugins.length === 0 ? null : { name, ...podsSeen(podsOf(plugins, sight), sight) };
}

function lookAtExporters(sight: NodeSight): StepSeen | null {
  const name = 'exporters';
  if (!sight.answered) return { name, state: 'unknown', fact: '' };
  const own = podsOf(
    daemonSets(sight).filter((daemonSet) => /exporter/.test(daemonSet.name)),
    sight,
  );
  if (own.length === 0) return null;
  const ofGpus = own.some((pod) => !isReady(pod) && /dcgm|gpu|nvidia/.test(pod.name));
  return { name, ...podsSeen(own, sight), ...(ofGpus ? { needs: [...exporters.needs, 'device-plugin'] } : {}) };
}

/** What serves people: all that is neither of a DaemonSet nor static, and what waits for this node's GPUs. */
function lookAtWorkloads(sight: NodeSight): StepSeen | null {
  const name = 'workloads';
  if (!sight.answered) return { name, state: 'unknown', fact: '' };
  const own = sight.pods.filter((pod) => !pod.mirror && pod.owner?.kind !== 'DaemonSet' && !sight.badBefore.has(`${pod.namespace}/${pod.name}`));
  const waiting = sight.gpus.allocatable < sight.gpus.expected ? waitingForGpus(sight) : [];
  const all = [...own, ...waiting];
  if (all.length === 0) return null;
  const forGpus = all.some((pod) => !isReady(pod) && pod.deviceRequests !== null);
  return { name, ...podsSeen(all, sight), ...(forGpus ? { needs: [...workloadsReady.needs, 'device-plugin', 'gpus'] } : {}) };
}

/** Whether all of some pods on the node are Ready since its boot. */
function podsSeen(pods: readonly Pod[], { reporting, reportingSince, bootedAt, now }: NodeSight): Pick<StepSeen, 'state' | 'fact' | 'doneAt' | 'broken'> {
  if (!reporting) return { state: 'open', fact: '' };
  // Just after the boot the API server still shows the pods as they were before it.
  const settled = reportingSince !== null && now - reportingSince > settling;
  const isBack = (pod: Pod) => isReady(pod) && (settled || bootedAt === null || afterBoot(pod.ready?.since ?? null, bootedAt) !== null);
  const back = pods.filter(isBack);
  const fact = pods.length === 1 ? '' : `${back.length} of ${pods.length} ready`;
  if (pods.length > 0 && back.length === pods.length) {
    const moments = pods.map((pod) => afterBoot(pod.ready?.since ?? null, bootedAt));
    return { state: 'done', fact, doneAt: moments.reduce<number | null>((last, at) => (last === null || at === null ? null : Math.max(last, at)), 0) };
  }
  const held = pods.find((pod) => !isReady(pod) && isStuck(pod)) ?? pods.find((pod) => !isBack(pod));
  if (held === undefined) return { state: 'open', fact: 'no pod on it yet' };
  return { state: 'open', fact: `${fact === '' ? '' : `${fact}: `}${podStatusAndRestarts(held)}`, broken: isStuck(held) };
}

/** Ms after the first report of this boot until the pods' states are of this boot too. */
const settling = 45_000;

/** Will not come by waiting. */
function isStuck(pod: Pod): boolean {
  const reason = stuckContainer(pod)?.reason ?? null;
  return reason !== null && !startingReasons.has(reason) && reason !== 'Completed' && podStatus(pod) !== 'Terminating';
}

function waitingForGpus({ sight }: NodeSight): readonly Pod[] {
  return [...(sight.peek('pods')?.values() ?? [])].filter((pod) => pod.nodeName === null && pod.deviceRequests !== null && pod.unschedulable !== null);
}

function daemonSets({ sight }: NodeSight): readonly Workload[] {
  return [...(sight.peek('daemonSets')?.values() ?? [])].filter(({ desired }) => desired > 0);
}

function podsOf(sets: readonly Workload[], { pods }: NodeSight): readonly Pod[] {
  return pods.filter((pod) => pod.owner?.kind === 'DaemonSet' && sets.some((set) => set.namespace === pod.namespace && set.name === pod.owner?.name));
}

/** `calico-node` → `calico`, `kube-flannel-ds` → `flannel`. */
function productOf(name: string): string {
  return name.replace(/^kube-(?=flannel)|^rke2-/, '').replace(/-(?:node|ds|agent|cni)(?:-\w+)?$/, '');
}
