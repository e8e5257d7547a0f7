import type { HostState } from '../state/hosts.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { machinesOf } from './host-machine.js';

/** The machines that run the API server, as the objects that findings about them name: `node/controlplane`. Empty while nobody can say which they are. */
export function controlPlanes(snapshot: ClusterSnapshot): readonly string[] {
  const machines = machinesOf(snapshot);
  if (typeof machines === 'string') return [];
  return [...machines.seen, ...machines.unseen].filter(({ host }) => isControlPlane(host, snapshot)).map(({ object }) => object);
}

/** As the nodes' roles had it; before any was seen, by what kubeadm puts on the disk of a control plane. */
function isControlPlane({ node, facts }: HostState, { nodes }: ClusterSnapshot): boolean {
  const known = node === null ? undefined : nodes.value?.get(node);
  if (known !== undefined) return known.roles.some((role) => role === 'control-plane' || role === 'master');
  return facts?.certificates.known === true && facts.certificates.value.some(({ path }) => path === '/etc/kubernetes/pki/apiserver.crt');
}
