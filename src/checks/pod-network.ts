import type { Pod } from '../state/pods.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { type DaemonSetState, daemonSetObservation, daemonSetState, isStarting, nodesOf, readySentence } from './daemon-set.js';
import { networkReasons } from './machine-reasons.js';
import { waitsForNetwork } from './node-ready.js';
import { podIndex } from './pod-index.js';
import { inBrackets } from './pod-status.js';
import type { Sight } from './sight.js';
import { listed } from './wording.js';

export const cniPods: Check = defineCheck({
  id: 'cni-pods',
  title: 'the pod network is up on every node',
  severity: 'critical',
  dependsOn: [...networkReasons, 'coming-back', 'node-ready', 'kubelet-heartbeat'],
  look(sight) {
    const all = [...sight.see('daemonSets').values()].filter((daemonSet) => networks.test(daemonSet.name));
    // Manifests bring one DaemonSet per architecture, most of which find no node.
    const wanted = all.filter((daemonSet) => daemonSet.desired > 0);
    const known = wanted.length > 0 ? wanted : all;
    if (known.length > 0) return known.map((daemonSet) => networkObservation(daemonSetState(daemonSet, sight), sight));
    const waiting = [...sight.see('nodes').values()].filter(waitsForNetwork).map((node) => node.name);
    if (waiting.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'no pod network DaemonSet known here, and no node lacks one' }];
    return [
      {
        object: 'cluster',
        status: 'fail',
        message: `No pod network is installed: no CNI DaemonSet found, and ${listed(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'} for one`,
        fix: {
          summary: 'Install the pod network (Calico, Flannel or Cilium) for the pod CIDR of this cluster',
          command: sight.kubectl('get', 'daemonsets', '-A'),
        },
        explains: waiting.map((node) => `network/${node}`),
      },
    ];
  },
});

/** What it means for the nodes comes first. */
function networkObservation(state: DaemonSetState, sight: Sight): Observation {
  const seen = daemonSetObservation(state, sight, (node) => [`network/${node}`]);
  const { daemonSet, unready } = state;
  const places = nodesOf(unready);
  if (seen.status === 'pass' || places.length === 0) return seen;
  const [pod, ...more] = unready;
  const without = `${listed(places)} ${places.length === 1 ? 'has' : 'have'} no pod network`;
  if (pod === undefined || more.length > 0) return { ...seen, message: `${without}: ${daemonSet.name} has ${readySentence(state)}` };
  return { ...seen, message: `${without}: ${daemonSet.name} is ${isStarting(state, sight) ? 'just starting' : 'not ready'} there${inBrackets(pod)}` };
}

export const kubeProxy: Check = defineCheck({
  id: 'kube-proxy',
  title: 'kube-proxy runs on every node',
  severity: 'critical',
  dependsOn: [...networkReasons, 'coming-back', 'node-ready', 'kubelet-heartbeat'],
  look(sight) {
    const found = [...sight.see('daemonSets').values()].filter((daemonSet) => /^kube-proxy(?:-|$)/.test(daemonSet.name) && daemonSet.desired > 0);
    if (found.length === 0)
      return [{ object: 'cluster', status: 'skipped', message: 'no kube-proxy DaemonSet: the pod network or the distribution takes its place' }];
    return found.map((daemonSet) => daemonSetObservation(daemonSetState(daemonSet, sight), sight));
  },
});

/** The pod network's own pod on a node; null where none is seen. */
export function networkPodOn(node: string, sight: Sight): Pod | null {
  for (const [daemonSet, pods] of podIndex(sight.snapshot.pods)?.byDaemonSet ?? []) {
    if (!networks.test(daemonSet.split('/')[1] ?? '')) continue;
    const own = pods.find(({ nodeName }) => nodeName === node);
    if (own !== undefined) return own;
  }
  return null;
}

/** Node agents of the pod networks in use; not their optional companions (cilium-envoy, csi-node-driver, …). */
export const networks =
  /^(?:calico-node|kube-flannel(?:-ds)?(?:-\w+)?|flannel|cilium|canal|rke2-canal|weave-net|antrea-agent|kube-router|kube-ovn-cni|ovnkube-node|ovs-cni-\w+|kindnet|aws-node|kube-multus-ds|multus)$/;
