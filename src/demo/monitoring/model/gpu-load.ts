import type { GpuModel } from '../../seed/gpu-models.js';
import type { ClusterModel } from './cluster-model.js';
import type { GpuDevice, Holder, MigDevice } from './gpu-devices.js';
import { between } from './hash.js';
import type { NodeRecord } from './node-record.js';
import { noise } from './noise.js';
import type { PodRecord } from './pod-record.js';
import { appOfServer, loadAt, servicesOf } from './service-model.js';
import { mapSteps, type Steps, stepAt } from './steps.js';

/** How a GPU is used at any moment (seconds since 1970). */
export interface GpuLoad {
  /** Share of time with work on it, 0 to 1. */
  busy(time: number): number;
  /** Degrees Celsius. */
  temperature(time: number): number;
  /** Watts. */
  power(time: number): number;
  /** Millijoules since a fixed moment. */
  energy(time: number): number;
  /** Framebuffer in use, MiB. */
  memory(time: number): number;
}

/** The load of a GPU, whole, shared or cut up. */
export function gpuLoad(model: ClusterModel, node: NodeRecord, device: GpuDevice): GpuLoad {
  const name = `${node.name}/gpu${device.index}`;
  const kind: GpuModel | null = node.machine?.hardware.gpu ?? null;
  const [idleLow, idleHigh] = kind?.idleW ?? [48, 58];
  const limit = kind?.limitW ?? 400;
  const warmth = noise(`${name}/warmth`, 0.05);
  const holders = holdersOver(device.holders);
  const ambient = between(name, 27, 33);
  const idlePower = between(`${name}/idle`, idleLow, idleHigh);
  // What a board draws at most for such work: an A100 of 400 W about 340 W.
  const range = limit * 0.7125;
  const busy = (time: number): number => (device.mig.length > 0 ? busyOfParts(model, device.mig, time) : together(model, stepAt(holders, time) ?? [], time));
  const everybody = holdersOver([...device.holders, ...device.mig.flatMap((part) => part.holders)]);
  const meanPower = mapSteps(everybody, (pods) => idlePower + (pods.length === 0 ? 0 : range * 0.58));
  return {
    busy,
    temperature: (time) => (ambient + 38 * busy(time)) * warmth.at(time),
    power: (time) => (idlePower + range * busy(time)) * warmth.at(time),
    energy: (time) => energyOf(meanPower, node.boots.at(-1)?.value ?? 0, time) * 1000,
    memory: (time) =>
      device.mig.length > 0
        ? device.mig.reduce((sum, part) => sum + partLoad(model, part).memory(time), 0)
        : Math.min(device.memory - 700, 4 + memoryOfAll(model, stepAt(holders, time) ?? [], device.memory, time)),
  };
}

/** The load of a MIG device: its share of the work, and its own memory. */
export function partLoad(model: ClusterModel, part: MigDevice): Pick<GpuLoad, 'busy' | 'memory'> {
  const holders = holdersOver(part.holders);
  return {
    busy: (time) => together(model, stepAt(holders, time) ?? [], time),
    memory: (time) => Math.min(part.size.memoryMi - 200, 12 + memoryOfAll(model, stepAt(holders, time) ?? [], part.size.memoryMi, time)),
  };
}

/** Framebuffer that one pod uses on one device, MiB; `size` is the device's. A pod whose program does not run uses none. */
export function gpuMemoryOf(model: ClusterModel, pod: PodRecord, size: number, time: number): number {
  if (!pod.running.some(({ from, to }) => from <= time && time < to)) return 0;
  const app = appOfServer(pod);
  const usual = (app === null ? undefined : servicesOf(model).get(app)?.profile.gpuMemory) ?? Math.round(size * 0.71);
  return Math.min(usual, Math.round(size * 0.9));
}

/** Who holds a device at each moment, first come first. */
export function holdersOver(holders: readonly Holder[]): Steps<readonly PodRecord[]> {
  const moments = [...new Set(holders.flatMap(({ span }) => [span.from, span.to]))].filter(Number.isFinite).sort((a, b) => a - b);
  const at = (time: number) => holders.filter(({ span }) => span.from <= time && time < span.to).map(({ pod }) => pod);
  return [{ from: Number.NEGATIVE_INFINITY, value: [] }, ...moments.map((from) => ({ from, value: at(from) }))];
}

/** Several on one GPU take turns: the time in which nobody works shrinks with each of them. */
function together(model: ClusterModel, pods: readonly PodRecord[], time: number): number {
  if (pods.length === 1 && pods[0] !== undefined) return busyOf(model, pods[0], time);
  return Math.min(0.99, 1 - pods.reduce((idle, pod) => idle * (1 - busyOf(model, pod, time)), 1));
}

function busyOfParts(model: ClusterModel, parts: readonly MigDevice[], time: number): number {
  const all = parts.reduce((sum, { size }) => sum + size.multiprocessors, 0);
  return parts.reduce((sum, part) => sum + partLoad(model, part).busy(time) * part.size.multiprocessors, 0) / Math.max(1, all);
}

function memoryOfAll(model: ClusterModel, pods: readonly PodRecord[], size: number, time: number): number {
  return pods.reduce((sum, pod) => sum + gpuMemoryOf(model, pod, size, time), 0);
}

function busyOf(model: ClusterModel, pod: PodRecord, time: number): number {
  const app = appOfServer(pod);
  const service = app === null ? undefined : servicesOf(model).get(app);
  if (service !== undefined) return pod.ready.some(({ from, to }) => from <= time && time < to) ? loadAt(service, pod, time) : 0;
  return pod.running.some(({ from, to }) => from <= time && time < to) ? 0.78 * noise(`${pod.name}/gpu`, 0.12).at(time) : 0;
}

function energyOf(power: Steps<number>, from: number, time: number): number {
  let joules = 0;
  for (const [index, { from: begin, value }] of power.entries()) {
    const end = Math.min(time, power[index + 1]?.from ?? time);
    joules += Math.max(0, end - Math.max(begin, from)) * value;
  }
  return joules;
}
