import { absent, denied, live, loading, lost, type Slice } from '../state/freshness.js';
import type { Collection } from '../state/snapshot.js';
import { createBackoff, pause } from './backoff.js';
import type { KubeClient } from './client.js';
import { type ConnectionMonitor, isRoad } from './connection.js';
import { at, text } from './json.js';
import { KubeError } from './kube-error.js';
import { listPages } from './list-pages.js';
import type { Resource } from './resources.js';
import { watchOnce } from './watch.js';

/** Keeps one collection as the server has it. */
export interface Reflector {
  /** Resolves after the first list, or when it is clear that there will be none for now. */
  readonly settled: Promise<void>;
  /** Lists again, at once. */
  refresh(): void;
  close(): void;
}

export interface ReflectorOptions<T> {
  readonly client: KubeClient;
  readonly connection: ConnectionMonitor;
  readonly resource: Resource;
  /** An object as we keep it, or null for one that is not kept. `previous` is what was known of it. */
  readonly project: (object: unknown, previous: T | undefined) => T | null;
  /** Key in the collection; default: its namespace and name. */
  readonly keyOf?: (object: unknown) => string | null;
  readonly write: (slice: Slice<Collection<T>>) => void;
  /** Makes room in a collection that must not grow for ever; called after each batch. */
  readonly trim?: (items: Map<string, T>) => void;
  readonly pageSize?: number;
  readonly idleMs?: number;
  readonly now?: () => number;
  readonly random?: () => number;
}

const shortOutageMs = 60_000;
const deniedWaitsMs = { first: 5000, longest: 60_000 };

/**
 * List in pages, then watch from there; what breaks is taken up again from the last good resourceVersion, and where the server no longer has that, listed
 * anew. The map in the slice is changed in place by watch events and replaced by lists; every write brings a new slice.
 */
export function startReflector<T>(options: ReflectorOptions<T>): Reflector {
  const { client, connection, resource, project, keyOf = keyOfObject, trim, pageSize = 500, idleMs = 90_000, now = Date.now, random = Math.random } = options;
  const closing = new AbortController();
  const backoff = createBackoff(200, 15_000, random);
  const deniedBackoff = createBackoff(deniedWaitsMs.first, deniedWaitsMs.longest, random);
  let items = new Map<string, T>();
  let slice: Slice<Collection<T>> = loading(now());
  let resourceVersion: string | null = null;
  let outageSince: number | null = null;
  let failures = 0;
  let writing = false;
  let attempt = new AbortController();
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const write = (next: Slice<Collection<T>>) => {
    slice = next;
    if (!closing.signal.aborted) options.write(next);
  };
  /** One write for all events of one tick. */
  const changed = () => {
    if (writing) return;
    writing = true;
    setImmediate(() => {
      writing = false;
      trim?.(items);
      write(live(items, now()));
    });
  };
  const heard = () => {
    failures = 0;
    backoff.reset();
  };

  const list = async (signal: AbortSignal) => {
    let fresh = new Map<string, T>();
    const answer = await listPages(client, resource, {
      pageSize,
      signal,
      item: (object) => {
        const key = keyOf(object);
        const known = key === null ? null : project(object, items.get(key));
        if (key !== null && known !== null) fresh.set(key, known);
      },
      restart: () => {
        fresh = new Map();
      },
    });
    items = fresh;
    trim?.(items);
    resourceVersion = answer.resourceVersion;
    heard();
    connection.succeeded();
    deniedBackoff.reset();
    write(live(items, now()));
    settle();
  };

  const watch = async (signal: AbortSignal) => {
    const began = now();
    let open = false;
    const outcome = await watchOnce({
      client,
      resource,
      resourceVersion: resourceVersion ?? '',
      signal,
      idleMs,
      random,
      opened: () => {
        open = true;
        connection.succeeded();
        // What was missed comes at once, and if nothing was missed, nothing comes.
        if (slice.freshness.status === 'stale') changed();
      },
      event: (type, object) => {
        heard();
        if (type !== 'BOOKMARK') apply(type, object);
        changed();
      },
      reached: (version) => {
        resourceVersion = version;
      },
    }).catch((error: unknown) => {
      // Until it broke, the watch told everything: silence was good news.
      if (open && slice.freshness.status === 'live' && slice.value !== null) slice = live(slice.value, now());
      throw error;
    });
    if (outcome === 'expired') {
      resourceVersion = null;
      return;
    }
    // Something in between that ends each watch at once must not be asked in a circle.
    if (now() - began < 1000) await rest(backoff.next());
    else heard();
  };

  const apply = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: unknown) => {
    const key = keyOf(object);
    if (key === null) return;
    const known = type === 'DELETED' ? null : project(object, items.get(key));
    if (known === null) items.delete(key);
    else items.set(key, known);
  };

  /** After an outage the server may be another, with another history: long ones are listed anew, and so is a server that lags behind what we saw. */
  const distrust = async (signal: AbortSignal) => {
    if (outageSince === null || resourceVersion === null) return;
    if (now() - outageSince > shortOutageMs) resourceVersion = null;
    else {
      const { body } = await client.request(resource.path, { query: { limit: 1, fieldSelector: resource.fieldSelector }, signal });
      if (isOlder(body, resourceVersion)) resourceVersion = null;
    }
    outageSince = null;
  };

  const run = async () => {
    while (!closing.signal.aborted) {
      await connection.ready(closing.signal);
      attempt = new AbortController();
      const signal = AbortSignal.any([attempt.signal, closing.signal]);
      try {
        await distrust(signal);
        if (resourceVersion === null) await list(signal);
        outageSince = null;
        await watch(signal);
      } catch (error) {
        await recover(KubeError.from(error));
      }
    }
  };

  const recover = async (error: KubeError) => {
    if (closing.signal.aborted || attempt.signal.aborted) return;
    settle();
    if (error.kind === 'gone') {
      resourceVersion = null;
      failures += 1;
      if (failures > 1) await rest(backoff.next());
      return;
    }
    connection.failed(error);
    if (error.kind === 'forbidden' && resourceVersion !== null) {
      // Allowed to list but not to watch: the list is as good as it was a moment ago, and asked for again now and then.
      resourceVersion = null;
      await rest(30_000);
      return;
    }
    if (error.kind === 'forbidden' || error.kind === 'not-found') {
      resourceVersion = null;
      write(error.kind === 'forbidden' ? denied('list', resource.name) : absent(`the server does not serve ${resource.name}`));
      await rest(deniedBackoff.next());
      return;
    }
    failures += 1;
    if (isRoad(error)) outageSince ??= now();
    // A server of another age refuses to watch from a resourceVersion that it has not reached.
    if (error.status === 504 || error.status === 400 || (failures > 2 && !isRoad(error))) resourceVersion = null;
    if ((slice.value === null && !isRoad(error)) || failures > 1) write(lost(slice, now(), error.message));
    await rest(Math.max(backoff.next(), error.retryAfterMs ?? 0));
  };

  /** A wait that refresh() cuts short. */
  const rest = (ms: number) => pause(ms, AbortSignal.any([attempt.signal, closing.signal]));

  const unsubscribe = connection.subscribe(() => {
    const trouble = connection.trouble();
    if (trouble !== null) {
      outageSince ??= now();
      write(lost(slice, now(), trouble));
      settle();
    } else attempt.abort();
  });

  void run().catch((error: unknown) => write(lost(slice, now(), KubeError.from(error).message)));

  return {
    settled,
    refresh() {
      resourceVersion = null;
      deniedBackoff.reset();
      attempt.abort();
    },
    close() {
      unsubscribe();
      closing.abort();
      settle();
    },
  };
}

/** `namespace/name`, or the name alone; null for something without one. */
export function keyOfObject(object: unknown): string | null {
  const name = text(at(object, 'metadata', 'name'));
  const namespace = text(at(object, 'metadata', 'namespace'));
  return name === null || namespace === null ? name : `${namespace}/${name}`;
}

/** Whether a list comes from before a resourceVersion that we have seen. Versions are etcd's revisions: numbers that grow. */
function isOlder(answer: unknown, resourceVersion: string): boolean {
  const version = text(at(answer, 'metadata', 'resourceVersion')) ?? '';
  return /^\d+$/.test(version) && /^\d+$/.test(resourceVersion) && BigInt(version) < BigInt(resourceVersion);
}
