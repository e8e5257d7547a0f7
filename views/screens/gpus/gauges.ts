import type { GpuDevice } from '../../../src/state/gpu-devices.js';
import { bar } from '../../../src/text/bar.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import type { GpuSample } from '../../gpu-history.js';
import { share, sliceInUse } from './gpu-usage.js';

/** One quantity of a GPU as it is drawn: a level, words for it, and the scale of its history. */
export interface Gauge {
  /** 0 to 1; null where there is no level to draw. */
  readonly level: number | null;
  /** The value in words, from the fullest to the shortest; where there is none, why. */
  readonly texts: readonly string[];
  readonly tone: Tone;
  readonly pick: (sample: GpuSample) => number | null;
  readonly high: number;
}

export interface Gauges {
  readonly util: Gauge;
  readonly memory: Gauge;
  readonly temperature: Gauge;
  readonly power: Gauge;
}

/** What changes quickly on a GPU. A value that it does not give has no level and says why. */
export function gaugesOf(device: GpuDevice): Gauges {
  return { util: util(device), memory: memory(device), temperature: temperature(device), power: power(device) };
}

/** A bar of `width` columns; where there is no level, blanks. */
export function gaugeBar({ level, tone }: Gauge, width: number): Line {
  if (level === null) return line(['dim', '·'.repeat(Math.max(0, width))]);
  // What a driver keeps for itself is no use worth a mark.
  const drawn = bar(level < 0.01 ? 0 : level, width);
  const rest = drawn.indexOf('░');
  return rest < 0 ? line([tone, drawn]) : line([tone, drawn.slice(0, rest)], ['dim', drawn.slice(rest)]);
}

/** The fullest of a gauge's words that fits. */
export function gaugeText({ texts }: Gauge, width: number): string {
  return texts.find((text) => text.length <= width) ?? texts.at(-1) ?? '';
}

/** Why the device does not give a value: nvidia-smi's own words, short. */
export function whyNot({ unavailable, lost }: GpuDevice, field: string): string {
  return (unavailable[field] ?? (lost === null ? 'not given' : 'the GPU is lost')).replace(/^\[(.*)\]$/, '$1');
}

function util(device: GpuDevice): Gauge {
  const { gpuPercent } = device.utilization;
  const common = { pick: (sample: GpuSample) => sample.gpuPercent, high: 100, tone: 'good' as const };
  if (gpuPercent !== null) return { ...common, level: gpuPercent / 100, texts: [`${Math.round(gpuPercent)}%`] };
  if (device.mig.mode === 'on') {
    // A GPU that is cut up does not tell its load: what can be said is how many of its pieces are taken.
    const { devices } = device.mig;
    const used = devices.filter((slice) => sliceInUse(device, slice) === true).length;
    const texts = [`${used}/${devices.length} slices`, `${used}/${devices.length}`];
    return { ...common, level: devices.length === 0 ? null : used / devices.length, texts, tone: 'accent', pick: () => null };
  }
  return { ...common, level: null, texts: [whyNot(device, 'utilization.gpuPercent'), 'N/A'] };
}

function memory(device: GpuDevice): Gauge {
  const { totalMiB, usedMiB } = device.memory;
  const level = share(device.memory);
  const common = { pick: ({ memory: own }: GpuSample) => (own === null ? null : own * 100), high: 100 };
  if (level === null || totalMiB === null || usedMiB === null) return { ...common, level: null, tone: 'dim', texts: [whyNot(device, 'memory.usedMiB'), 'N/A'] };
  const used = gib(usedMiB);
  const total = gib(totalMiB);
  return { ...common, level, tone: level >= 0.98 ? 'warn' : 'accent', texts: [`${used}/${total} GiB`, `${used}/${total}G`, `${Math.round(level * 100)}%`] };
}

function temperature(device: GpuDevice): Gauge {
  const { temperatureC, slowdownC } = device;
  const high = slowdownC ?? 100;
  const common = { pick: (sample: GpuSample) => sample.temperatureC, high };
  if (temperatureC === null) return { ...common, level: null, tone: 'dim', texts: [whyNot(device, 'temperatureC'), 'N/A'] };
  const limit = slowdownC ?? 90;
  const tone: Tone = temperatureC >= limit - 3 ? 'bad' : temperatureC >= limit - 10 ? 'warn' : 'good';
  const texts = [...(slowdownC === null ? [] : [`${temperatureC} of ${slowdownC} °C`]), `${temperatureC} °C`, `${temperatureC}°C`];
  return { ...common, level: temperatureC / high, tone, texts };
}

function power(device: GpuDevice): Gauge {
  const { drawW, limitW } = device.power;
  const common = { pick: (sample: GpuSample) => sample.powerW, high: limitW ?? 0 };
  if (drawW === null) return { ...common, level: null, tone: 'dim', texts: [whyNot(device, 'power.drawW'), 'N/A'] };
  const drawn = Math.round(drawW);
  if (limitW === null) return { ...common, high: Math.max(drawn, 1), level: null, tone: 'good', texts: [`${drawn} W`] };
  // At its limit is where a GPU that is made good use of stands: no alarm.
  return { ...common, level: drawW / limitW, tone: drawW > limitW * 1.05 ? 'warn' : 'good', texts: [`${drawn}/${Math.round(limitW)} W`, `${drawn} W`] };
}

/** MiB as GiB with one decimal, or none from 100 on. */
export function gib(mib: number): string {
  const value = mib / 1024;
  return value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
}
