import type { KubeClient, KubeRequest } from './client.js';
import { at, text } from './json.js';
import { KubeError } from './kube-error.js';
import { splitListItems } from './list-items.js';
import { readStream } from './read-stream.js';
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
  options: {
    readonly pageSize: number;
    readonly signal: AbortSignal;
    readonly item: (object: unknown) => void;
    readonly restart: () => void;
    /** Default: whole objects as JSON. */
    readonly accept?: string;
  },
): Promise<PagedList> {
  const { pageSize, signal, item, restart, accept } = options;
  for (let attempt = 1; ; attempt += 1) {
    let continueAt: string | undefined;
    try {
      for (;;) {
        // A list that expired twice is too slow for its pages: then all of it in one.
        const query = { limit: attempt > 2 ? undefined : pageSize, continue: continueAt, fieldSelector: resource.fieldSelector };
        const page = await readPage(client, resource, { query, signal, item, ...(accept === undefined ? {} : { accept }) });
        continueAt = text(at(page, 'metadata', 'continue'), 100_000) ?? undefined;
        if (continueAt === undefined) return { resourceVersion: text(at(page, 'metadata', 'resourceVersion')) ?? '' };
      }
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'gone' || attempt > 2) throw error;
      restart();
    }
  }
}

/** One page, each item parsed, handed over and forgotten as it arrives. Returns the list without its items. */
async function readPage(
  client: KubeClient,
  resource: Resource,
  { item, ...request }: Pick<KubeRequest, 'query' | 'accept'> & { readonly signal: AbortSignal; readonly item: (object: unknown) => void },
): Promise<unknown> {
  const stream = await client.open(resource.path, { ...request, compressed: true, timeoutMs: pageTimeoutMs });
  const items = splitListItems((json) => item(parsed(json, resource)));
  await readStream(stream, items.push, pageTimeoutMs);
  if (request.signal.aborted) throw new KubeError('aborted', 'given up');
  const page = parsed(items.envelope(), resource);
  const rest = at(page, 'items');
  if (!Array.isArray(rest) && rest !== null) throw new KubeError('not-kubernetes', `the list of ${resource.name} has no items`);
  return page;
}

function parsed(json: string, resource: Resource): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new KubeError('not-kubernetes', `the list of ${resource.name} is not the JSON it claims to be`, { cause: error });
  }
}
