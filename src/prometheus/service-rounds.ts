import type { Found } from './discovery.js';
import { MonitoringError } from './monitoring-error.js';
import type { Pace } from './pace.js';
import type { Road } from './road.js';
import type { MonitoringSlice, SliceWriter } from './slice-writer.js';

/** One round for a service beside Prometheus: find it if need be, look at it. After trouble it is looked for anew. */
export function serviceRounds(
  name: MonitoringSlice,
  find: () => Promise<Found<Road>>,
  look: (road: Road, foundBy: string) => Promise<void>,
  slices: SliceWriter,
  pace: Pace,
): () => Promise<number> {
  let current: { readonly foundBy: string; readonly value: Road } | null = null;
  return async () => {
    try {
      if (current === null) {
        const found = await find();
        if (found.status === 'none') {
          slices.absent([name], found.why);
          return pace.absent();
        }
        if (found.status === 'denied') {
          slices.denied([name]);
          return pace.absent();
        }
        if (found.status === 'silent') throw new MonitoringError('unreachable', found.why);
        current = found;
      }
      await look(current.value, current.foundBy);
      return pace.next();
    } catch (error) {
      current = null;
      slices.fade([name], error);
      return pace.afterTrouble();
    }
  };
}
