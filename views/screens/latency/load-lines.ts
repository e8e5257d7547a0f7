import { type Slice, whyMissing } from '../../../src/state/freshness.js';
import type { Load, LoadLevel, LoadOf } from '../../../src/state/load.js';
import { type Line, line, type Tone } from '../../../src/text/line.js';
import { flowing } from '../../widgets/flowing.js';
import { dimmed } from '../../widgets/freshness-note.js';

/** Which levels call for attention. */
export const loadTones: Readonly<Record<LoadLevel, Tone>> = { Empty: 'dim', Light: 'good', Modest: 'good', Elevated: 'warn', High: 'warn', Critical: 'bad' };

/** How busy the cluster is and what of, then each node with its level, the busiest first. At most `room` lines. */
export function loadLines(load: Slice<Load>, width: number, room: number): readonly Line[] {
  const { value } = load;
  if (value === null) {
    const sign = load.freshness.status === 'loading' ? '◌' : '·';
    return [line(['dim', `${sign} load: ${whyMissing(load) ?? ''}`])];
  }
  const whole = value.cluster === null ? line(['dim', 'cluster: not known']) : line(['strong', 'cluster '], loadOf(value.cluster));
  const nodes = [...value.nodes].sort(([, a], [, b]) => levels.indexOf(b.level) - levels.indexOf(a.level)).map(([name, own]) => line(`${name} `, short(own)));
  const notes = value.notes.map((note) => line(['warn', '! '], ['dim', note]));
  const lines = [whole, ...flowing(nodes, width), ...notes].slice(0, room);
  return load.freshness.status === 'stale' ? lines.map(dimmed) : lines;
}

const levels: readonly LoadLevel[] = ['Empty', 'Light', 'Modest', 'Elevated', 'High', 'Critical'];

function loadOf({ level, cpuPercent, gpuPercent, cpuPressurePercent, memoryPressurePercent, raisedBy }: LoadOf): Line {
  const parts = [
    `CPU ${percent(cpuPercent)}`,
    `GPU ${percent(gpuPercent)}`,
    `waiting for CPU ${percent(cpuPressurePercent)}`,
    `for memory ${percent(memoryPressurePercent)}`,
  ];
  return line([loadTones[level], level], ['dim', '  '], parts.join(' · '), raisedBy === null ? '' : ['warn', `  raised by ${raisedBy}`]);
}

function short({ level, cpuPercent, gpuPercent }: LoadOf): Line {
  return line([loadTones[level], level], ['dim', ` CPU ${percent(cpuPercent)} GPU ${percent(gpuPercent)}`]);
}

function percent(value: number | null): string {
  return value === null ? '?' : `${Math.round(value)} %`;
}
