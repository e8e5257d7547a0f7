import type { GpuDevice, GpuProcess, MachineGpus, MigDevice } from '../state/gpu-devices.js';
import { bar } from '../text/bar.js';
import { type Line, lineWidth, type Segment, type Tone } from '../text/line.js';
import { cut, fit, pad, widthOf } from '../text/width.js';

/**
 * One line for each GPU, after gpustat: `gpu-1 [0] A100-SXM4-40GB |  61°C ▆▆▆░  91% |  13.2/ 40.0 GiB |  254/ 400 W | resnet50-x(12.9G)`, and one for each MIG device below it.
 * At most 100 columns: who uses the GPU stands on a line of its own where it does not fit. Machines without a report have a line that says why.
 */
export function gpusTable(machines: readonly MachineGpus[]): readonly Line[] {
  const devices = machines.flatMap(({ report }) => (report.status === 'ok' ? report.devices : []));
  const nodeWidth = Math.min(widest(machines.map(labelOf)), 16);
  const columns = {
    nodeWidth,
    indexWidth: widest(devices.map(({ index }) => String(index))),
    nameWidth: Math.min(widest(devices.map(shortName)), nodeWidth > 12 ? 18 : 22),
  };
  return machines.flatMap((machine) => {
    const { report } = machine;
    const node = nodeWidth === 0 ? [] : [segment('strong', `${fit(labelOf(machine), nodeWidth)} `)];
    return report.status === 'ok'
      ? report.devices.flatMap((device) => deviceLines(device, node, columns))
      : [within([...node, segment('bad', `✗ ${report.why}`)])];
  });
}

const width = 100;
const barWidth = 4;
// Temperature, bar and percent.
const loadWidth = 5 + 1 + barWidth + 5;

interface Columns {
  readonly nodeWidth: number;
  readonly indexWidth: number;
  readonly nameWidth: number;
}

/** The GPU's own line, then its MIG devices. */
function deviceLines(device: GpuDevice, node: Line, { nodeWidth, indexWidth, nameWidth }: Columns): readonly Line[] {
  const indent = ' '.repeat((nodeWidth === 0 ? 0 : nodeWidth + 1) + indexWidth + 3);
  const head = [...node, segment('accent', `[${String(device.index).padStart(indexWidth)}] `), segment('plain', fit(shortName(device), nameWidth))];
  if (device.lost !== null) return [within([...head, segment('dim', ' | '), segment('bad', `✗ lost: ${device.lost}`)])];
  return [...usedLines([...head, ...values(device)], users(device), indent), ...migLines(device, indent, nameWidth)];
}

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
    segment(heat(temperatureC, slowdownC), `${amount(temperatureC, 3)}°C`),
    segment('plain', ' '),
    ...(utilization.gpuPercent === null
      ? [segment('dim', pad('–', barWidth + 5, 'left'))]
      : [segment('good', bar(utilization.gpuPercent / 100, barWidth)), segment('plain', `${amount(utilization.gpuPercent, 4)}%`)]),
    divider,
    segment('plain', `${gib(memory.usedMiB, 5)}/${gib(memory.totalMiB, 5)} GiB`),
    divider,
    segment('plain', `${amount(power.drawW, 4)}/${amount(power.limitW, 4)} W`),
    ...marks(device),
  ];
}

/** Who uses it behind the divider, or below where there is no room. */
function usedLines(row: Line, used: Line, indent: string): readonly Line[] {
  const together: Line = [...row, segment('dim', ' | '), ...used];
  if (lineWidth(together) <= width) return [together];
  // That nobody uses it is not worth a line.
  return used.every(({ tone }) => tone === 'dim') ? [within(row)] : [within(row), within([segment('plain', indent), ...used])];
}

/** What is not as it should be. */
function marks({ throttleReasons, ecc }: GpuDevice): Line {
  const texts = [
    ...(throttleReasons.length === 0 ? [] : [throttleReasons.includes('sw_power_cap') && throttleReasons.length === 1 ? 'power cap' : 'throttled']),
    ...((ecc.uncorrectable ?? 0) > 0 ? [`${ecc.uncorrectable} ECC`] : []),
  ];
  return texts.map((text) => segment(text === 'power cap' ? 'warn' : 'bad', ` ! ${text}`));
}

/** Who uses the GPU as a whole; processes on a MIG device stand on its line. */
function users({ processes, pods = [], unavailable, mig }: GpuDevice): Line {
  const own = processes.filter((process) => !mig.devices.some((device) => runsOn(process, device)));
  if (own.length > 0) return own.map(user);
  if (processes.length > 0) return [segment('dim', 'by MIG device')];
  if (pods.length > 0) return [segment('accent', pods.map((pod) => pod.split('/')[1] ?? pod).join(' '))];
  return [segment('dim', unavailable['processes'] === undefined ? 'no processes' : '–')];
}

function user({ pod, name, pid, usedMiB }: GpuProcess, position: number): Segment {
  const who = pod?.split('/')[1] ?? name?.split(' ')[0]?.split('/').at(-1) ?? `pid ${pid}`;
  return segment(pod === null ? 'plain' : 'accent', `${position === 0 ? '' : ' '}${who}${usedMiB === null ? '' : `(${gibShort(usedMiB)})`}`);
}

function runsOn({ gpuInstanceId }: GpuProcess, device: MigDevice): boolean {
  return gpuInstanceId !== null && gpuInstanceId === device.gpuInstanceId;
}

function migLines({ mig, processes }: GpuDevice, indent: string, nameWidth: number): readonly Line[] {
  return mig.devices.map((device) => {
    const { index, gpuInstanceId, memory, profile } = device;
    const used = processes.filter((process) => runsOn(process, device)).map(user);
    const name = `MIG ${index}${profile === undefined ? '' : ` ${profile}`}${gpuInstanceId === null ? '' : ` (GI ${gpuInstanceId})`}`;
    // Below the GPU's memory: MIG devices have no temperature, use and power of their own.
    const parts = [
      segment('dim', fit(name, nameWidth)),
      segment('dim', ` | ${' '.repeat(loadWidth)} | `),
      segment('plain', `${gib(memory.usedMiB, 5)}/${gib(memory.totalMiB, 5)} GiB`),
      ...(used.length === 0 ? [] : [segment('dim', ' | '), ...used]),
    ];
    return within([segment('plain', indent), ...parts]);
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
