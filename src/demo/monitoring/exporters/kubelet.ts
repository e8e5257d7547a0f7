import type { KubeObject } from '../../api/object-store.js';
import { nodeOf } from '../../controllers/pod-state.js';
import { quantity } from '../../controllers/quantity.js';
import { at, listAt, textAt } from '../../fields.js';
import type { ClusterModel } from '../model/cluster-model.js';
import { between } from '../model/hash.js';
import type { NodeRecord } from '../model/node-record.js';
import { noise } from '../model/noise.js';
import { stepAt, totalOf } from '../model/steps.js';
import { counter, type Family, gauge, type Series, series } from './family.js';

/** What a kubelet tells of itself and of the volumes on its node. */
export function kubeletFamilies(model: ClusterModel, node: NodeRecord): Family[] {
  const volumes = (name: string, help: string, share: (used: number) => number): Family =>
    gauge(name, help, () =>
      claimsOn(model, node).map(({ namespace, claim, bytes }) => {
        const used = between(`${namespace}/${claim}`, 0.12, 0.55);
        const swing = noise(`${namespace}/${claim}`, 0.05);
        return series({ namespace, persistentvolumeclaim: claim }, (time) => Math.round(bytes * share(used * swing.at(time))));
      }),
    );
  return [
    gauge('kubelet_node_name', "The node's name. The count is always 1.", () => [series({ node: node.name }, 1)]),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', () => [runningPods(model, node)]),
    counter('kubelet_evictions', 'Cumulative number of pod evictions by eviction signal', () => evictions(model, node)),
    volumes('kubelet_volume_stats_capacity_bytes', 'Capacity in bytes of the volume', () => 1),
    volumes('kubelet_volume_stats_used_bytes', 'Number of used bytes in the volume', (used) => used),
    volumes('kubelet_volume_stats_available_bytes', 'Number of available bytes in the volume', (used) => 1 - used),
    gauge('kubelet_certificate_manager_client_ttl_seconds', "Gauge of the TTL (time-to-live) of the Kubelet's client certificate.", () => [
      series({}, (time) => Math.round((node.boots.at(-1)?.value ?? 0) + between(`${node.name}/ttl`, 260, 300) * 86_400 - time)),
    ]),
  ];
}

function runningPods(model: ClusterModel, node: NodeRecord): Series {
  const pods = [...model.podsEver()].filter((pod) => pod.node === node.name);
  const running = totalOf(pods.map((pod) => ({ spans: pod.running, weight: 1 })));
  return series({}, (time) => stepAt(running, time) ?? 0);
}

function evictions(model: ClusterModel, node: NodeRecord): Series[] {
  const evicted = podsOn(model, node).filter((pod) => textAt(pod, 'status', 'reason') === 'Evicted').length;
  return evicted === 0 ? [] : [series({ eviction_signal: 'nodefs.available' }, evicted)];
}

function claimsOn(model: ClusterModel, node: NodeRecord): { namespace: string; claim: string; bytes: number }[] {
  const claims: { namespace: string; claim: string; bytes: number }[] = [];
  for (const pod of podsOn(model, node)) {
    if (textAt(pod, 'status', 'phase') !== 'Running') continue;
    for (const volume of listAt(pod, 'spec', 'volumes')) {
      const name = textAt(volume, 'persistentVolumeClaim', 'claimName');
      const namespace = pod.metadata.namespace ?? 'default';
      const claim = name === null ? null : model.world.store.get('persistentvolumeclaims', name, namespace);
      if (claim !== null && name !== null) claims.push({ namespace, claim: name, bytes: quantity(at(claim, 'spec', 'resources', 'requests', 'storage')) });
    }
  }
  return claims;
}

function podsOn(model: ClusterModel, node: NodeRecord): KubeObject[] {
  return model.world.store.list('pods').filter((pod) => nodeOf(pod) === node.name);
}
