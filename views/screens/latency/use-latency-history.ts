import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../../src/session.js';
import type { LatencyHistory } from '../../../src/state/latency.js';

export interface ShownHistory {
  /** The newest that came, of whatever range; null before the first. */
  readonly history: LatencyHistory | null;
  /** Why the last question failed; null where it did not. */
  readonly why: string | null;
  readonly isLoading: boolean;
}

/** Asks for the history of a service, and again as it grows; what came before stays until something newer is there. While `now` stands still nothing is asked. */
export function useLatencyHistory(session: Session | null, service: string, rangeMs: number, now: number): ShownHistory {
  const [shown, setShown] = useState<{ readonly history: LatencyHistory | null; readonly why: string | null; readonly key: string }>(nothing);
  const asking = useRef<{ readonly key: string; readonly controller: AbortController } | null>(null);
  const answered = useRef('');
  const key = `${service} ${rangeMs}`;
  const tick = Math.floor(now / Math.max(leastRefreshMs, rangeMs / 240));

  useEffect(() => {
    // What takes longer than a tick is waited for.
    if (session === null || asking.current?.key === key || answered.current === `${key} ${tick}`) return;
    asking.current?.controller.abort();
    const controller = new AbortController();
    asking.current = { key, controller };
    answered.current = `${key} ${tick}`;
    const settle = (next: { readonly history: LatencyHistory } | { readonly why: string }) => {
      if (controller.signal.aborted) return;
      asking.current = null;
      setShown((before) => ({ history: 'history' in next ? next.history : before.history, why: 'why' in next ? next.why : null, key }));
    };
    session.latencyHistory(service, rangeMs, controller.signal).then(
      (history) => settle({ history }),
      (error: unknown) => settle({ why: error instanceof Error ? error.message : String(error) }),
    );
  }, [session, service, rangeMs, key, tick]);

  useEffect(
    () => () => {
      asking.current?.controller.abort();
      asking.current = null;
    },
    [],
  );

  const isOfService = shown.history?.service === service;
  return { history: isOfService ? shown.history : null, why: shown.key === key ? shown.why : null, isLoading: shown.key !== key };
}

const leastRefreshMs = 15_000;
const nothing = { history: null, why: null, key: '' };
