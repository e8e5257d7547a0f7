import type { Session } from '../session.js';
import type { HostState } from '../state/hosts.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/**
 * Resolves when each machine has told its GPUs, or it is known that it will not: it is out of reach and its pods have had their time, or it has no GPUs. Resolves at
 * once where there is no cluster, and after `limitMs` in any case.
 */
export function machinesSettled(session: Session, limitMs: number): Promise<void> {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    let unsubscribe: (() => void) | null = null;
    const end = () => {
      clearTimeout(timer);
      clearInterval(again);
      unsubscribe?.();
      resolve();
    };
    const look = () => {
      const settled = areSettled(session.snapshot(), Date.now() - startedAt);
      if (settled) end();
      return settled;
    };
    const timer = setTimeout(end, limitMs);
    // Some of what is waited for is that nothing comes.
    const again = setInterval(look, 250);
    if (!look()) unsubscribe = session.subscribe(look);
  });
}

/** Where a machine is not to be reached, its pods are asked; they are given this long. */
const podsMs = 8_000;
/** From a cluster that is reached to the first word on its machines. */
const machinesMs = 3_000;

function areSettled(snapshot: ClusterSnapshot, waitedMs: number): boolean {
  const { connection, machineGpus, hosts } = snapshot;
  if (connection.status === 'unconfigured' || connection.status === 'unusable') return true;
  if (hosts.freshness.status === 'loading' || machineGpus.freshness.status === 'loading') return false;
  if (hosts.value === null) return connection.status !== 'connecting' && (machineGpus.value !== null || waitedMs > machinesMs);
  return [...hosts.value.values()].every((host) => isSettled(host, snapshot, waitedMs));
}

function isSettled({ name, node, contact, facts }: HostState, { machineGpus, gpus }: ClusterSnapshot, waitedMs: number): boolean {
  if (machineGpus.value?.has(name) === true || (node !== null && machineGpus.value?.has(node) === true)) return true;
  const inCluster = node === null ? undefined : gpus.value?.nodes.get(node);
  const offersGpus = gpus.value === null || (inCluster !== undefined && Math.max(inCluster.total.capacity, inCluster.expected ?? 0) > 0);
  switch (contact.status) {
    case 'connecting':
    case 'asking':
      return false;
    case 'connected':
      // The facts come before nvidia-smi has answered.
      if (facts?.pciGpus.known === true && facts.pciGpus.value === 0) return true;
      return facts !== null && !(facts.pciGpus.known || offersGpus) && waitedMs > machinesMs;
    case 'lost':
    case 'refused':
      return node === null || !offersGpus || waitedMs > podsMs;
  }
}
