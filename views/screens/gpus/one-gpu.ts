import { duration } from '../../../src/text/age.js';
import { fitLine, type Line, line, lineWidth, spread } from '../../../src/text/line.js';
import { pad } from '../../../src/text/width.js';
import { deviceKey, type GpuHistory, type GpuSample, wideTrend } from '../../gpu-history.js';
import { areaChart } from '../../widgets/area-chart.js';
import { table } from '../../widgets/sections.js';
import { throttleName } from './device-notes.js';
import type { DeviceRow } from './device-rows.js';
import { type Gauge, gaugeBar, gaugesOf, gaugeText, gib } from './gauges.js';
import { sliceInUse } from './gpu-usage.js';
import { shortProduct } from './ledger-rows.js';

export const leastOneGpuHeight = 12;

export function oneGpuTitle({ machine, device }: DeviceRow): string {
  return `GPU ${device.index} ${shortProduct(device.name) ?? ''} on ${machine.node}`;
}

/** One GPU over the whole panel: its gauges as charts, how it is set, who is on it. */
export function oneGpuLines(row: DeviceRow, history: GpuHistory, now: number, width: number, height: number): readonly Line[] {
  const state = stateLines(row, width);
  const users = userLines(row, width, Math.max(3, Math.floor(height / 4)));
  const left = height - state.length - users.length;
  const fourRows = left >= 18;
  const rows = Math.max(2, Math.min(fourRows ? Math.floor((left - 5) / 2) : left - 4, 12));
  return [...gpuCharts(row, history, now, width, rows, fourRows), ...state, ...users];
}

/** The four gauges of a GPU with their history: two by two where there is height for it, else load and memory large with the others beside their titles. */
export function gpuCharts({ machine, device }: DeviceRow, history: GpuHistory, now: number, width: number, rows: number, four: boolean): readonly Line[] {
  const samples = history.get(deviceKey(machine.node, device)) ?? [];
  const { util, memory, temperature, power } = gaugesOf(device);
  const columns = Math.floor((width - 4) / 2);
  const pair = (left: readonly Line[], right: readonly Line[]) =>
    left.map((one, index) => line(fitLine(one, columns), '    ', fitLine(right[index] ?? [], columns)));
  const top = pair(chart('Load', util, samples, now, columns, rows), chart('Memory', memory, samples, now, columns, rows));
  const below = four
    ? pair(chart('Temperature', temperature, samples, now, columns, rows), chart('Power', power, samples, now, columns, rows))
    : pair([level('Temperature', temperature, columns)], [level('Power', power, columns)]);
  return [...top, ...below, []];
}

/** Title with bar and value, the history below it, and how far back it goes. */
function chart(title: string, gauge: Gauge, samples: readonly GpuSample[], now: number, width: number, rows: number): readonly Line[] {
  const { values, spanMs } = wideTrend(samples, width * 2, now, gauge.pick);
  const known = values.filter((value) => value !== null).length;
  const drawn = areaChart(values, width, rows, { high: gauge.high }).map((text) => line([gauge.tone, text]));
  const middle = Math.floor(rows / 2);
  const empty = known === 0 ? `no history: ${gauge.texts[0] ?? ''}` : null;
  const lines = empty === null ? drawn : drawn.map((one, index) => (index === middle ? line(['dim', empty]) : one));
  const back = line(['dim', `-${duration(spanMs)}`]);
  return [
    level(title, gauge, width),
    ...lines,
    spread(line(back, ['dim', ` ${'─'.repeat(Math.max(0, width - lineWidth(back) - 5))}`]), line(['dim', ' now']), width),
  ];
}

function level(title: string, gauge: Gauge, width: number): Line {
  const text = gaugeText(gauge, 18);
  const room = Math.max(4, width - 13 - text.length - 2);
  const bar = gauge.level === null ? line(' '.repeat(room)) : gaugeBar(gauge, room);
  return fitLine(
    line(['strong', pad(title, 12)], ' ', bar, '  ', [gauge.level === null ? 'dim' : gauge.tone === 'accent' ? 'plain' : gauge.tone, text]),
    width,
  );
}

function stateLines({ machine, device }: DeviceRow, width: number): readonly Line[] {
  const { report } = machine;
  const { ecc, clocks, throttleReasons } = device;
  const facts: readonly (string | null)[] = [
    device.performanceState,
    clocks.smMHz === null ? null : `SM ${clocks.smMHz} MHz`,
    device.fanPercent === null ? null : `fan ${device.fanPercent}%`,
    device.persistence === null ? null : `persistence ${device.persistence}`,
    device.mig.mode === null ? null : `MIG ${device.mig.mode}`,
    report.status === 'ok' && report.driverVersion !== null ? `driver ${report.driverVersion}` : null,
    report.status === 'ok' && report.cudaVersion !== null ? `CUDA ${report.cudaVersion}` : null,
  ];
  const counted = `ECC ${ecc.mode ?? 'not given'}${ecc.mode === 'on' ? `, ${ecc.correctable ?? '?'} corrected, ${ecc.uncorrectable ?? '?'} not` : ''}`;
  const throttled =
    throttleReasons.length === 0 ? line(['good', '✓'], ' not throttled') : line(['warn', '!'], ` throttled: ${throttleReasons.map(throttleName).join(', ')}`);
  return [
    fitLine(line(['dim', facts.filter((fact) => fact !== null).join(' · ')]), width),
    fitLine(line(throttled, '   ', (ecc.uncorrectable ?? 0) > 0 ? ['bad', `✗ ${counted}`] : ['dim', counted]), width),
  ];
}

/** Who is on it; a list that is too long ends with how many more there are. */
function userLines({ device }: DeviceRow, width: number, most: number): readonly Line[] {
  const slices = device.mig.devices;
  if (slices.length > 0) {
    const marks = slices.map((slice) => (sliceInUse(device, slice) === true ? (['accent', '▆▆ '] as const) : (['dim', '░░ '] as const)));
    return [[], line(['strong', 'MIG devices  '], ...marks)].map((one) => fitLine(one, width));
  }
  if (device.processes.length === 0) {
    const pods = device.pods ?? [];
    return [[], pods.length > 0 ? line(['dim', 'held by '], pods.join(', ')) : line(['dim', device.unavailable['processes'] ?? 'no process uses it'])];
  }
  const shown = device.processes.slice(0, Math.max(1, most - 2));
  const rows = shown.map(({ pid, name, type, usedMiB, pod }) => [
    line(String(pid)),
    line(['dim', type ?? '–']),
    line(usedMiB === null ? ['dim', '–'] : `${gib(usedMiB)} GiB`),
    pod === null ? line(['dim', 'no pod known']) : line(pod),
    line(['dim', name ?? '–']),
  ]);
  const more = device.processes.length - shown.length;
  return [
    [],
    ...table(['PID', 'TYPE', 'MEMORY', 'POD', 'PROCESS'], rows, width, new Set(['PID', 'MEMORY'])),
    ...(more > 0 ? [line(['dim', `and ${more} more: enter`])] : []),
  ];
}
