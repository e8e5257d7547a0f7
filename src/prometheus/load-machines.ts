import type { MachineGpus } from '../state/gpu-devices.js';
import type { HostState } from '../state/hosts.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { LoadMeasures } from './load-level.js';
import { mean } from './load-queries.js';

/**
 * How busy the machines say they are themselves, where Prometheus does not tell: the load average over 5 minutes per CPU (tasks that run or wait, which is more than the CPU's use where many wait), pressure over 10 seconds, and the GPUs
 * as nvidia-smi shows them now. Answers older than two minutes say nothing.
 */
export function loadOfMachines({ hosts, machineGpus }: Pick<ClusterSnapshot, 'hosts' | 'machineGpus'>, now: number): ReadonlyMap<string, LoadMeasures> {
  const names = new Set([...(hosts.value?.keys() ?? []), ...(machineGpus.value?.keys() ?? [])]);
  const known = [...names].flatMap((name) => {
    const host = hosts.value?.get(name);
    if (host !== undefined && host.node === null) return [];
    const measures = { ...ofHost(host, now), gpuPercent: ofGpus(machineGpus.value?.get(name), now) };
    return measures.cpuPercent === null && measures.gpuPercent === null ? [] : [[host?.node ?? name, measures] as const];
  });
  return new Map(known);
}

/** All machines as one: the mean of each measure over those that tell it. */
export function togetherOf(machines: Iterable<LoadMeasures>): LoadMeasures {
  const all = [...machines];
  return {
    cpuPercent: mean(all.map(({ cpuPercent }) => cpuPercent)),
    gpuPercent: mean(all.map(({ gpuPercent }) => gpuPercent)),
    cpuPressurePercent: mean(all.map(({ cpuPressurePercent }) => cpuPressurePercent)),
    memoryPressurePercent: mean(all.map(({ memoryPressurePercent }) => memoryPressurePercent)),
  };
}

function ofHost(host: HostState | undefined, now: number): Omit<LoadMeasures, 'gpuPercent'> {
  const facts = host?.facts ?? null;
  if (facts === null || now - facts.at > oldMs) return { cpuPercent: null, cpuPressurePercent: null, memoryPressurePercent: null };
  const { load, pressure } = facts;
  return {
    cpuPercent: load.known && load.value.cpus > 0 ? Math.min(100, (100 * load.value.five) / load.value.cpus) : null,
    cpuPressurePercent: pressure.known ? pressure.value.cpuSome : null,
    memoryPressurePercent: pressure.known ? pressure.value.memoryFull : null,
  };
}

function ofGpus(gpus: MachineGpus | undefined, now: number): number | null {
  if (gpus === undefined || gpus.report.status !== 'ok' || now - gpus.at > oldMs) return null;
  return mean(gpus.report.devices.map(({ utilization }) => utilization.gpuPercent));
}

const oldMs = 120_000;
