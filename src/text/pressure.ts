import { duration } from './age.js';

/** "gpu-1 has had DiskPressure for 3h: clearing now will not last; free disk first": why evicted pods come again. Times are ms since the epoch. */
export function pressureWords({ node, type, since }: { readonly node: string; readonly type: string; readonly since: number | null }, now: number): string {
  const has = since === null ? `has ${type}` : `has had ${type} for ${duration(now - since)}`;
  return `${node} ${has}: clearing now will not last; ${remedies[type] ?? 'relieve it'} first`;
}

const remedies: Readonly<Record<string, string>> = {
  DiskPressure: 'free disk',
  MemoryPressure: 'see what uses its memory',
  PIDPressure: 'see what starts so many processes',
};
