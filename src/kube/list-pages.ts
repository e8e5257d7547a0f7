import type { KubeClient } from './client.js';
import { at, list, text } from './json.js';
import { KubeError } from './kube-error.js';
import type { Resource } from './resources.js';

export interface PagedList {
  /** To watch from. */
  readonly resourceVersion: string;
}

/** Bigger answers of a busy server take their time; a dead one is noticed while connecting. */
const pageTimeoutMs = 60_000;

/**
 * Lists a collection page by page; `item` gets each object, none is kept. `restart` is called when the server forgot the list half way (410, its history was
 * compacted) and everything begins anew. Never with resourceVersion=0: the API server ignores `limit` then.
 */
export async function listPages(
  client: KubeClient,
  resource: Resource,
  options: { readonly pageSize: number; readonly signal: AbortSignal; readonly item: (object: unknown) => void; readonly restart: () => void },
): Promise<PagedList> {
  const { pageSize, signal, item, restart } = options;
  for (let attempt = 1; ; attempt += 1) {
    let continueAt: string | undefined;
    try {
      for (;;) {
        const { body } = await client.request(resource.path, {
          // A list that expired twice is too slow for its pages: then all of it in one.
          query: { limit: attempt > 2 ? undefined : pageSize, continue: continueAt, fieldSelector: resource.fieldSelector },
          signal,
          timeoutMs: pageTimeoutMs,
        });
        const items = at(body, 'items');
        if (!Array.isArray(items) && items !== null) throw new KubeError('not-kubernetes', `the list of ${resource.name} has no items`);
        for (const object of list(items)) item(object);
        continueAt = text(at(body, 'metadata', 'continue'), 100_000) ?? undefined;
        if (continueAt === undefined) return { resourceVersion: text(at(body, 'metadata', 'resourceVersion')) ?? '' };
      }
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'gone' || attempt > 2) throw error;
      restart();
    }
  }
}
