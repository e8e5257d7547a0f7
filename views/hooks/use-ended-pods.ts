import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../src/session.js';
import type { EndedPodInventory } from '../../src/state/ended-pods.js';
import { absent, live, loading, lost, type Slice } from '../../src/state/freshness.js';
import type { DeadPods } from '../../src/state/pods.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';

/**
 * The ended pods, read in pages while somebody looks: once they have been counted, and again when they are counted anew, but not while they are being deleted. What was
 * read stays with the session, so that coming back to the screen shows it at once.
 */
export function useEndedPods(session: Session | null, { deadPods, operations, connection, at }: ClusterSnapshot): Slice<EndedPodInventory> {
  const place = connection.status === 'unconfigured' || connection.status === 'unusable' ? '' : `${connection.context} ${connection.server}`;
  const [, repaint] = useState(0);
  const readAt = useRef(Number.NEGATIVE_INFINITY);
  const deleting = (operations.value ?? []).some(({ plan, endedAt }) => endedAt === null && cleaning.has(plan.ref.id));
  const waiting = place === '' || deleting || deadPods.freshness.status === 'loading';
  const counts = deadPods.value;

  useEffect(() => {
    if (session === null || waiting) return;
    const before = keptOf(session, place);
    if (before !== null && counts !== null && before.counts === counts) return;
    const giving = new AbortController();
    const keep = (slice: Slice<EndedPodInventory>) => {
      if (giving.signal.aborted) return;
      kept.set(session, { place, counts, slice });
      repaint((times) => times + 1);
    };
    const read = () => {
      readAt.current = performance.now();
      session.endedPods(giving.signal).then(
        (inventory) => keep(live(inventory, inventory.at)),
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          keep(before === null || before.slice.value === null ? absent(why) : lost(before.slice, Date.now(), why));
        },
      );
    };
    const timer = setTimeout(read, Math.max(0, readAt.current + restMs - performance.now()));
    return () => {
      clearTimeout(timer);
      giving.abort();
    };
  }, [session, place, waiting, counts]);

  return (session === null ? null : keptOf(session, place)?.slice) ?? loading(at);
}

interface Kept {
  readonly place: string;
  /** The count for which it was read. */
  readonly counts: DeadPods | null;
  readonly slice: Slice<EndedPodInventory>;
}

const kept = new WeakMap<Session, Kept>();

function keptOf(session: Session, place: string): Kept | null {
  const known = kept.get(session);
  return known?.place === place ? known : null;
}

/** Operations that delete ended pods. */
const cleaning = new Set(['clean-pods', 'delete-ended-pods']);

/** Reading ten thousand takes the server a second. */
const restMs = 5000;
