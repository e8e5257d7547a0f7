import { createContext, useEffect, useRef } from 'react';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { emptyHistory, type GpuHistory, recordGpus } from '../gpu-history.js';

/** The history behind the GPUs' charts, kept from one screen to the next. */
export const GpuHistoryContext = createContext<GpuHistory>(emptyHistory);

/** Keeps what each snapshot says of the GPUs, painted or not; forgets it all with the cluster. */
export function useGpuHistory(source: { readonly subscribe: (listener: () => void) => () => void; readonly snapshot: () => ClusterSnapshot }): GpuHistory {
  const kept = useRef<Kept>({ context: '', slice: null, history: emptyHistory });
  kept.current = keep(kept.current, source.snapshot());
  useEffect(
    () =>
      source.subscribe(() => {
        kept.current = keep(kept.current, source.snapshot());
      }),
    [source],
  );
  return kept.current.history;
}

interface Kept {
  readonly context: string;
  /** The last slice that was seen. */
  readonly slice: object | null;
  readonly history: GpuHistory;
}

function keep(kept: Kept, { machineGpus, connection }: ClusterSnapshot): Kept {
  const context = 'context' in connection ? connection.context : '';
  if (kept.slice === machineGpus && kept.context === context) return kept;
  return { context, slice: machineGpus, history: recordGpus(kept.context === context ? kept.history : emptyHistory, machineGpus) };
}
