import type { Host } from '../hosts/host.js';
import type { KubeClient } from '../kube/client.js';
import type { Store } from '../state/store.js';
import { createAccess } from './access.js';
import type { World } from './operation.js';

export interface WorldOptions {
  readonly client: KubeClient;
  readonly store: Pick<Store, 'snapshot' | 'subscribe'>;
  readonly context: string;
  /** Rejects with HostError where nobody can log in to that machine. */
  readonly host: (name: string) => Promise<Host>;
  /** Lets the feeds look again. */
  readonly refresh: () => void;
  readonly now?: () => number;
}

/** What operations look at and act on: one cluster, its machines and the newest snapshot of it. */
export function createWorld({ client, store, context, host, refresh, now = Date.now }: WorldOptions): World {
  return {
    snapshot: store.snapshot,
    context,
    client,
    host,
    access: createAccess(client, now),
    until(condition, timeoutMs, signal) {
      return new Promise((resolve) => {
        const holds = () => condition(store.snapshot());
        if (signal?.aborted === true) return resolve(false);
        if (holds()) return resolve(true);
        const end = (seen: boolean) => {
          clearTimeout(timer);
          clearInterval(again);
          clearInterval(asking);
          unsubscribe();
          signal?.removeEventListener('abort', abort);
          resolve(seen);
        };
        const look = () => {
          if (holds()) end(true);
        };
        const abort = () => end(false);
        const unsubscribe = store.subscribe(look);
        const timer = setTimeout(() => end(holds()), timeoutMs);
        // Some of what is waited for is that time passes.
        const again = setInterval(look, lookMs);
        const asking = setInterval(refresh, refreshMs);
        signal?.addEventListener('abort', abort, { once: true });
        refresh();
      });
    },
  };
}

const lookMs = 500;
/** Watches tell by themselves; machines and Prometheus are asked. */
const refreshMs = 4_000;
