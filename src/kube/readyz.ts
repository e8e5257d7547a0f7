import { performance } from 'node:perf_hooks';
import type { Readyz } from '../state/connection.js';
import type { Slice } from '../state/freshness.js';
import { clean } from '../text/clean.js';
import type { KubeClient } from './client.js';
import type { ConnectionMonitor } from './connection.js';
import { KubeError } from './kube-error.js';
import { type Poller, startPolled } from './polled.js';

const everyMs = 10_000;

/** Asks the API server for its own checks every ten seconds. That is also the heartbeat of the connection: its round trip, and the first to notice silence. */
export function startReadyz({
  client,
  ...options
}: {
  readonly client: KubeClient;
  readonly connection: ConnectionMonitor;
  readonly write: (slice: Slice<Readyz>) => void;
  readonly now?: () => number;
}): Poller {
  return startPolled({
    ...options,
    everyMs: () => everyMs,
    look: (signal) => readReadyz(client, signal),
    roundTripOf: ({ roundTripMs }) => roundTripMs,
    verb: 'get',
    resource: '/readyz',
  });
}

async function readReadyz(client: KubeClient, signal: AbortSignal): Promise<Readyz> {
  const began = performance.now();
  try {
    const { body, roundTripMs } = await client.request('/readyz?verbose', { accept: '*/*', signal, timeoutMs: 5000 });
    return parseReadyz(String(body), true, roundTripMs);
  } catch (caught) {
    const error = KubeError.from(caught);
    // Failing checks are what was asked for: 500 with the same list.
    if (error.status === 500 && error.answer !== null) return parseReadyz(error.answer, false, performance.now() - began);
    throw error;
  }
}

/** Lines of /readyz?verbose: `[+]etcd ok`, `[-]poststarthook/x failed: reason withheld`; a plain `ok` has no checks. */
export function parseReadyz(answer: string, ready: boolean, roundTripMs: number): Readyz {
  const checks = [...answer.matchAll(/^\[([+-])\](\S+)/gm)].map(([, sign, name = '']) => ({ name: clean(name, 200), ok: sign === '+' }));
  return { ready: ready && checks.every(({ ok }) => ok), checks, roundTripMs };
}
