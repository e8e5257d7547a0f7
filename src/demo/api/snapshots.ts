import { ApiError, badRequest } from './api-error.js';
import type { JsonObject } from './json.js';
import type { KubeObject } from './object-store.js';

/**
 * Lists that are read in pages: the pages of one list all show the moment of the first. Objects never change in place, so a
 * moment costs one array of references. The oldest are forgotten after five minutes, as etcd's compaction does, or when there
 * are too many.
 */
export class Snapshots {
  readonly #kept = new Map<string, Snapshot>();
  #counter = 0;

  first(objects: readonly KubeObject[], limit: number, resourceVersion: string, selected: boolean): { objects: readonly KubeObject[]; metadata: JsonObject } {
    this.#counter += 1;
    const id = `${resourceVersion}-${this.#counter}`;
    const snapshot = { objects, resourceVersion, selected, taken: Date.now() };
    this.#kept.set(id, snapshot);
    for (const [key, { taken }] of this.#kept) {
      if (this.#kept.size <= mostKept && Date.now() - taken < keptFor) break;
      this.#kept.delete(key);
    }
    return page(id, snapshot, 0, limit);
  }

  next(token: string, limit: number, currentVersion: number): { objects: readonly KubeObject[]; metadata: JsonObject } {
    const { id, start } = readToken(token);
    const snapshot = this.#kept.get(id);
    if (snapshot === undefined || Date.now() - snapshot.taken >= keptFor) {
      throw new ApiError(
        410,
        'Expired',
        `The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list. (current resource version ${currentVersion})`,
      );
    }
    return page(id, snapshot, start, limit);
  }

  /** What compaction does to lists that are under way: their next page is 410. */
  forget(): void {
    this.#kept.clear();
  }
}

interface Snapshot {
  readonly objects: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly selected: boolean;
  readonly taken: number;
}

const mostKept = 32;
const keptFor = 5 * 60 * 1000;

function page(id: string, snapshot: Snapshot, start: number, limit: number): { objects: readonly KubeObject[]; metadata: JsonObject } {
  const { objects, resourceVersion, selected } = snapshot;
  const end = limit === 0 ? objects.length : Math.min(objects.length, start + limit);
  const left = objects.length - end;
  if (left <= 0) return { objects: objects.slice(start, end), metadata: { resourceVersion } };
  const next = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', id, start: end })).toString('base64url');
  // The real server does not know how many are left when it has to look at each.
  return { objects: objects.slice(start, end), metadata: { resourceVersion, continue: next, ...(selected ? {} : { remainingItemCount: left }) } };
}

function readToken(token: string): { id: string; start: number } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof parsed === 'object' && parsed !== null && 'id' in parsed && 'start' in parsed) {
      const { id, start } = parsed;
      if (typeof id === 'string' && typeof start === 'number') return { id, start };
    }
  } catch {
    // Falls through to the answer for tokens that nobody gave out.
  }
  throw badRequest('continue key is not valid: encoded continue token is invalid');
}
