import type { GpuDevice, MigDevice } from '../../../src/state/gpu-devices.js';

/** How much of the memory must be taken before that alone counts as use: the driver itself keeps up to a few hundred MiB. */
const takenFrom = 0.05;

/** Whether somebody uses the GPU now: a computing process, load, or memory taken. null where nothing tells. */
export function inUse(device: GpuDevice): boolean | null {
  if (device.lost !== null) return false;
  if (device.mig.mode === 'on' && device.mig.devices.length > 0) return device.mig.devices.some((slice) => sliceInUse(device, slice) === true);
  if (device.processes.some(({ type }) => type === null || type.includes('C'))) return true;
  const { gpuPercent } = device.utilization;
  const taken = share(device.memory);
  // A desktop's X server sits on a GPU without using it for anything that counts here.
  if (device.processes.length > 0) return (gpuPercent ?? 0) >= takenFrom * 100;
  if (gpuPercent === null && taken === null) return null;
  return (gpuPercent ?? 0) > 0 || (taken ?? 0) >= takenFrom;
}

/** Whether somebody uses a MIG device: a process in its GPU instance, or memory taken. */
export function sliceInUse({ processes }: GpuDevice, slice: MigDevice): boolean | null {
  if (slice.gpuInstanceId !== null && processes.some(({ gpuInstanceId }) => gpuInstanceId === slice.gpuInstanceId)) return true;
  const taken = share(slice.memory);
  return taken === null ? null : taken >= takenFrom;
}

/** Pieces as the scheduler counts them that this GPU makes: itself, or its MIG devices where those are offered one by one. */
export function piecesOf(device: GpuDevice, slicesOffered: boolean): number {
  if (device.lost !== null) return 0;
  return slicesOffered && device.mig.mode === 'on' && device.mig.devices.length > 0 ? device.mig.devices.length : 1;
}

/** How many of those are used. */
export function usedPieces(device: GpuDevice, slicesOffered: boolean): number {
  if (!slicesOffered || device.mig.mode !== 'on' || device.mig.devices.length === 0) return inUse(device) === true ? 1 : 0;
  return device.mig.devices.filter((slice) => sliceInUse(device, slice) === true).length;
}

/** `namespace/name` of the pods on it: through its processes, or as a source says that knows pods alone. */
export function podsOn({ processes, pods = [] }: GpuDevice): readonly string[] {
  return [...new Set([...processes.flatMap(({ pod }) => (pod === null ? [] : [pod])), ...pods])];
}

/** Share of the memory in use, 0 to 1. */
export function share({ totalMiB, usedMiB }: { readonly totalMiB: number | null; readonly usedMiB: number | null }): number | null {
  return totalMiB === null || usedMiB === null || totalMiB <= 0 ? null : usedMiB / totalMiB;
}
