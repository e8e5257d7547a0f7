import { performance } from 'node:perf_hooks';
import type { Readyz } from '../state/connection.js';
import { absent, denied, live, loading, lost, type Slice } from '../state/freshness.js';
import { clean } from '../text/clean.js';
import { pause } from './backoff.js';
import type { KubeClient } from './client.js';
import type { ConnectionMonitor } from './connection.js';
import { KubeError } from './kube-error.js';

const everyMs = 10_000;

export interface Poller {
  /** Resolves after the first answer, of whatever kind. */
  readonly settled: Promise<void>;
  refresh(): void;
  close(): void;
}

/** Asks the API server for its own checks every ten seconds. That is also the heartbeat of the connection: its round trip, and the first to notice silence. */
export function startReadyz(options: {
  readonly client: KubeClient;
  readonly connection: ConnectionMonitor;
  readonly write: (slice: Slice<Readyz>) => void;
  readonly now?: () => number;
}): Poller {
  const { client, connection, now = Date.now } = options;
  const closing = new AbortController();
  let slice: Slice<Readyz> = loading(now());
  let waiting = new AbortController();
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const write = (next: Slice<Readyz>) => {
    slice = next;
    if (!closing.signal.aborted) options.write(next);
    settle();
  };

  const look = async () => {
    const began = performance.now();
    try {
      const { body, roundTripMs } = await client.request('/readyz?verbose', { accept: '*/*', signal: closing.signal, timeoutMs: 5000 });
      connection.succeeded(roundTripMs);
      write(live(parseReadyz(String(body), true, roundTripMs), now()));
    } catch (caught) {
      const error = KubeError.from(caught);
      if (error.kind === 'aborted') return;
      // Failing checks are what was asked for: 500 with the same list.
      if (error.status === 500 && error.answer !== null) {
        const roundTripMs = performance.now() - began;
        connection.succeeded(roundTripMs);
        write(live(parseReadyz(error.answer, false, roundTripMs), now()));
        return;
      }
      connection.failed(error);
      if (error.kind === 'forbidden') write(denied('get', '/readyz'));
      else if (error.kind === 'not-found') write(absent('the server has no /readyz'));
      else write(lost(slice, now(), error.message));
    }
  };

  const run = async () => {
    while (!closing.signal.aborted) {
      await connection.ready(closing.signal);
      await look();
      waiting = new AbortController();
      await pause(everyMs, AbortSignal.any([waiting.signal, closing.signal]));
    }
  };
  const unsubscribe = connection.subscribe(() => {
    const trouble = connection.trouble();
    if (trouble !== null) write(lost(slice, now(), trouble));
    else waiting.abort();
  });
  void run().catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });

  return {
    settled,
    refresh: () => waiting.abort(),
    close() {
      unsubscribe();
      closing.abort();
      settle();
    },
  };
}

/** Lines of /readyz?verbose: `[+]etcd ok`, `[-]poststarthook/x failed: reason withheld`; a plain `ok` has no checks. */
export function parseReadyz(answer: string, ready: boolean, roundTripMs: number): Readyz {
  const checks = [...answer.matchAll(/^\[([+-])\](\S+)/gm)].map(([, sign, name = '']) => ({ name: clean(name, 200), ok: sign === '+' }));
  return { ready: ready && checks.every(({ ok }) => ok), checks, roundTripMs };
}
