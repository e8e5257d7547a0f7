/** How many items stand where. */
export interface RunCounts {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly total: number;
}

export function runCounts(items: readonly { readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped' }[]): RunCounts {
  let [done, failed, skipped] = [0, 0, 0];
  for (const { state } of items) {
    if (state === 'done') done += 1;
    else if (state === 'failed') failed += 1;
    else if (state === 'skipped') skipped += 1;
  }
  return { done, failed, skipped, total: items.length };
}

/** How fast a run goes and how long it will take, from what it has done in `tookMs`; null while that is too little to tell. */
export function runRate({ done, failed, skipped, total }: RunCounts, tookMs: number): { readonly perSecond: number | null; readonly leftMs: number | null } {
  const ended = done + failed;
  if (ended === 0 || tookMs < 300) return { perSecond: null, leftMs: null };
  const perSecond = (ended / tookMs) * 1000;
  return { perSecond, leftMs: ((total - ended - skipped) / perSecond) * 1000 };
}
