/** What a demo machine is made of. */
export interface Hardware {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** Last part of its address in 10.0.0.0/16 and of its pod network in 10.244.0.0/16. */
  readonly number: number;
  readonly cpus: number;
  readonly memoryKi: number;
  readonly diskKi: number;
  readonly gpu: GpuModel | null;
  readonly gpus: number;
}

export interface GpuModel {
  /** As GPU feature discovery writes it in `nvidia.com/gpu.product`. */
  readonly product: string;
  readonly memoryMi: number;
  readonly family: string;
  readonly compute: readonly [major: string, minor: string];
}

const a16: GpuModel = { product: 'NVIDIA-A16', memoryMi: 15_356, family: 'ampere', compute: ['8', '6'] };
const a100: GpuModel = { product: 'NVIDIA-A100-SXM4-80GB', memoryMi: 81_920, family: 'ampere', compute: ['8', '0'] };

/** The control plane, then GPU workers gpu-1, gpu-2, …: `count` machines in all. */
export function hardware(count: number): Hardware[] {
  const machines: Hardware[] = [
    { name: 'controlplane', role: 'control-plane', number: 10, cpus: 32, memoryKi: 131_767_828, diskKi: 479_079_112, gpu: a16, gpus: 1 },
  ];
  for (let place = 1; place < count; place++) {
    machines.push({
      name: `gpu-${place}`,
      role: 'worker',
      number: 10 + place,
      cpus: 128,
      memoryKi: 1_056_270_544,
      diskKi: 1_845_498_120,
      gpu: a100,
      gpus: 8,
    });
  }
  return machines;
}

export function addressOf({ number }: Hardware): string {
  return `10.0.${number >> 8}.${number & 255}`;
}

/** `10.244.N`: a /24 for each machine, as kubeadm's controller manager hands them out. */
export function podNetworkOf({ number }: Hardware): string {
  const place = number - 10;
  return `10.${244 + (place >> 8)}.${place & 255}`;
}
