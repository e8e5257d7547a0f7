import type { Connection } from '../state/connection.js';
import { createBackoff, pause } from './backoff.js';
import type { KubeClient } from './client.js';
import { at, text } from './json.js';
import { KubeError } from './kube-error.js';

/**
 * The one state of the road to the API server. All feeds report here what they meet, and wait here while the server cannot be used: a single
 * probe knocks, and when it gets an answer everyone goes on.
 */
export interface ConnectionMonitor {
  /** False while requests would be in vain. */
  usable(): boolean;
  /** Resolves as soon as requests make sense, or when the signal is aborted. */
  ready(signal: AbortSignal): Promise<void>;
  /** An answer of the API came, after this round trip where it was a small request. */
  succeeded(roundTripMs?: number): void;
  /** A request failed. Errors that say nothing about the road (403, 404, 410, …) prove that it is there. */
  failed(error: KubeError): void;
  /** Calls back when the road is lost and when it is there again. */
  subscribe(listener: () => void): () => void;
  /** Why the road is lost, null while it is not. */
  trouble(): string | null;
  /** Knocks at once instead of waiting. */
  refresh(): void;
  close(): void;
}

export interface ConnectionMonitorOptions {
  readonly client: KubeClient;
  readonly write: (connection: Connection) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

const firstWaitMs = 200;
// Knocking costs next to nothing, and whoever waits for a cluster to come back wants to know soon.
const longestWaitMs = 5000;
const probeTimeoutMs = 5000;

export function createConnectionMonitor({ client, write, now = Date.now, random = Math.random }: ConnectionMonitorOptions): ConnectionMonitor {
  const { context, server } = client;
  const backoff = createBackoff(firstWaitMs, longestWaitMs, random);
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  let state: Connection = { status: 'connecting', context, server, since: now() };
  let version: string | null = null;
  let probing = false;
  let wake = new AbortController();
  let waiting: (() => void)[] = [];
  write(state);

  const publish = (next: Connection) => {
    if (closing.signal.aborted) return;
    const turned = (state.status === 'lost') !== (next.status === 'lost');
    state = next;
    write(next);
    if (turned) for (const listener of [...listeners]) listener();
  };

  const arrived = (roundTripMs: number | undefined) => {
    const was = state.status === 'connected' ? state : null;
    const certificateEndsAt = client.certificateEndsAt();
    if (was !== null && roundTripMs === undefined && certificateEndsAt === was.certificateEndsAt) return;
    const since = was?.since ?? now();
    publish({ status: 'connected', context, server, version, since, roundTripMs: roundTripMs ?? was?.roundTripMs ?? 0, certificateEndsAt });
    if (was === null) void askVersion();
  };

  /** The server may have been upgraded while it was away: asked at each new connection. */
  const askVersion = async () => {
    try {
      const { body, roundTripMs } = await client.request('/version', { signal: closing.signal, timeoutMs: probeTimeoutMs });
      version = text(at(body, 'gitVersion'), 100);
      if (state.status === 'connected') publish({ ...state, version, roundTripMs });
    } catch {
      // Closed to this user, or lost again already: the version is a nicety.
    }
  };

  const open = () => {
    const resumed = waiting;
    waiting = [];
    for (const resume of resumed) resume();
  };

  /** Knocks until the server answers. The first time at once: one dropped connection is not a lost server. */
  const probe = async (first: KubeError) => {
    probing = true;
    let error = first;
    // Who we are is not asked at /readyz, which may be open to anyone.
    let doubtful = isRoad(error) && error.kind !== 'unreachable';
    if (doubtful || state.status !== 'connected') publish(lost(error, 0));
    if (doubtful) await pauseUntilWoken(backoff.next());
    while (!closing.signal.aborted) {
      try {
        const answer = await client.request(doubtful ? '/api' : '/readyz', {
          accept: doubtful ? 'application/json' : '*/*',
          signal: closing.signal,
          timeoutMs: probeTimeoutMs,
        });
        return answer.roundTripMs;
      } catch (caught) {
        error = KubeError.from(caught);
        if (error.kind === 'aborted') return undefined;
        if (!isRoad(error)) return undefined;
        doubtful = error.kind !== 'unreachable';
      }
      const wait = Math.max(backoff.next(), error.retryAfterMs ?? 0);
      publish(lost(error, wait));
      await pauseUntilWoken(wait);
    }
    return undefined;
  };

  const pauseUntilWoken = async (ms: number) => {
    wake = new AbortController();
    await pause(ms, AbortSignal.any([wake.signal, closing.signal]));
  };

  const lost = (error: KubeError, wait: number): Connection => ({
    status: 'lost',
    context,
    server,
    since: state.status === 'lost' ? state.since : now(),
    kind: kindOf(error),
    why: error.message,
    fix: error.fix,
    nextTryAt: now() + wait,
  });

  return {
    usable: () => !probing,
    ready(signal) {
      if (!probing || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const resume = () => {
          signal.removeEventListener('abort', resume);
          resolve();
        };
        waiting.push(resume);
        signal.addEventListener('abort', resume, { once: true });
      });
    },
    succeeded(roundTripMs) {
      backoff.reset();
      if (!probing) arrived(roundTripMs);
    },
    failed(error) {
      if (error.kind === 'aborted' || probing || closing.signal.aborted) return;
      if (!isRoad(error)) {
        arrived(undefined);
        return;
      }
      probe(error)
        .then((roundTripMs) => {
          probing = false;
          if (closing.signal.aborted) return;
          arrived(roundTripMs);
          open();
        })
        .catch((problem: unknown) => {
          if (!closing.signal.aborted) throw problem;
        });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    trouble: () => (state.status === 'lost' ? state.why : null),
    refresh: () => wake.abort(),
    close() {
      closing.abort();
      wake.abort();
      open();
    },
  };
}

/** Whether an error is about the road itself and so concerns everyone. */
export function isRoad(error: KubeError): boolean {
  return error.kind === 'unreachable' || error.kind === 'tls' || error.kind === 'unauthorized' || error.kind === 'not-kubernetes';
}

function kindOf(error: KubeError): 'unreachable' | 'unauthorized' | 'tls' | 'not-kubernetes' {
  switch (error.kind) {
    case 'unauthorized':
    case 'tls':
    case 'not-kubernetes':
      return error.kind;
    default:
      return 'unreachable';
  }
}
