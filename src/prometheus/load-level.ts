import type { LoadLevel, LoadOf } from '../state/load.js';

/** What one evaluation measured, all over 5 minutes; null where nothing tells. */
export type LoadMeasures = Omit<LoadOf, 'level' | 'raisedBy'>;

/** What a state's history comes to. */
export interface LoadMemory {
  readonly level: LoadLevel;
  /** What the last evaluation said, when that was another level than the one that holds. */
  readonly other: LoadLevel | null;
}

/** From the least to the most; the guides leave 10 to 40 and 60 to 70 percent open, and the names for these are ours. */
export const loadLevels: readonly LoadLevel[] = ['Empty', 'Light', 'Modest', 'Elevated', 'High', 'Critical'];

/** The level of so much use: percent of the busier of CPU and GPU. The edges belong where the guides put them: 40 and 60 are Modest, 70 and 90 High. */
export function loadLevel(percent: number): LoadLevel {
  if (percent > 90) return 'Critical';
  if (percent >= 70) return 'High';
  if (percent > 60) return 'Elevated';
  if (percent >= 40) return 'Modest';
  return percent >= 10 ? 'Light' : 'Empty';
}

/** The level that one evaluation says, raised by one where tasks wait: CPU pressure above 25 %, or memory pressure (all tasks) above 1 %. Null where neither CPU nor GPU is known. */
export function evaluated(measures: LoadMeasures): { readonly level: LoadLevel; readonly raisedBy: string | null } | null {
  const { cpuPercent, gpuPercent, cpuPressurePercent, memoryPressurePercent } = measures;
  const known = [cpuPercent, gpuPercent].filter((percent) => percent !== null);
  if (known.length === 0) return null;
  const level = loadLevel(Math.max(...known));
  const raisedBy = [
    ...(cpuPressurePercent !== null && cpuPressurePercent > 25 ? [`CPU pressure ${Math.round(cpuPressurePercent)} %`] : []),
    ...(memoryPressurePercent !== null && memoryPressurePercent > 1 ? [`memory pressure ${rounded(memoryPressurePercent)} %`] : []),
  ];
  if (raisedBy.length === 0) return { level, raisedBy: null };
  return { level: loadLevels[Math.min(loadLevels.length - 1, loadLevels.indexOf(level) + 1)] ?? level, raisedBy: raisedBy.join(', ') };
}

/** The level that holds after one more evaluation: another one only when two in a row lie on the same side of it, and then the nearer of the two. The first evaluation counts at once. */
export function settledLevel(before: LoadMemory | null, said: LoadLevel): LoadMemory {
  if (before === null || said === before.level) return { level: said, other: null };
  if (before.other === null) return { level: before.level, other: said };
  const [held, first, second] = [before.level, before.other, said].map((level) => loadLevels.indexOf(level));
  if (held === undefined || first === undefined || second === undefined || first > held !== second > held) return { level: before.level, other: said };
  const nearer = first > held ? Math.min(first, second) : Math.max(first, second);
  const level = loadLevels[nearer] ?? said;
  return { level, other: level === said ? null : said };
}

function rounded(percent: number): number {
  return percent >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10;
}
