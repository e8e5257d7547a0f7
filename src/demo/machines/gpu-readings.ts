import type { KubeObject } from '../api/object-store.js';
import type { Machine } from '../controllers/machines.js';
import type { World } from '../controllers/world.js';
import { listAt, textAt } from '../fields.js';
import type { ClusterModel } from '../monitoring/model/cluster-model.js';
import { type GpuDevice, gpuDevicesOf, type Holder, type MigDevice } from '../monitoring/model/gpu-devices.js';
import { gpuLoad, gpuMemoryOf, partLoad } from '../monitoring/model/gpu-load.js';
import { hash } from '../monitoring/model/hash.js';
import type { PodRecord } from '../monitoring/model/pod-record.js';
import type { GpuModel } from '../seed/gpu-models.js';

/** One GPU as its driver sees it at a moment. */
export interface GpuReading {
  readonly device: GpuDevice;
  readonly kind: GpuModel;
  /** Share of the time with work on it, 0 to 1. */
  readonly busy: number;
  readonly temperatureC: number;
  readonly powerW: number;
  readonly usedMi: number;
  readonly energyJ: number;
  readonly parts: readonly PartReading[];
  readonly processes: readonly GpuProcess[];
}

export interface PartReading {
  readonly device: MigDevice;
  readonly usedMi: number;
}

export interface GpuProcess {
  readonly pid: number;
  readonly name: string;
  readonly usedMi: number;
  readonly gpuInstanceId: number | null;
  /** Of its /proc/PID/cgroup: the one line of cgroup v2. */
  readonly cgroup: string;
}

/** The GPUs of a machine now, in the order of their slots, those that fell off the bus among them. The same numbers as the cluster's DCGM metrics. */
export function readGpus(world: World, model: ClusterModel, machine: Machine): GpuReading[] {
  const node = model.node(machine.name);
  const kind = machine.hardware.gpu;
  if (node === null || kind === null) return [];
  const time = model.now();
  return gpuDevicesOf(model, node).map((device) => {
    const load = gpuLoad(model, node, device);
    const parts = device.mig.map((part) => ({ device: part, usedMi: partLoad(model, part).memory(time) }));
    const whole = processesOf(world, model, machine, device.holders, device.memory, `gpu${device.index}`, null, time);
    const sliced = device.mig.flatMap((part) =>
      processesOf(world, model, machine, part.holders, part.size.memoryMi, `gpu${device.index}/mig${part.index}`, part.gpuInstanceId, time),
    );
    return {
      device,
      kind,
      busy: load.busy(time),
      temperatureC: Math.round(load.temperature(time)),
      powerW: load.power(time),
      usedMi: load.memory(time),
      energyJ: load.energy(time) / 1000,
      parts,
      processes: [...whole, ...sliced],
    };
  });
}

function processesOf(
  world: World,
  model: ClusterModel,
  machine: Machine,
  holders: readonly Holder[],
  size: number,
  place: string,
  gpuInstanceId: number | null,
  time: number,
): GpuProcess[] {
  const now = holders.filter(({ span }) => span.from <= time && time < span.to).map(({ pod }) => pod);
  return now.flatMap((record) => {
    const pod = world.store.get('pods', record.name, record.namespace);
    const status = listAt(pod, 'status', 'containerStatuses')[0];
    const startedAt = textAt(status, 'state', 'running', 'startedAt');
    if (pod === null || startedAt === null) return [];
    const usedMi = gpuMemoryOf(model, record, size, time);
    if (usedMi === 0) return [];
    // A container that is started again gets new processes.
    const pid = 2_000 + (hash(`${record.uid}/${startedAt}/${place}`) % 4_190_000);
    return [{ pid, name: programOf(record), usedMi, gpuInstanceId, cgroup: cgroupOf(pod, status, machine) }];
  });
}

function programOf({ labels, containers }: PodRecord): string {
  const image = containers[0]?.image ?? '';
  if (/llama|notebook/.test(image)) return '/opt/conda/bin/python3';
  return labels['app'] === undefined ? 'python' : '/usr/local/bin/python3';
}

/** Where kubelet and runtime with the systemd driver put a container. */
function cgroupOf(pod: KubeObject, status: unknown, machine: Machine): string {
  const uid = (pod.metadata.uid ?? '').replaceAll('-', '_');
  const qos = (textAt(pod, 'status', 'qosClass') ?? 'Burstable').toLowerCase();
  const id = (textAt(status, 'containerID') ?? '').replace(/^.*:\/\//, '');
  const prefix = machine.hardware.runtime === 'cri-o' ? 'crio' : 'cri-containerd';
  const slice = qos === 'guaranteed' ? `kubepods-pod${uid}.slice` : `kubepods-${qos}.slice/kubepods-${qos}-pod${uid}.slice`;
  return `0::/kubepods.slice/${slice}/${prefix}-${id}.scope`;
}
