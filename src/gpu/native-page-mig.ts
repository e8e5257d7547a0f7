import type { GpuDevice, MigDevice } from '../state/gpu-devices.js';
import { pad } from '../text/width.js';

/** The box of MIG devices as nvidia-smi prints it between the GPUs and the processes, with the empty line after it; nothing where no GPU is in MIG mode. */
export function migTable(devices: readonly GpuDevice[]): readonly string[] {
  if (!devices.some(({ mig }) => mig.mode === 'on')) return [];
  const rows = devices.flatMap((device) => device.mig.devices.flatMap((mig) => migLines(device.index, mig)));
  return [
    rule,
    `| ${'MIG devices:'.padEnd(87)} |`,
    columnRule,
    '| GPU  GI  CI  MIG |                     Memory-Usage |        Vol|        Shared         |',
    '|      ID  ID  Dev |                       BAR1-Usage | SM     Unc| CE ENC  DEC  OFA  JPG |',
    '|                  |                                  |        ECC|                       |',
    `|${'='.repeat(18)}+${'='.repeat(34)}+${'='.repeat(11)}+${'='.repeat(23)}|`,
    ...(rows.length > 0 ? rows : [`|  ${'No MIG devices found'.padEnd(87)}|`, rule]),
    '',
  ];
}

const rule = `+${'-'.repeat(89)}+`;
const columnRule = `+${'-'.repeat(18)}+${'-'.repeat(34)}+${'-'.repeat(11)}+${'-'.repeat(23)}+`;

function migLines(gpu: number, { index, gpuInstanceId, computeInstanceId, memory, share }: MigDevice): readonly string[] {
  const left = (value: number | null | undefined, columns: number) => pad(value === null || value === undefined ? '-' : String(value), columns, 'left');
  const mib = (value: number | null | undefined, columns: number) =>
    pad(value === null || value === undefined ? 'N/A' : `${Math.round(value)}MiB`, columns, 'left');
  const engines = [share?.copyEngines, share?.encoders, share?.decoders, share?.ofas, share?.jpegs];
  const widths = [2, 3, 4, 4, 4];
  return [
    `| ${left(gpu, 2)}  ${left(gpuInstanceId, 3)} ${left(computeInstanceId, 3)} ${left(index, 3)}  |${mib(memory.usedMiB, 19)} / ${mib(memory.totalMiB, 8)}    | ${pad(share?.multiprocessors === null || share?.multiprocessors === undefined ? '-' : String(share.multiprocessors), 3)} ${left(share?.uncorrectable, 5)} |${engines.map((value, column) => left(value, (widths[column] ?? 4) + (column === 0 ? 1 : 0))).join(' ')} |`,
    `|${' '.repeat(18)}|${mib(share?.bar1.usedMiB, 21)} / ${mib(share?.bar1.totalMiB, 8)}  |${' '.repeat(11)}|${' '.repeat(23)}|`,
    columnRule,
  ];
}
