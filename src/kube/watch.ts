import type { KubeClient } from './client.js';
import { at, number, text } from './json.js';
import { KubeError } from './kube-error.js';
import { readStream, SilentStream } from './read-stream.js';
import type { Resource } from './resources.js';
import { splitLines } from './watch-lines.js';

export interface WatchOptions {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Another media type, such as metadata only. */
  readonly accept?: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  /** A watch that says nothing for this long, not even a bookmark (one comes about every minute), is begun anew. */
  readonly idleMs: number;
  readonly random: () => number;
  /** The server agreed to the watch. */
  readonly opened: () => void;
  readonly event: (type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: unknown) => void;
  /** The resourceVersion to go on from later. */
  readonly reached: (resourceVersion: string) => void;
}

/**
 * One watch from open to end. Resolves `ended` when the server or silence ended it and it can go on from where it was, `expired` when the server no longer has
 * that resourceVersion; rejects with KubeError when it broke.
 */
export async function watchOnce(options: WatchOptions): Promise<'ended' | 'expired'> {
  const { client, resource, resourceVersion, signal, idleMs, random, opened, event, reached } = options;
  const stream = await client.open(resource.path, {
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      // Like client-go: between five and ten minutes, so that the watches of many clients do not end together.
      timeoutSeconds: Math.round(300 + 300 * random()),
      fieldSelector: resource.fieldSelector,
    },
    ...(options.accept === undefined ? {} : { accept: options.accept }),
    signal,
    timeoutMs: 30_000,
  });
  opened();
  let expired = false;
  const line = (json: string) => {
    if (expired) return;
    const change = parsedLine(json, resource);
    const object = at(change, 'object');
    const type = at(change, 'type');
    if (type === 'ERROR') {
      if (number(at(object, 'code')) !== 410) throw watchError(object, resource);
      expired = true;
      stream.destroy();
      return;
    }
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') {
      throw new KubeError('server', `the watch of ${resource.name} sent something unknown`);
    }
    event(type, object);
    const version = text(at(object, 'metadata', 'resourceVersion'));
    if (version !== null) reached(version);
  };
  try {
    await readStream(stream, splitLines(line), idleMs);
  } catch (error) {
    if (signal.aborted) throw new KubeError('aborted', 'given up');
    if (!expired && !(error instanceof SilentStream)) throw error;
  }
  if (signal.aborted) throw new KubeError('aborted', 'given up');
  return expired ? 'expired' : 'ended';
}

function parsedLine(json: string, resource: Resource): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new KubeError('server', `the watch of ${resource.name} sent a line that is not JSON`, { cause: error });
  }
}

function watchError(status: unknown, resource: Resource): KubeError {
  const code = number(at(status, 'code'));
  const message = text(at(status, 'message'), 500) ?? `the watch of ${resource.name} failed`;
  return new KubeError('server', message, code === null ? {} : { status: code });
}
