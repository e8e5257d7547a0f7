import { useRef } from 'react';
import type { Line } from '../../src/text/line.js';
import { deviceKey, type GpuHistory, trendMoment } from '../gpu-history.js';
import type { CardLayout } from '../screens/gpus/card-layout.js';
import { cardLines } from '../screens/gpus/device-card.js';
import type { GpuRow } from '../screens/gpus/device-rows.js';

const minute = 60_000;
const noSamples: readonly never[] = [];

/** Draws GPUs' cards, each anew only when something in it is another: not each second for the clock's sake. */
export function useCards(): typeof cardLines {
  const drawn = useRef(new Map<string, { readonly keys: readonly unknown[]; readonly lines: readonly Line[] }>());
  return (row: GpuRow, layout: CardLayout, height: number, history: GpuHistory, now: number, selected: boolean) => {
    const samples = (row.kind === 'device' ? history.get(deviceKey(row.machine.node, row.device)) : null) ?? noSamples;
    // The age of a logged error is told in minutes.
    const aged = row.kind === 'device' && row.xid !== null ? Math.floor(now / minute) : 0;
    const keys = [row, layout, height, samples, trendMoment(samples, now), aged, selected];
    const known = drawn.current.get(row.id);
    if (known?.keys.every((key, index) => key === keys[index]) === true) return known.lines;
    const lines = cardLines(row, layout, height, history, now, selected);
    drawn.current.set(row.id, { keys, lines });
    return lines;
  };
}
