import { type GpuModel, type GpuModelName, gpuModels, migResource, wholeGpu } from './gpu-models.js';

/** What a demo machine is made of and how its GPUs are cut up. */
export interface Hardware {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** Whether the users' pods may run on it: on a control plane with its taint they may not. */
  readonly takesWork: boolean;
  /** Last part of its address in 10.0.0.0/16 and of its pod network in 10.244.0.0/16. */
  readonly number: number;
  readonly cpus: number;
  readonly memoryKi: number;
  readonly diskKi: number;
  readonly gpu: GpuModel | null;
  readonly gpus: number;
  /** MIG profiles by GPU, in the order of their devices; a GPU without any is whole. */
  readonly mig: readonly (readonly string[])[];
  /** How many pods share each whole GPU in turn; 1: none does. */
  readonly replicas: number;
  readonly runtime: 'containerd' | 'cri-o';
  /** The extended resources that its device plugin registers. */
  readonly resources: readonly string[];
}

/** What a scenario wants otherwise than usual of a machine. */
export interface MachineSetup {
  readonly gpu?: GpuModelName;
  readonly gpus?: number;
  readonly mig?: readonly (readonly string[])[];
  readonly replicas?: number;
  readonly runtime?: 'containerd' | 'cri-o';
  /** Size of its disk in GiB. */
  readonly diskGi?: number;
}

/** The control plane, then GPU workers gpu-1, gpu-2, …: `count` machines in all. `single` names a control plane that does the work too. */
export function hardware(count: number, setups: Readonly<Record<string, MachineSetup>> = {}, single: string | null = null): Hardware[] {
  const first = single ?? 'controlplane';
  const machines: Hardware[] = [
    assemble(
      { name: first, role: 'control-plane', takesWork: single !== null, number: 10, cpus: 32, memoryKi: 131_767_828, diskKi: 479_079_112 },
      { gpu: 'A16', gpus: 1, ...setups[first] },
    ),
  ];
  for (let place = 1; place < count; place++) {
    const name = `gpu-${place}`;
    const bare = { name, role: 'worker', takesWork: true, number: 10 + place, cpus: 128, memoryKi: 1_056_270_544, diskKi: 1_845_498_120 } as const;
    machines.push(assemble(bare, { gpu: 'A100-SXM4-80GB', gpus: 8, ...setups[name] }));
  }
  return machines;
}

type Bare = Pick<Hardware, 'name' | 'role' | 'takesWork' | 'number' | 'cpus' | 'memoryKi' | 'diskKi'>;

function assemble(bare: Bare, setup: MachineSetup): Hardware {
  const { gpu = 'A16', gpus = 0, mig = [], replicas = 1, runtime = 'containerd' } = setup;
  const whole = Array.from({ length: gpus }, (_, index) => (mig[index] ?? []).length === 0).includes(true);
  const resources = gpus === 0 ? [] : [...new Set([...(whole ? [wholeGpu] : []), ...mig.flat().map(migResource)])];
  const diskKi = setup.diskGi === undefined ? bare.diskKi : setup.diskGi * 2 ** 20;
  return { ...bare, diskKi, gpu: gpus > 0 ? gpuModels[gpu] : null, gpus, mig, replicas, runtime, resources };
}

export function addressOf({ number }: Hardware): string {
  return `10.0.${number >> 8}.${number & 255}`;
}

/** `10.244.N`: a /24 for each machine, as kubeadm's controller manager hands them out. */
export function podNetworkOf({ number }: Hardware): string {
  const place = number - 10;
  return `10.${244 + (place >> 8)}.${place & 255}`;
}
