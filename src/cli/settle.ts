import type { Session } from '../session.js';
import type { ClusterSnapshot, Slices } from '../state/snapshot.js';

/**
 * settled: everything asked for was seen, or it is known why not. lost: the API server does not answer, refuses us or cannot be trusted.
 * unusable: no kubeconfig that can be used. timeout: some of it still loads.
 */
export type Settled = 'settled' | 'lost' | 'unusable' | 'timeout';

/** Waits until the slices that a command needs are there, but no longer than `limitMs`, and not at all once the connection has failed. */
export function settle(session: Pick<Session, 'snapshot' | 'subscribe'>, slices: readonly (keyof Slices)[], limitMs: number): Promise<Settled> {
  return new Promise((resolve) => {
    let unsubscribe: (() => void) | null = null;
    const end = (outcome: Settled) => {
      clearTimeout(timer);
      unsubscribe?.();
      resolve(outcome);
    };
    const look = () => {
      const outcome = outcomeOf(session.snapshot(), slices);
      if (outcome !== null) end(outcome);
      return outcome !== null;
    };
    const timer = setTimeout(() => end(outcomeOf(session.snapshot(), slices) ?? 'timeout'), limitMs);
    if (!look()) unsubscribe = session.subscribe(look);
  });
}

function outcomeOf(snapshot: ClusterSnapshot, slices: readonly (keyof Slices)[]): Settled | null {
  const { connection } = snapshot;
  if (connection.status === 'unconfigured' || connection.status === 'unusable') return 'unusable';
  if (connection.status === 'lost') return 'lost';
  if (connection.status === 'connecting') return null;
  return slices.every((name) => isSettled(snapshot, name)) ? 'settled' : null;
}

/** What monitoring fails with at its first try is its answer; a list that failed once is tried again within the limit. */
function isSettled(snapshot: ClusterSnapshot, name: keyof Slices): boolean {
  const { freshness } = snapshot[name];
  if (freshness.status !== 'loading') return true;
  return freshness.why !== null && (name === 'prometheus' || name === 'targets' || name === 'grafana');
}
