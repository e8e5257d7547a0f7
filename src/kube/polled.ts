import { absent, denied, live, loading, lost, type Slice } from '../state/freshness.js';
import { createBackoff, pause } from './backoff.js';
import type { ConnectionMonitor } from './connection.js';
import { KubeError } from './kube-error.js';

const retryMs = { first: 2_000, longest: 60_000 };

export interface Poller {
  /** Resolves after the first answer, of whatever kind. */
  readonly settled: Promise<void>;
  refresh(): void;
  close(): void;
}

/** For what cannot be watched, or not worth a watch of its own: asked for each `everyMs`, sooner after a failure, and at once when the road to the server is back. */
export function startPolled<T extends object>(options: {
  readonly connection: ConnectionMonitor;
  readonly everyMs: () => number;
  /** Rejects with KubeError; 403 and 404 say that there is nothing to be had for now. */
  readonly look: (signal: AbortSignal) => Promise<T>;
  /** Ms, where the answer measures the road. */
  readonly roundTripOf?: (answer: T) => number;
  /** What is asked for, as a refusal words it. */
  readonly verb: string;
  readonly resource: string;
  readonly write: (slice: Slice<T>) => void;
  readonly now?: () => number;
}): Poller {
  const { connection, everyMs, look, roundTripOf, verb, resource, now = Date.now } = options;
  const closing = new AbortController();
  const backoff = createBackoff(retryMs.first, retryMs.longest);
  let slice: Slice<T> = loading(now());
  let waiting = new AbortController();
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const write = (next: Slice<T>) => {
    slice = next;
    if (!closing.signal.aborted) options.write(next);
    settle();
  };

  /** Resolves to the ms until the next look. */
  const lookOnce = async (): Promise<number> => {
    try {
      const answer = await look(closing.signal);
      connection.succeeded(roundTripOf?.(answer));
      write(live(answer, now()));
      backoff.reset();
      return everyMs();
    } catch (caught) {
      const error = KubeError.from(caught);
      if (error.kind === 'aborted') return everyMs();
      connection.failed(error);
      if (error.kind === 'forbidden') write(denied(verb, resource));
      else if (error.kind === 'not-found') write(absent(`the server does not serve ${resource}`));
      else {
        write(lost(slice, now(), error.message));
        return Math.min(everyMs(), backoff.next());
      }
      return everyMs();
    }
  };

  const run = async () => {
    while (!closing.signal.aborted) {
      await connection.ready(closing.signal);
      waiting = new AbortController();
      await pause(await lookOnce(), AbortSignal.any([waiting.signal, closing.signal]));
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
