import { remembered } from './checks/recovery/remember.js';
import { type NodeTrack, nothingTracked, rebootMemory, recoveryOf, type Track, tracked } from './checks/recovery/track.js';
import { changesSince } from './checks/since-last-visit.js';
import type { ContextMemory, ContextMemoryStore } from './config/memory.js';
import { live } from './state/freshness.js';
import type { ClusterSnapshot } from './state/snapshot.js';
import type { Store } from './state/store.js';
import type { VisitChanges } from './state/visit.js';

export interface RecoveryOptions {
  readonly store: Store;
  /** What is remembered of this context. */
  readonly memory: ContextMemoryStore;
  /** What may be offered as expected, asked at the first good report of a context for which nothing was offered yet; null where something is expected already. */
  readonly offer?: (snapshot: ClusterSnapshot) => VisitChanges['offer'];
  readonly now?: () => number;
}

export interface RecoveryTracker {
  /** Ends the visit: what was seen is kept. */
  close(): void;
}

/** Follows the way back of rebooted nodes and what has changed since the last visit: keeps the slices recovery and visit, and the memory. */
export function startRecovery({ store, memory, offer = () => null, now = Date.now }: RecoveryOptions): RecoveryTracker {
  const visitBegan = now();
  const before = memory.read();
  let current: ContextMemory = before;
  let track: Track = nothingTracked;
  let looked: ClusterSnapshot | null = null;
  let shownRecovery = '';
  let shownVisit = '';
  let comparedAt = 0;
  let offered: VisitChanges['offer'] = null;
  let problem: string | null = null;

  function look(): void {
    const snapshot = store.snapshot();
    const at = now();
    if (looked !== null && isSettled(track) && sources.every((name) => looked?.[name] === snapshot[name])) return;
    looked = snapshot;
    if (!isSeen(snapshot)) return;
    track = tracked(track, { snapshot, memory: { ...before, reboots: current.reboots }, visitBegan, now: at });
    const recovery = recoveryOf(track, at);
    const text = JSON.stringify(recovery);
    if (text !== shownRecovery) store.write('recovery', live(recovery, at));
    shownRecovery = text;
    const isOver = [...track.nodes].some(([name, own]) => isNewReboot(name, own));
    // A reboot that is over is kept at once: the next one is measured by it.
    if (isOver) keep();
    if (isOver || at - comparedAt >= compareEvery) compare(snapshot, at);
  }

  function isNewReboot(name: string, own: NodeTrack): boolean {
    const over = rebootMemory(own);
    return over !== null && !(current.reboots[name] ?? []).some(({ bootId }) => bootId === over.bootId);
  }

  function compare(snapshot: ClusterSnapshot, at: number): void {
    comparedAt = at;
    // What is broken now must not become what is expected.
    if (snapshot.report.value?.verdict === 'good' && before.offered !== true) {
      offered = offer(snapshot);
      if (offered !== null) current = { ...current, offered: true };
    }
    problem = memory.problem() ?? problem;
    const reboots = new Map([...track.nodes].map(([name, { rebootsBefore }]) => [name, rebootsBefore]));
    const visit: VisitChanges = { lastVisitAt: before.lastVisitAt, changes: changesSince(before, snapshot, reboots), problem, offer: offered };
    const text = JSON.stringify(visit);
    if (text !== shownVisit) store.write('visit', live(visit, at));
    shownVisit = text;
  }

  function keep(): void {
    current = remembered(current, track, store.snapshot(), now());
    memory.keep(current);
  }

  look();
  const unsubscribe = store.subscribe(look);
  // Steps become overdue and complete without anything being written.
  const ticking = setInterval(look, 1000);
  const keeping = setInterval(keep, 60_000);
  ticking.unref();
  keeping.unref();
  return {
    close() {
      unsubscribe();
      clearInterval(ticking);
      clearInterval(keeping);
      look();
      keep();
    },
  };
}

/** Nodes, or at least a machine that answers or has gone: before that there is nothing to follow. */
function isSeen({ nodes, hosts }: ClusterSnapshot): boolean {
  return nodes.value !== null || [...(hosts.value?.values() ?? [])].some(({ contact }) => contact.status === 'connected' || contact.status === 'lost');
}

/** Whether time alone changes nothing. */
function isSettled({ nodes }: Track): boolean {
  return [...nodes.values()].every(({ returning }) => returning === null || returning.shown.completeAt !== null);
}

const sources = ['connection', 'nodes', 'hosts', 'leases', 'pods', 'deadPods', 'targets', 'gpus', 'machineGpus', 'report'] as const;
const compareEvery = 2000;
