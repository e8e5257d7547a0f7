import { pause } from '../../kube/backoff.js';
import type { WorkloadBefore } from '../../state/experiments.js';
import { clean } from '../../text/clean.js';
import { type Bench, isSettled, workloadWords } from './bench.js';

/**
 * Gives the workloads the replicas that they had, and looks until they are seen. What does not work is tried again for a while; `why` then says loudly what is left to do by hand, and is
 * null where each of them has its number again.
 */
export async function scaleBack(
  workloads: readonly WorkloadBefore[],
  bench: Bench,
  { forMs, everyMs, interrupt }: { readonly forMs: number; readonly everyMs: number; readonly interrupt: AbortSignal },
): Promise<{ readonly why: string | null; readonly notes: readonly string[] }> {
  const until = performance.now() + forMs;
  const notes: string[] = [];
  const troubles: string[] = [];
  for (const workload of workloads) {
    for (;;) {
      const { state, said } = await backOnce(workload, bench);
      if (state === 'gone') notes.push(said);
      if (state !== 'not-yet') break;
      if (performance.now() >= until || interrupt.aborted) {
        troubles.push(said);
        break;
      }
      await pause(everyMs, interrupt);
    }
  }
  return { why: troubles.length === 0 ? null : `NOT PUT BACK: ${troubles.join('; ')}`, notes };
}

async function backOnce(workload: WorkloadBefore, bench: Bench): Promise<{ readonly state: 'back' | 'gone' | 'not-yet'; readonly said: string }> {
  const words = workloadWords(workload);
  const byHand = `kubectl -n ${workload.namespace} scale ${workload.kind.toLowerCase()}/${workload.name} --replicas=${workload.replicas}`;
  try {
    const found = await bench.look(workload);
    if (found === null) return { state: 'gone', said: `${words} is gone: there is nothing to put back` };
    if (found.uid !== workload.uid) return { state: 'gone', said: `${words} is another one now: its replicas are left as they are` };
    if (found.wanted !== workload.replicas) await bench.scale(workload, workload.replicas);
    else if (isSettled(found, workload.replicas)) return { state: 'back', said: '' };
    // The number is the workload's again; that its pods are not ready is no fault of ours to mend.
    else if (found.observed && found.current === workload.replicas) return { state: 'back', said: '' };
    return { state: 'not-yet', said: `${words} has ${found.current} pods and should have ${workload.replicas}: ${byHand}` };
  } catch (error) {
    const why = clean(error instanceof Error ? error.message : String(error), 300);
    return { state: 'not-yet', said: `${words} could not be scaled back to ${workload.replicas} (${why}): ${byHand}` };
  }
}
