/** A kind of GPU, with what it takes to tell of it as its driver does. */
export interface GpuModel {
  /** As nvidia-smi prints it. */
  readonly name: string;
  /** As GPU feature discovery writes it in `nvidia.com/gpu.product`. */
  readonly product: string;
  readonly memoryMi: number;
  /** What the driver keeps of it for itself. */
  readonly reservedMi: number;
  readonly bar1Mi: number;
  readonly family: string;
  readonly architecture: string;
  readonly compute: readonly [major: string, minor: string];
  readonly limitW: number;
  readonly leastLimitW: number;
  readonly idleW: readonly [low: number, high: number];
  readonly clocks: { readonly idle: number; readonly busy: number; readonly memory: number; readonly video: number };
  readonly temperatures: { readonly shutdown: number; readonly slowdown: number; readonly most: number; readonly memoryMost: number | null };
  readonly partNumber: string;
  readonly boardPartNumber: string;
  readonly vbios: string;
  readonly image: string;
  readonly pciDevice: string;
  readonly pciSubsystem: string;
  readonly pcieGeneration: number;
  readonly machine: string;
  /** By name: slices of the multiprocessors, memory, and what else comes with an instance; none where the GPU can't be cut up. */
  readonly mig: Readonly<Record<string, MigProfile>>;
}

export interface MigProfile {
  readonly memoryMi: number;
  readonly bar1Mi: number;
  readonly multiprocessors: number;
  readonly copyEngines: number;
  readonly decoders: number;
  readonly jpegs: number;
  readonly ofas: number;
  /** GPU instance ids that the driver gives to instances of this size, in its order. */
  readonly ids: readonly number[];
}

const profile = (memoryMi: number, bar1Mi: number, multiprocessors: number, slices: number, decoders: number, ids: readonly number[]): MigProfile => ({
  memoryMi,
  bar1Mi,
  multiprocessors,
  copyEngines: slices,
  decoders,
  jpegs: slices === 7 ? 1 : 0,
  ofas: slices === 7 ? 1 : 0,
  ids,
});

export const gpuModels = {
  A16: {
    name: 'NVIDIA A16',
    product: 'NVIDIA-A16',
    memoryMi: 15_356,
    reservedMi: 437,
    bar1Mi: 16_384,
    family: 'ampere',
    architecture: 'Ampere',
    compute: ['8', '6'],
    limitW: 62.5,
    leastLimitW: 40,
    idleW: [13, 16],
    clocks: { idle: 210, busy: 1695, memory: 7250, video: 1567 },
    temperatures: { shutdown: 98, slowdown: 95, most: 88, memoryMost: null },
    partNumber: '25B6-895-A1',
    boardPartNumber: '900-2G171-0010-000',
    vbios: '94.07.54.00.01',
    image: 'G171.0200.00.04',
    pciDevice: '25B610DE',
    pciSubsystem: '14A910DE',
    pcieGeneration: 4,
    machine: 'PowerEdge-R750',
    mig: {},
  },
  'A100-SXM4-80GB': {
    name: 'NVIDIA A100-SXM4-80GB',
    product: 'NVIDIA-A100-SXM4-80GB',
    memoryMi: 81_920,
    reservedMi: 636,
    bar1Mi: 131_072,
    family: 'ampere',
    architecture: 'Ampere',
    compute: ['8', '0'],
    limitW: 400,
    leastLimitW: 100,
    idleW: [48, 58],
    clocks: { idle: 210, busy: 1410, memory: 1593, video: 1290 },
    temperatures: { shutdown: 92, slowdown: 89, most: 85, memoryMost: 95 },
    partNumber: '20B2-895-A1',
    boardPartNumber: '692-2G506-0212-002',
    vbios: '92.00.81.00.06',
    image: 'G506.0212.00.02',
    pciDevice: '20B210DE',
    pciSubsystem: '147F10DE',
    pcieGeneration: 4,
    machine: 'PowerEdge-XE8545',
    mig: {
      '1g.10gb': profile(9_728, 16_383, 14, 1, 0, [7, 8, 9, 10, 11, 12, 13]),
      '2g.20gb': profile(19_968, 32_767, 28, 2, 1, [3, 4, 5]),
      '3g.40gb': profile(40_192, 65_535, 42, 3, 2, [2, 1]),
      '4g.40gb': profile(40_192, 65_535, 56, 4, 2, [1]),
      '7g.80gb': profile(81_050, 131_072, 98, 7, 5, [0]),
    },
  },
  'H100-80GB-HBM3': {
    name: 'NVIDIA H100 80GB HBM3',
    product: 'NVIDIA-H100-80GB-HBM3',
    memoryMi: 81_559,
    reservedMi: 549,
    bar1Mi: 131_072,
    family: 'hopper',
    architecture: 'Hopper',
    compute: ['9', '0'],
    limitW: 700,
    leastLimitW: 200,
    idleW: [68, 76],
    clocks: { idle: 345, busy: 1980, memory: 2619, video: 1545 },
    temperatures: { shutdown: 92, slowdown: 89, most: 87, memoryMost: 95 },
    partNumber: '2330-885-A1',
    boardPartNumber: '692-2G520-0200-000',
    vbios: '96.00.99.00.01',
    image: 'G520.0200.00.05',
    pciDevice: '233010DE',
    pciSubsystem: '16C110DE',
    pcieGeneration: 5,
    machine: 'PowerEdge-XE9680',
    mig: {
      '1g.10gb': profile(9_984, 16_383, 16, 1, 1, [7, 8, 9, 10, 11, 12, 13]),
      '2g.20gb': profile(20_096, 32_767, 32, 2, 2, [3, 4, 5]),
      '3g.40gb': profile(40_448, 65_535, 60, 3, 3, [2, 1]),
      '4g.40gb': profile(40_448, 65_535, 64, 4, 4, [1]),
      '7g.80gb': profile(81_040, 131_072, 132, 7, 7, [0]),
    },
  },
} as const satisfies Record<string, GpuModel>;

export type GpuModelName = keyof typeof gpuModels;

export const gpuModelNames: readonly GpuModelName[] = ['A16', 'A100-SXM4-80GB', 'H100-80GB-HBM3'];

export const wholeGpu = 'nvidia.com/gpu';

/** `nvidia.com/mig-3g.40gb` */
export function migResource(profile: string): string {
  return `nvidia.com/mig-${profile.replace('+', '.')}`;
}
