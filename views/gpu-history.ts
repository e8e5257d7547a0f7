import type { Slice } from '../src/state/freshness.js';
import type { GpuDevice, MachineGpus } from '../src/state/gpu-devices.js';
import type { Collection } from '../src/state/snapshot.js';

/** What one look at a GPU saw of what changes quickly; null where it does not say. */
export interface GpuSample {
  /** ms since the epoch. */
  readonly at: number;
  readonly gpuPercent: number | null;
  /** Share of the memory in use, 0 to 1. */
  readonly memory: number | null;
  readonly temperatureC: number | null;
  readonly powerW: number | null;
}

/** The last samples of each GPU, oldest first, by `deviceKey`. */
export type GpuHistory = ReadonlyMap<string, readonly GpuSample[]>;

export const emptyHistory: GpuHistory = new Map();

const mostSamples = 400;
// Hundreds of GPUs are looked at as a list, where no chart is wider than this.
const mostSamplesOfMany = 120;
const many = 64;

/** Identity of a GPU over time: the board in its machine, or its place there where it does not tell its UUID. */
export function deviceKey(node: string, { uuid, index }: Pick<GpuDevice, 'uuid' | 'index'>): string {
  return `${node}/${uuid ?? index}`;
}

/** The history with what a snapshot adds to it; the same object where that is nothing. GPUs that are no longer seen are forgotten with their machine. */
export function recordGpus(history: GpuHistory, { value, freshness }: Slice<Collection<MachineGpus>>): GpuHistory {
  if (value === null) return freshness.status === 'loading' ? emptyHistory : history;
  const devices = [...value.values()].flatMap(({ node, at, report }) => (report.status === 'ok' ? report.devices.map((device) => ({ node, at, device })) : []));
  const keep = devices.length > many ? mostSamplesOfMany : mostSamples;
  const changed = new Map<string, readonly GpuSample[]>();
  for (const { node, at, device } of devices) {
    const key = deviceKey(node, device);
    const known = history.get(key) ?? [];
    if ((known.at(-1)?.at ?? 0) < at && device.lost === null) changed.set(key, [...known.slice(Math.max(0, known.length + 1 - keep)), sampleOf(device, at)]);
  }
  return changed.size === 0 ? history : new Map([...history, ...changed]);
}

/**
 * The last `columns` moments as a series for a chart, newest last, at the pace of the samples themselves; null where there was no sample. The
 * newest sample stands at the end until it is overdue, so that a chart does not move unless there is something new.
 */
export function trend(
  samples: readonly GpuSample[],
  columns: number,
  now: number,
  pick: (sample: GpuSample) => number | null,
): { readonly values: readonly (number | null)[]; readonly stepMs: number } {
  const stepMs = pace(samples);
  const slots: (number | null)[] = Array.from({ length: columns }, () => null);
  const seen = samples.filter(({ at }) => at <= now);
  const newest = seen.at(-1);
  if (newest === undefined) return { values: slots, stepMs };
  const overdue = overdueSlots(newest.at, stepMs, now);
  const last = columns - 1 - overdue;
  let next: { readonly slot: number; readonly at: number } | null = null;
  for (let index = seen.length - 1; index >= 0; index -= 1) {
    const sample = seen[index];
    if (sample === undefined) break;
    const slot = last - Math.round((newest.at - sample.at) / stepMs);
    // A look that came a little late leaves no hole.
    const until: number = next !== null && next.at - sample.at <= late * stepMs ? next.slot - 1 : slot;
    for (let filled = Math.max(slot, 0); filled <= Math.max(slot, until) && filled < columns; filled += 1)
      if (slots[filled] === null) slots[filled] = pick(sample);
    if (slot < 0) break;
    next = { slot, at: sample.at };
  }
  return { values: slots, stepMs };
}

/** Like `trend`, but while there are few samples each takes several columns, so that a chart that has just begun can be read. */
export function wideTrend(
  samples: readonly GpuSample[],
  columns: number,
  now: number,
  pick: (sample: GpuSample) => number | null,
): { readonly values: readonly (number | null)[]; readonly spanMs: number } {
  const moments = Math.min(columns, Math.max(fewestMoments, samples.length + 2));
  const each = Math.max(1, Math.floor(columns / moments));
  const { values, stepMs } = trend(samples, Math.ceil(columns / each), now, pick);
  return { values: values.flatMap((value) => Array.from({ length: each }, () => value)).slice(-columns), spanMs: (columns / each) * stepMs };
}

const fewestMoments = 16;

/** What a chart of these samples depends on beside them, as one value: it changes when a sample goes missing or the picture is held before the newest. */
export function trendMoment(samples: readonly GpuSample[], now: number): number {
  const newest = samples.at(-1);
  if (newest === undefined) return 0;
  return newest.at > now ? -now : overdueSlots(newest.at, pace(samples), now);
}

function overdueSlots(newestAt: number, stepMs: number, now: number): number {
  return now - newestAt > late * stepMs ? Math.floor((now - newestAt) / stepMs) : 0;
}

/** How many times the usual spacing may pass before a sample counts as missing. */
const late = 1.8;
const usualPaceMs = 5000;

/** The usual spacing of the newest samples, ms. */
function pace(samples: readonly GpuSample[]): number {
  const recent = samples.slice(-12);
  const gaps = recent.flatMap(({ at }, index) => (index === 0 ? [] : [at - (recent[index - 1]?.at ?? at)])).sort((a, b) => a - b);
  return Math.max(500, gaps[Math.floor((gaps.length - 1) / 2)] ?? usualPaceMs);
}

function sampleOf({ utilization, memory, temperatureC, power }: GpuDevice, at: number): GpuSample {
  const { totalMiB, usedMiB } = memory;
  return {
    at,
    gpuPercent: utilization.gpuPercent,
    memory: totalMiB === null || usedMiB === null || totalMiB === 0 ? null : usedMiB / totalMiB,
    temperatureC,
    powerW: power.drawW,
  };
}
