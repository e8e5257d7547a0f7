import { pause } from '../../kube/backoff.js';
import { at, list, number, text } from '../../kube/json.js';
import { placementPod } from '../../kube/placement-pod.js';
import type { Verification } from '../../state/operations.js';
import type { ScaleForecast } from '../../state/scaling.js';
import { duration } from '../../text/age.js';
import { count } from '../../text/amount.js';
import { clause } from '../../text/wording.js';
import { readObject, readObjects, uidOf } from '../cluster-reading.js';
import type { World } from '../operation.js';
import type { WorkloadBasis } from './scale-basis.js';
import { lastManager } from './scale-patch.js';

/** How a workload stands while it is scaled. */
export interface ScaleSight {
  /** spec.replicas as it is now, and who wrote it; null where the workload is gone. */
  readonly wanted: number | null;
  readonly by: string;
  readonly ready: number;
  /** Pods that have a node and are on their way. */
  readonly starting: number;
  readonly pending: number;
  readonly pendingWhy: string | null;
  /** The scheduler has looked at all that are Pending. */
  readonly judged: boolean;
  readonly failing: number;
  readonly failingWhy: string | null;
  readonly restarts: number;
  readonly leaving: number;
  /** The last warning about it or its pods since it began. */
  readonly event: string | null;
}

/**
 * Watches until what was foretold is there, or it is clear that it will come otherwise: nothing moved for a while, or somebody else changed or deleted it. `tell` gets
 * each new state in words. Rejects with KubeError only where the server cannot be asked at the end.
 */
export async function watchScaling(
  world: World,
  workload: WorkloadBasis,
  forecast: ScaleForecast,
  { within, signal, tell }: { readonly within: number; readonly signal: AbortSignal; readonly tell?: (said: string) => void },
): Promise<Verification> {
  const startedAt = Date.now();
  const began = performance.now();
  let still = { key: '', since: began };
  let said = '';
  for (;;) {
    const isLast = signal.aborted || performance.now() - began > within;
    try {
      const sight = await lookAtScaling(world, workload, forecast.to, startedAt);
      const words = sightWords(sight, forecast);
      if (words !== said) tell?.(words);
      said = words;
      const key = JSON.stringify([sight.wanted, sight.ready, sight.starting, sight.pending, sight.failing, sight.leaving]);
      if (key !== still.key) still = { key, since: performance.now() };
      const verdict = verdictOf(sight, workload, forecast, performance.now() - still.since);
      if (verdict !== null) return verdict;
      if (isLast) return { seen: false, text: signal.aborted ? `no longer watched: ${words}` : `not seen within ${duration(within)}: ${words}` };
    } catch (error) {
      if (isLast) throw error;
    }
    await pause(forecast.to > 200 ? 3000 : 700, signal);
  }
}

/** Whether it has come to what was foretold or to something else for good; null while it still moves. */
function verdictOf(sight: ScaleSight, { place }: WorkloadBasis, forecast: ScaleForecast, stillMs: number): Verification | null {
  const { to } = forecast;
  if (sight.wanted === null) return { seen: false, text: `${place.words} was deleted while it was being scaled` };
  if (sight.wanted !== to) return { seen: false, text: `${place.words} was set to ${sight.wanted} replicas meanwhile${sight.by}` };
  const rest = sight.starting + sight.pending + sight.failing;
  const leavingWords = sight.leaving === 0 ? '' : `; ${count(sight.leaving)} still stopping`;
  // What stops still holds its GPUs.
  if (sight.ready === to && rest === 0) {
    if (sight.leaving > 0 && stillMs < leavingMs) return null;
    const more = forecast.ready !== null && forecast.ready < to ? ', more than was foretold' : '';
    return { seen: true, text: `${to === 0 ? 'no pod is left' : `${count(to)} of ${count(to)} Ready`}${more}${leavingWords}` };
  }
  const isForetold =
    forecast.ready === sight.ready &&
    sight.pending === forecast.pending &&
    sight.failing === forecast.failing &&
    sight.starting === 0 &&
    sight.judged &&
    sight.leaving === 0 &&
    forecast.ready < to;
  // A pod that was refused leaves no trace but that it is not there: a moment shows whether it stays away.
  if (isForetold && (forecast.notCreated === 0 || stillMs > refusedMs)) return { seen: true, text: `as foretold: ${sightWords(sight, forecast)}` };
  if (sight.starting > 0 || !sight.judged || stillMs < stillForMs) return null;
  const better = forecast.ready !== null && sight.ready > forecast.ready;
  return { seen: better, text: `${better ? 'better than foretold' : 'not as foretold'}: ${sightWords(sight, forecast)}${leavingWords}` };
}

const stillForMs = 30_000;
const leavingMs = 90_000;
const refusedMs = 2_000;

function sightWords(
  { wanted, ready, starting, pending, pendingWhy, failing, failingWhy, restarts, leaving, event }: ScaleSight,
  { to, notCreatedWhy }: ScaleForecast,
): string {
  if (wanted === null) return 'it is gone';
  const missing = to - ready - starting - pending - failing;
  return [
    `${count(ready)} of ${count(to)} Ready`,
    ...(starting === 0 ? [] : [`${count(starting)} starting`]),
    ...(pending === 0 ? [] : [`${count(pending)} Pending${pendingWhy === null ? '' : `: ${clause(pendingWhy)}`}`]),
    ...(failing === 0 ? [] : [`${count(failing)} ${failingWhy ?? 'failing'}`]),
    ...(missing <= 0 ? [] : [`${count(missing)} not created${notCreatedWhy === null ? '' : `: ${clause(notCreatedWhy)}`}`]),
    ...(leaving === 0 ? [] : [`${count(leaving)} stopping`]),
    ...(restarts === 0 ? [] : [`${count(restarts)} restarts`]),
    ...(event === null ? [] : [event]),
  ].join('; ');
}

async function lookAtScaling(world: World, { place, selector, uid, pods: before }: WorkloadBasis, to: number, since: number): Promise<ScaleSight> {
  const [scale, pods] = await Promise.all([
    readObject(world, place.scalePath),
    readObjects(world, `/api/v1/namespaces/${encodeURIComponent(place.namespace)}/pods`, { labelSelector: selector }),
  ]);
  const gone = scale === null || (uid !== '' && uidOf(scale) !== uid);
  const wanted = number(at(scale, 'spec', 'replicas')) ?? 0;
  const restartsBefore = new Map(before.map((pod) => [pod.uid, pod.restarts]));
  const living = pods.flatMap((pod) => {
    const known = placementPod(pod);
    return known === null ? [] : [{ ...known, refused: refusedBy(pod) }];
  });
  const active = living.filter(({ leaving }) => !leaving);
  const unplaced = active.filter(({ nodeName }) => nodeName === null);
  const placed = active.filter(({ nodeName }) => nodeName !== null);
  const failing = placed.filter(({ ready, trouble }) => !ready && trouble !== null);
  const ready = placed.filter((pod) => pod.ready).length;
  const names = new Set([...living.map(({ name }) => name), place.name]);
  return {
    wanted: gone ? null : wanted,
    by: gone || wanted === to ? '' : lastManager(await readObject(world, place.path)),
    ready,
    starting: placed.length - ready - failing.length,
    pending: unplaced.length,
    pendingWhy: unplaced.map(({ refused }) => refused).find((why) => why !== null) ?? null,
    judged: unplaced.every(({ refused }) => refused !== null),
    failing: failing.length,
    failingWhy: failing[0]?.trouble ?? null,
    restarts: active.reduce((sum, pod) => sum + Math.max(0, pod.restarts - (restartsBefore.get(pod.uid) ?? 0)), 0),
    leaving: living.length - active.length,
    event: lastEvent(world, place.namespace, names, since),
  };
}

/** What the scheduler said of a pod, without what it tried beyond that. */
function refusedBy(pod: unknown): string | null {
  const condition = list(at(pod, 'status', 'conditions')).find((one) => at(one, 'type') === 'PodScheduled' && at(one, 'status') === 'False');
  const message = text(at(condition, 'message'), 1000);
  return message === null ? null : message.replace(/ preemption: .*$/s, '');
}

function lastEvent(world: World, namespace: string, names: ReadonlySet<string>, since: number): string | null {
  const events = [...(world.snapshot().events.value?.values() ?? [])].filter(
    ({ type, reason, object, lastAt }) =>
      type === 'Warning' && reason !== 'FailedScheduling' && object.namespace === namespace && names.has(object.name) && (lastAt ?? 0) >= since - 1000,
  );
  const [last] = events.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  return last === undefined ? null : `${last.reason}: ${clause(last.message)}`;
}
