import { pause } from '../kube/backoff.js';
import type { HostFacts } from '../state/hosts.js';
import type { Verification } from '../state/operations.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { machineState } from './machine-reading.js';
import type { World } from './operation.js';

/** What is still missing of a goal, in words; null once it is seen. */
export type Missing<Seen> = (seen: Seen) => string | null;

/** Waits until snapshots show the goal. `goal` is what is then said. */
export async function lookFor(
  world: World,
  signal: AbortSignal,
  { within, missing, goal }: { readonly within: number; readonly missing: Missing<ClusterSnapshot>; readonly goal: string },
): Promise<Verification> {
  const seen = await world.until((snapshot) => missing(snapshot) === null, within, signal);
  const left = missing(world.snapshot());
  return seen || left === null ? { seen: true, text: goal } : { seen: false, text: left };
}

/** Asks again and again until the answer shows the goal: for what no slice holds. Rejects as `read` does once the time is over. */
export async function askUntil<Seen>(
  signal: AbortSignal,
  {
    within,
    read,
    missing,
    goal,
    everyMs = 1000,
  }: { readonly within: number; readonly read: () => Promise<Seen>; readonly missing: Missing<Seen>; readonly goal: string; readonly everyMs?: number },
): Promise<Verification> {
  const endAt = performance.now() + within;
  for (;;) {
    const last = signal.aborted || performance.now() + everyMs > endAt;
    try {
      const left = missing(await read());
      if (left === null) return { seen: true, text: goal };
      if (last) return { seen: false, text: left };
    } catch (error) {
      if (last) throw error;
    }
    await pause(everyMs, signal);
  }
}

/** Facts of a probe that began after `since` (ms since the epoch); what the machine said before a change proves nothing. Null while there are none. */
export function factsSince(snapshot: ClusterSnapshot, host: string, since: number): HostFacts | null {
  const facts = machineState(snapshot, host)?.facts ?? null;
  return facts !== null && facts.at - facts.tookMs >= since ? facts : null;
}

/** The goal as the machine's next facts show it. `missing` says what they still lack; a fact that is not known is no sign of success. */
export function missingFacts(host: string, since: number, missing: Missing<HostFacts>): Missing<ClusterSnapshot> {
  return (snapshot) => {
    const facts = factsSince(snapshot, host, since);
    return facts === null ? whyNoFacts(snapshot, host) : missing(facts);
  };
}

function whyNoFacts(snapshot: ClusterSnapshot, host: string): string {
  const contact = machineState(snapshot, host)?.contact;
  if (contact?.status === 'lost' || contact?.status === 'refused') return `${host} cannot be looked at: ${contact.why}`;
  return `${host} has not been looked at since`;
}
