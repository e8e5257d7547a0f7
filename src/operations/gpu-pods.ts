import { readiness } from '../state/nodes.js';
import type { Pod } from '../state/pods.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { counted } from '../text/wording.js';
import { machineState } from './machine-reading.js';

/** The node that a machine is; null for one outside the cluster. */
export function nodeOf(snapshot: ClusterSnapshot, host: string): string | null {
  return machineState(snapshot, host)?.node ?? (snapshot.nodes.value?.has(host) === true ? host : null);
}

/** Pods on a machine that hold GPUs. */
export function gpuPodsOn(snapshot: ClusterSnapshot, host: string): readonly Pod[] {
  const node = nodeOf(snapshot, host);
  if (node === null) return [];
  return [...(snapshot.pods.value?.values() ?? [])].filter(
    (pod) => pod.nodeName === node && [...(pod.deviceRequests ?? [])].some(([resource, amount]) => resource.startsWith('nvidia.com/') && amount > 0),
  );
}

/**
 * What enabling and masking units may do: systemd reads its units anew and sets device rules again, and containers that got their GPUs from NVIDIA's legacy
 * hook lose them ("Failed to initialize NVML: Unknown Error", NVIDIA/nvidia-container-toolkit troubleshooting).
 */
export function reloadWarnings(snapshot: ClusterSnapshot, host: string): readonly string[] {
  const pods = gpuPodsOn(snapshot, host).filter(({ phase }) => phase === 'Running');
  if (pods.length === 0) return [];
  return [
    `systemd reads its units anew: unless GPUs are injected by CDI, ${counted(pods.length, 'running GPU pod')} on ${host} may lose them ("NVML: Unknown Error") and need a restart`,
  ];
}

/** Why a node is not Ready, in a few words; null where it is, or the machine is none. */
export function notReady(snapshot: ClusterSnapshot, host: string): string | null {
  const name = nodeOf(snapshot, host);
  const node = name === null ? undefined : snapshot.nodes.value?.get(name);
  if (node === undefined || readiness(node) === 'ready') return null;
  const ready = node.conditions.find(({ type }) => type === 'Ready');
  return `node ${node.name} is not Ready${ready === undefined || ready.message === '' ? '' : `: ${ready.message}`}`;
}
