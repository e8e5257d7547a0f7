import type { GpuReading } from '../gpu-readings.js';
import { ctime, cudaVersion, lostSentence, type SmiScene } from './answer.js';
import { performanceState } from './xml-board.js';

/** Plain `nvidia-smi`: the page as driver 580 prints it, 91 columns wide. Where a GPU is lost it says only that. */
export function smiTable({ machine, gpus, now }: SmiScene): string {
  const lost = gpus.filter(({ device }) => device.lost);
  if (lost.length > 0) return lost.map(lostSentence).join('');
  const version = machine.driver.module;
  const lines = [
    ctime(now).padEnd(31),
    border,
    `| NVIDIA-SMI ${version.padEnd(23)}Driver Version: ${version.padEnd(15)}CUDA Version: ${cudaVersion.padEnd(9)}|`,
    columns('-'),
    '| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |',
    '| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |',
    '|                                         |                        |               MIG M. |',
    columns('=').replaceAll(/^\+|\+$/g, '|'),
    ...gpus.flatMap((gpu) => [...gpuLines(gpu, machine.linux.persistence), columns('-')]),
    '',
    ...(gpus.some(({ parts }) => parts.length > 0) ? [...migLines(gpus), ''] : []),
    ...processLines(gpus),
  ];
  return `${lines.join('\n')}\n`;
}

const border = `+${'-'.repeat(89)}+`;
const columns = (fill: string) => `+${fill.repeat(41)}+${fill.repeat(24)}+${fill.repeat(22)}+`;

function gpuLines(gpu: GpuReading, persistent: boolean): string[] {
  const { device, kind, temperatureC, powerW, usedMi, busy } = gpu;
  const cut = device.mig.length > 0;
  const capable = Object.keys(kind.mig).length > 0;
  const power = `${Math.round(powerW)}W`.padStart(16);
  const memory = `${`${Math.round(usedMi)}MiB`.padStart(11)} / ${`${device.memory}MiB`.padStart(9)} `;
  const use = cut ? 'N/A' : `${Math.round(100 * busy)}%`;
  return [
    `|${String(device.index).padStart(4)}  ${device.model.padEnd(31)}${persistent ? 'On ' : 'Off'} |   ${device.pciBusId} Off |${(cut ? 'On' : '0').padStart(21)} |`,
    `| N/A${`${temperatureC}C`.padStart(6)}${performanceState(gpu).padStart(6)}${power} /${`${Math.round(kind.limitW)}W`.padStart(6)} |${memory}|${use.padStart(8)}${'Default'.padStart(13)} |`,
    `|${''.padEnd(41)}|${''.padEnd(24)}|${(cut ? 'Enabled' : capable ? 'Disabled' : 'N/A').padStart(21)} |`,
  ];
}

function migLines(gpus: readonly GpuReading[]): string[] {
  const rule = (fill: string, edge: string) => `${edge}${[18, 34, 11, 23].map((width) => fill.repeat(width)).join('+')}${edge}`;
  const rows = gpus.flatMap(({ device, parts }) =>
    parts.flatMap(({ device: part, usedMi }) => {
      const { size } = part;
      const ids = `${String(device.index).padStart(3)}${String(part.gpuInstanceId).padStart(5)}${'0'.padStart(4)}${String(part.index).padStart(4)}  `;
      const amounts = (used: number, total: number) => `${`${used}MiB`.padStart(19)} / ${`${total}MiB`.padStart(8)}    `;
      const engines = [size.copyEngines, 0, size.decoders, size.ofas, size.jpegs].map((count, place) =>
        String(count).padStart(place === 0 ? 3 : place === 1 ? 4 : 5),
      );
      return [
        `|${ids}|${amounts(Math.round(usedMi), size.memoryMi)}|${String(size.multiprocessors).padStart(3)}${'0'.padStart(7)} |${engines.join('')} |`,
        `|${''.padEnd(18)}|${amounts(0, size.bar1Mi)}|${''.padEnd(11)}|${''.padEnd(23)}|`,
        rule('-', '+'),
      ];
    }),
  );
  return [
    border,
    `| ${'MIG devices:'.padEnd(88)}|`,
    rule('-', '+'),
    '| GPU  GI  CI  MIG |              Shared Memory-Usage |        Vol|        Shared         |',
    '|      ID  ID  Dev |                Shared BAR1-Usage | SM     Unc| CE ENC  DEC  OFA  JPG |',
    '|                  |                                  |        ECC|                       |',
    rule('=', '|'),
    ...rows,
  ];
}

function processLines(gpus: readonly GpuReading[]): string[] {
  const rows = gpus.flatMap(({ device, processes }) =>
    processes.map(({ pid, name, usedMi, gpuInstanceId }) => {
      const instance = gpuInstanceId === null ? 'N/A' : String(gpuInstanceId);
      const ids = `${String(device.index).padStart(5)}${instance.padStart(6)}${(gpuInstanceId === null ? 'N/A' : '0').padStart(5)}`;
      return `|${ids}${String(pid).padStart(16)}${'C'.padStart(7)}   ${name.slice(0, 34).padEnd(36)}${`${usedMi}MiB`.padStart(10)} |`;
    }),
  );
  return [
    border,
    `| ${'Processes:'.padEnd(88)}|`,
    '|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |',
    '|        ID   ID                                                               Usage      |',
    `|${'='.repeat(89)}|`,
    ...(rows.length > 0 ? rows : [`| ${' No running processes found'.padEnd(88)}|`]),
    border,
  ];
}
