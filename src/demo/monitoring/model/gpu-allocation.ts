import { isLost } from '../../controllers/machines.js';
import { migResource, wholeGpu } from '../../seed/gpu-models.js';
import type { NodeRecord } from './node-record.js';
import type { PodRecord } from './pod-record.js';

/** Gives a pod the devices it asks for, as the device plugin chooses them: free ones in their order; of shared GPUs those that the fewest pods have. */
export function allocateGpus(pod: PodRecord, node: NodeRecord, others: readonly PodRecord[]): void {
  const replicas = node.machine?.hardware.replicas ?? 1;
  const layout = Array.from({ length: node.gpus }, (_, gpu) => node.machine?.hardware.mig[gpu] ?? []);
  const holders = new Map<number, number>();
  for (const other of others) for (const gpu of other.gpus) holders.set(gpu, (holders.get(gpu) ?? 0) + 1);
  const gpus: number[] = [];
  for (let wanted = pod.gpuRequests.get(wholeGpu) ?? 0; wanted > 0; wanted--) {
    const usable = layout.flatMap((profiles, gpu) => (profiles.length === 0 && isUsable(node, gpu) && (holders.get(gpu) ?? 0) < replicas ? [gpu] : []));
    const [chosen] = usable.sort((a, b) => (holders.get(a) ?? 0) - (holders.get(b) ?? 0) || a - b);
    if (chosen === undefined) break;
    holders.set(chosen, (holders.get(chosen) ?? 0) + 1);
    gpus.push(chosen);
  }
  const taken = new Set(others.flatMap((other) => other.migDevices.map(({ gpu, index }) => `${gpu}/${index}`)));
  const devices = layout.flatMap((profiles, gpu) => profiles.map((profile, index) => ({ gpu, index, resource: migResource(profile) })));
  const free = devices.filter(({ gpu, index }) => !taken.has(`${gpu}/${index}`) && isUsable(node, gpu));
  pod.gpus = gpus;
  pod.migDevices = [...pod.gpuRequests].flatMap(([resource, count]) => free.filter((device) => device.resource === resource).slice(0, count));
}

function isUsable({ machine }: NodeRecord, gpu: number): boolean {
  return machine === null || !isLost(machine, gpu);
}
