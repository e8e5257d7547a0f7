import { createBackoff, pause } from '../../kube/backoff.js';
import type { KubeClient } from '../../kube/client.js';
import { at, list, text } from '../../kube/json.js';
import { KubeError } from '../../kube/kube-error.js';
import { duration } from '../../text/age.js';
import { listed } from '../../text/wording.js';
import { podPath } from '../cluster-reading.js';
import type { CallOutcome } from '../operation.js';
import type { Pace } from '../pace.js';
import type { EndedPod } from './pods-list.js';

/** Deletes many pods of one plan through whatever the server goes through meanwhile. */
export interface PodDeleter {
  /** Resolves to null where the pod was deleted by us, else to why it was not there any more, or that `signal` ended it before anything was asked. Rejects with a sentence. */
  remove(pod: EndedPod, signal: AbortSignal): Promise<string | CallOutcome | null>;
  /** UIDs of pods that were deleted and stay until somebody lets go of them. */
  readonly held: ReadonlySet<string>;
  /** UIDs of pods that the server refused to delete. */
  readonly refused: ReadonlySet<string>;
}

export interface PodDeleterOptions {
  readonly client: KubeClient;
  readonly pace: Pace;
  /** How long a server that does not answer is waited for. A control plane's static pod is back within two minutes. */
  readonly patienceMs?: number;
  /** How long an answer is waited for after the run was cancelled. */
  readonly lastAnswerMs?: number;
  readonly random?: () => number;
  readonly now?: () => number;
}

/**
 * Each pod is deleted by name and UID, without a grace period of ours: one that runs after all would end as it should. An attempt whose answer was cut off is made again; a
 * pod that is gone then was ours. While the server asks to wait, or is away, all wait.
 */
export function createPodDeleter({ client, pace, patienceMs = 300_000, lastAnswerMs = 500, random, now = Date.now }: PodDeleterOptions): PodDeleter {
  const held = new Set<string>();
  const refused = new Set<string>();
  /** Namespaces in which the user may not delete pods, with the server's words. */
  const closed = new Map<string, string>();
  const road = createRoad(patienceMs, now);
  const cutting = new AbortController();
  const followed = new WeakSet<AbortSignal>();
  /** Answers that are on their way when the run is cancelled may still come; a server that does not answer holds nobody up. */
  const follow = (signal: AbortSignal) => {
    if (followed.has(signal)) return;
    followed.add(signal);
    signal.addEventListener('abort', () => void setTimeout(() => cutting.abort(), lastAnswerMs).unref(), { once: true });
  };

  /** Makes ready to ask once more after this trouble; throws where that is of no use. */
  const prepare = (error: KubeError, tries: number, pod: EndedPod): void => {
    if (error.kind === 'throttled') {
      pace.held();
      road.wait(error.retryAfterMs ?? 1000);
      return;
    }
    if (error.kind === 'unreachable') {
      pace.held();
      const away = road.lost();
      if (away !== null) throw new Error(`${error.message}; given up after ${duration(away)}`);
      return;
    }
    // A server that has just started knows its roles, tokens and webhooks only a moment later.
    const starting = road.cameBackWithin(startingMs);
    const passing = error.kind === 'server' && (error.status ?? 0) >= 500;
    if (tries <= (starting ? 6 : 3) && (passing || (starting && (error.kind === 'forbidden' || error.kind === 'unauthorized')))) {
      if (error.retryAfterMs !== null) road.wait(error.retryAfterMs);
      return;
    }
    if (error.kind === 'forbidden' && /cannot delete resource/.test(error.message)) closed.set(pod.namespace, error.message);
    throw error;
  };

  const attempt = async (pod: EndedPod, signal: AbortSignal): Promise<string | CallOutcome | null> => {
    const backoff = createBackoff(250, 4000, random);
    let cutOff = false;
    for (let tries = 1; ; tries += 1) {
      await road.free(signal);
      if (signal.aborted) {
        if (cutOff) throw unknownEnd();
        return { said: 'cancelled before it was asked for', skipped: true };
      }
      const no = closed.get(pod.namespace);
      if (no !== undefined) throw new Error(no.replace(/^pods "[^"]*" is/, `pods "${pod.name}" is`));
      try {
        const { body } = await client.request(podPath(pod.namespace, pod.name), { ...deletion(pod.uid), once: true, signal: cutting.signal });
        road.answered();
        pace.ended();
        const holders = holdersOf(body);
        if (holders.length === 0) return null;
        held.add(pod.uid);
        throw new Error(heldWords(holders));
      } catch (caught) {
        if (!(caught instanceof KubeError)) throw caught;
        if (caught.kind === 'aborted') throw unknownEnd();
        if (caught.kind !== 'unreachable') road.answered();
        if (caught.kind === 'not-found' || caught.kind === 'conflict') {
          pace.ended();
          return cutOff ? null : caught.kind === 'not-found' ? 'already gone' : 'already gone: another one has its name now';
        }
        // Where no connection came about nothing was asked.
        if (caught.kind === 'unreachable') cutOff ||= !/refuses connections|no route|cannot be resolved/.test(caught.message);
        else cutOff ||= (caught.status ?? 0) >= 500;
        prepare(caught, tries, pod);
        if (caught.kind !== 'throttled') await pause(backoff.next(), signal);
      }
    }
  };

  return {
    held,
    refused,
    async remove(pod, signal) {
      follow(signal);
      try {
        return await attempt(pod, signal);
      } catch (error) {
        if (!held.has(pod.uid)) refused.add(pod.uid);
        throw error;
      }
    },
  };
}

/** The delete of the very pod with this UID; asks for no more than its metadata back. */
export function deletion(uid: string) {
  return {
    method: 'DELETE',
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
    // In the body: what stands here wins over the query.
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
  } as const;
}

const startingMs = 20_000;

function heldWords(holders: readonly string[]): string {
  return `deleted, but it stays Terminating until ${holders.length === 1 ? 'its finalizer lets' : 'its finalizers let'} it go: ${listed(holders)}`;
}

function unknownEnd(): Error {
  return new Error('cancelled before the server answered: it may be gone');
}

/** Finalizers that keep a deleted object. */
function holdersOf(body: unknown): readonly string[] {
  if (at(body, 'metadata', 'deletionTimestamp') === undefined) return [];
  return list(at(body, 'metadata', 'finalizers')).flatMap((name) => text(name) ?? []);
}

/** What all deletes share: whether the server can be asked just now. */
function createRoad(patienceMs: number, now: () => number) {
  let waitUntil = 0;
  let lostSince: number | null = null;
  let backAt = Number.NEGATIVE_INFINITY;
  return {
    wait(ms: number): void {
      waitUntil = Math.max(waitUntil, now() + ms);
    },
    async free(signal: AbortSignal): Promise<void> {
      while (now() < waitUntil && !signal.aborted) await pause(waitUntil - now(), signal);
    },
    /** No answer: null while it is worth waiting, else how long that has been so. */
    lost(): number | null {
      lostSince ??= now();
      const away = now() - lostSince;
      return away > patienceMs ? away : null;
    },
    answered(): void {
      if (lostSince === null) return;
      lostSince = null;
      backAt = now();
    },
    cameBackWithin: (ms: number) => now() - backAt < ms,
  };
}
