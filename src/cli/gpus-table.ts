import type { GpuDevice, MachineGpus } from '../state/gpu-devices.js';
import { bar } from '../text/bar.js';
import { type Line, line, type Segment, type Tone } from '../text/line.js';
import { cut, fit, pad, widthOf } from '../text/width.js';

/**
 * One line for each GPU, after gpustat: `gpu-1 [0] NVIDIA A100 | 61 °C ▆▆▆▆▆░ 91% | 13.2 / 40.0 GiB | 254 / 400 W | ai/resnet50-x(12.9G)`, and one for each MIG device below it.
 * At most 100 columns; who uses the GPU gives way first. Machines without a report have a line that says why.
 */
export function gpusTable(machines: readonly MachineGpus[]): readonly Line[] {
  const rows = machines.flatMap((machine) => (machine.report.status === 'ok' ? machine.report.devices.map((device) => ({ machine, device })) : []));
  const nodeWidth = Math.min(widest(rows.map(({ machine }) => labelOf(machine))), 20);
  const indexWidth = widest(rows.map(({ device }) => String(device.index)));
  const nameWidth = Math.min(widest(rows.map(({ device }) => shortName(device))), nodeWidth > 12 ? 18 : 24);
  return machines.flatMap((machine) => {
    const { report } = machine;
    if (report.status !== 'ok')
      return [line(['strong', fit(labelOf(machine), nodeWidth)], nodeWidth === 0 ? '' : ' ', ['bad', cut(`✗ ${report.why}`, width - nodeWidth - 1)])];
    return report.devices.flatMap((device) => {
      const head: Line = [
        ...(nodeWidth === 0 ? [] : [segment('strong', `${fit(labelOf(machine), nodeWidth)} `)]),
        segment('accent', `[${String(device.index).padStart(indexWidth)}] `),
        segment('plain', fit(shortName(device), nameWidth)),
      ];
      const indent = ' '.repeat((nodeWidth === 0 ? 0 : nodeWidth + 1) + indexWidth + 3);
      return [
        within([...head, ...(device.lost === null ? values(device) : [segment('dim', ' | '), segment('bad', `✗ lost: ${device.lost}`)])]),
        ...migLines(device, indent, nameWidth),
      ];
    });
  });
}

const width = 100;
const barWidth = 6;

function labelOf({ node, source }: MachineGpus): string {
  return source === 'file' ? '' : node;
}

function shortName({ name }: GpuDevice): string {
  return (name ?? 'GPU').replace(/^NVIDIA /, '').replace(/^GeForce /, '');
}

function values(device: GpuDevice): Line {
  const { temperatureC, slowdownC, utilization, memory, power } = device;
  const divider = segment('dim', ' | ');
  return [
    divider,
    segment(heat(temperatureC, slowdownC), `${amount(temperatureC, 3)} °C`),
    segment('plain', ' '),
    ...(utilization.gpuPercent === null
      ? [segment('dim', pad('–', barWidth + 5, 'left'))]
      : [segment('good', bar(utilization.gpuPercent / 100, barWidth)), segment('plain', `${amount(utilization.gpuPercent, 4)}%`)]),
    divider,
    segment('plain', `${gib(memory.usedMiB, 5)} / ${gib(memory.totalMiB, 5)} GiB`),
    divider,
    segment('plain', `${amount(power.drawW, 4)} / ${amount(power.limitW, 4)} W`),
    ...marks(device),
    divider,
    ...users(device),
  ];
}

/** What is not as it should be. */
function marks({ throttleReasons, ecc }: GpuDevice): Line {
  const texts = [
    ...(throttleReasons.length === 0 ? [] : [throttleReasons.includes('sw_power_cap') && throttleReasons.length === 1 ? 'power cap' : 'throttled']),
    ...((ecc.uncorrectable ?? 0) > 0 ? [`${ecc.uncorrectable} ECC`] : []),
  ];
  return texts.map((text) => segment(text === 'power cap' ? 'warn' : 'bad', ` ! ${text}`));
}

function users({ processes, pods = [], unavailable }: GpuDevice): Line {
  if (processes.length > 0) {
    return processes.map(({ pod, name, pid, usedMiB }, position) => {
      const who = pod?.split('/')[1] ?? name?.split(' ')[0]?.split('/').at(-1) ?? `pid ${pid}`;
      return segment(pod === null ? 'plain' : 'accent', `${position === 0 ? '' : ' '}${who}${usedMiB === null ? '' : `(${gibShort(usedMiB)})`}`);
    });
  }
  if (pods.length > 0) return [segment('accent', pods.map((pod) => pod.split('/')[1] ?? pod).join(' '))];
  return [segment('dim', unavailable['processes'] === undefined ? 'no processes' : '–')];
}

function migLines({ mig }: GpuDevice, indent: string, nameWidth: number): readonly Line[] {
  return mig.devices.map(({ index, gpuInstanceId, memory, profile }) => {
    const name = `MIG ${index}${profile === undefined ? '' : ` ${profile}`}${gpuInstanceId === null ? '' : ` (GI ${gpuInstanceId})`}`;
    // Below the GPU's memory: MIG devices have no temperature, use and power of their own.
    const blank = ' '.repeat(3 + 6 + 1 + barWidth + 5);
    return within([
      segment('plain', indent),
      segment('dim', fit(name, nameWidth)),
      segment('plain', blank),
      segment('dim', ' | '),
      segment('plain', `${gib(memory.usedMiB, 5)} / ${gib(memory.totalMiB, 5)} GiB`),
    ]);
  });
}

function heat(temperature: number | null, slowdown: number | null): Tone {
  if (temperature === null) return 'dim';
  if (slowdown !== null && temperature >= slowdown) return 'bad';
  return temperature > 80 ? 'warn' : 'plain';
}

function amount(value: number | null, columns: number): string {
  return pad(value === null ? '–' : String(Math.round(value)), columns, 'left');
}

function gib(mib: number | null, columns: number): string {
  return pad(mib === null ? '–' : (mib / 1024).toFixed(1), columns, 'left');
}

function gibShort(mib: number): string {
  return mib >= 1024 ? `${(mib / 1024).toFixed(1)}G` : `${Math.round(mib)}M`;
}

function segment(tone: Tone, text: string): Segment {
  return { tone, text };
}

/** The line in at most 100 columns, cut with an ellipsis. */
function within(row: Line): Line {
  let left = width;
  return row.flatMap((part) => {
    if (left <= 0) return [];
    const own = widthOf(part.text);
    const text = own <= left ? part.text : cut(part.text, left);
    left -= own;
    return [{ ...part, text }];
  });
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}
