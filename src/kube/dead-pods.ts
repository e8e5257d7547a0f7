import { denied, live, loading, lost, type Slice } from '../state/freshness.js';
import type { DeadPods } from '../state/pods.js';
import { createBackoff, pause } from './backoff.js';
import type { KubeClient } from './client.js';
import { type ConnectionMonitor, isRoad } from './connection.js';
import { at, list, text } from './json.js';
import { KubeError } from './kube-error.js';
import type { Poller } from './polled.js';
import { watchOnce } from './watch.js';

const path = '/api/v1/pods';
/** Only rows without objects: 10,000 pods in 0.1 MB. Servers without tables answer with the plain list. */
const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const asMetadata = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
/** Failed and Succeeded in one selector: selectors know no "or". */
const ended = 'status.phase!=Pending,status.phase!=Running,status.phase!=Unknown';

/**
 * Counts ended pods by the STATUS column of the server's own table, without reading the pods, and counts again two seconds after one comes or goes.
 * A metadata-only watch says when.
 */
export function startDeadPods(options: {
  readonly client: KubeClient;
  readonly connection: ConnectionMonitor;
  readonly write: (slice: Slice<DeadPods>) => void;
  readonly settleMs?: number;
  readonly now?: () => number;
  readonly random?: () => number;
}): Poller {
  const { client, connection, settleMs = 2000, now = Date.now, random = Math.random } = options;
  const closing = new AbortController();
  const backoff = createBackoff(1000, 30_000, random);
  let slice: Slice<DeadPods> = loading(now());
  let attempt = new AbortController();
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const write = (next: Slice<DeadPods>) => {
    slice = next;
    if (!closing.signal.aborted) options.write(next);
    settle();
  };

  /** Resolves after something changed. */
  const change = async (from: string, signal: AbortSignal) => {
    let resourceVersion = from;
    const seen = new AbortController();
    const until = AbortSignal.any([signal, seen.signal]);
    while (!until.aborted) {
      try {
        const outcome = await watchOnce({
          client,
          resource: { path, name: 'pods', fieldSelector: ended },
          accept: asMetadata,
          resourceVersion,
          signal: until,
          idleMs: 90_000,
          random,
          opened: () => connection.succeeded(),
          event: (type) => {
            if (type === 'BOOKMARK') return;
            seen.abort();
          },
          reached: (version) => {
            resourceVersion = version;
          },
        });
        if (outcome === 'expired') return;
        await pause(200, until);
      } catch (error) {
        if (!seen.signal.aborted) throw error;
      }
    }
    await pause(settleMs, signal);
  };

  const run = async () => {
    while (!closing.signal.aborted) {
      await connection.ready(closing.signal);
      attempt = new AbortController();
      const signal = AbortSignal.any([attempt.signal, closing.signal]);
      let counted = false;
      try {
        const { counts, resourceVersion } = await countDeadPods(client, signal);
        counted = true;
        connection.succeeded();
        backoff.reset();
        write(live(counts, now()));
        await change(resourceVersion, signal);
      } catch (caught) {
        const error = KubeError.from(caught);
        if (error.kind === 'aborted') continue;
        connection.failed(error);
        // Without the right to watch, it is counted now and then.
        if (error.kind === 'forbidden' && !counted) write(denied('list', 'pods'));
        else if (!isRoad(error) && error.kind !== 'gone' && error.kind !== 'forbidden') write(lost(slice, now(), error.message));
        await pause(error.kind === 'forbidden' ? 60_000 : Math.max(backoff.next(), error.retryAfterMs ?? 0), signal);
      }
    }
  };
  const unsubscribe = connection.subscribe(() => {
    const trouble = connection.trouble();
    if (trouble !== null) write(lost(slice, now(), trouble));
    else attempt.abort();
  });
  void run().catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });

  return {
    settled,
    refresh: () => attempt.abort(),
    close() {
      unsubscribe();
      closing.abort();
      settle();
    },
  };
}

/** One count, and the resourceVersion to watch from for the next. Rejects with KubeError. */
export async function countDeadPods(client: KubeClient, signal: AbortSignal): Promise<{ readonly counts: DeadPods; readonly resourceVersion: string }> {
  const failed = await statuses(client, 'Failed', signal);
  const succeeded = await statuses(client, 'Succeeded', signal);
  const count = (byStatus: ReadonlyMap<string, number>) => [...byStatus.values()].reduce((sum, pods) => sum + pods, 0);
  return {
    counts: {
      failed: count(failed.byStatus),
      succeeded: count(succeeded.byStatus),
      failedByReason: new Map([...failed.byStatus].sort(([, a], [, b]) => b - a)),
    },
    resourceVersion: failed.resourceVersion,
  };
}

async function statuses(client: KubeClient, phase: 'Failed' | 'Succeeded', signal: AbortSignal) {
  const byStatus = new Map<string, number>();
  let resourceVersion: string | null = null;
  let column = -1;
  let continueAt: string | undefined;
  do {
    const { body } = await client.request(path, {
      accept: asTable,
      query: { fieldSelector: `status.phase=${phase}`, limit: 2000, includeObject: 'None', continue: continueAt },
      signal,
      timeoutMs: 60_000,
    });
    if (column === -1) column = list(at(body, 'columnDefinitions')).findIndex((definition) => String(at(definition, 'name')).toLowerCase() === 'status');
    const table = at(body, 'kind') === 'Table';
    for (const row of list(at(body, table ? 'rows' : 'items'))) {
      const status = (table ? text(list(at(row, 'cells'))[column]) : statusOf(row)) ?? phase;
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    }
    resourceVersion ??= text(at(body, 'metadata', 'resourceVersion'));
    continueAt = text(at(body, 'metadata', 'continue'), 100_000) ?? undefined;
  } while (continueAt !== undefined);
  return { byStatus, resourceVersion: resourceVersion ?? '' };
}

/** What kubectl's STATUS column says of an ended pod: its own reason, else that of the container that ended it. */
function statusOf(pod: unknown): string | null {
  const reason = text(at(pod, 'status', 'reason'));
  if (reason !== null) return reason;
  const reasons = list(at(pod, 'status', 'containerStatuses')).flatMap((status) => text(at(status, 'state', 'terminated', 'reason')) ?? []);
  return reasons.find((candidate) => candidate !== 'Completed') ?? reasons[0] ?? null;
}
