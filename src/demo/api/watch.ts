import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.js';
import type { JsonObject } from './json.js';
import { type Selection, selected, selection, selects, tooLarge, versionNumber } from './list.js';
import { acceptedForm, type Form } from './negotiation.js';
import type { KubeObject, ObjectStore, WatchEvent, WatchType } from './object-store.js';
import { type IncludeObject, includeObject, partial, row } from './representation.js';
import { isTrue } from './request-info.js';
import { apiVersionOf, type ResourceType } from './resource-type.js';

/** Answers a watch until its timeout, until the client goes, or until `signal` (the server) ends it. */
export async function answerWatch(
  store: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
  type: ResourceType,
  namespace: string | undefined,
  query: URLSearchParams,
): Promise<void> {
  const form = acceptedForm(request.headers.accept);
  const chosen = selection(type, query);
  const wanted = query.get('resourceVersion') ?? '';
  const initial = initialEvents(query, wanted);
  if (wanted !== '' && wanted !== '0') await waitForVersion(store, type, versionNumber(wanted), response);
  if (response.destroyed) return;
  const watch = new Watch(response, type, form, includeObject(query), isTrue(query.get('allowWatchBookmarks')));
  const missed = initial ? [] : store.since(type.storeName, Number(wanted));
  if (missed === null) {
    const message = `too old resource version: ${wanted} (${store.oldest(type.storeName)})`;
    watch.send('ERROR', new ApiError(410, 'Expired', message).toStatus());
    watch.end();
    return;
  }
  const take = (event: WatchEvent): void => {
    if (namespace !== undefined && event.object.metadata.namespace !== namespace) return;
    const kind = transition(chosen, event);
    if (kind !== null) watch.change(kind, event);
  };
  if (initial) {
    for (const object of selected(store, type, namespace, chosen)) watch.object('ADDED', object);
    if (isTrue(query.get('sendInitialEvents'))) watch.bookmark(store.resourceVersion, true);
  }
  for (const event of missed) take(event);
  const seconds = Number(query.get('timeoutSeconds') ?? '') || 1800 + Math.random() * 1800;
  const stop = store.subscribe(type.storeName, take);
  const bookmarks = setInterval(() => watch.bookmark(store.resourceVersion, false), bookmarkEvery);
  const timeout = setTimeout(() => {
    watch.bookmark(store.resourceVersion, false);
    watch.end();
  }, seconds * 1000);
  response.once('close', () => {
    stop();
    clearInterval(bookmarks);
    clearTimeout(timeout);
  });
}

/** The real server's interval is a minute as well, with a little jitter. */
const bookmarkEvery = 60_000;

/** A watcher that reads so slowly that this much waits for it is let go, as the real server does when its buffer is full. */
const mostWaiting = 64 * 1024 * 1024;

/** What a change means to somebody who sees only a selection: things appear and vanish by changing. */
function transition(chosen: Selection, event: WatchEvent): WatchType | null {
  if (event.type === 'DELETED') return event.previous !== null && selects(chosen, event.previous) ? 'DELETED' : null;
  const is = selects(chosen, event.object);
  const was = event.previous !== null && selects(chosen, event.previous);
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : null;
}

/** Whether the watch begins with everything that is there. Throws ApiError 422 as the real server does for contradictions. */
function initialEvents(query: URLSearchParams, wanted: string): boolean {
  const send = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  const forbidden = (why: string): ApiError => new ApiError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${why}`);
  if (send === null && match !== '')
    throw forbidden('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  if (send !== null && match !== 'NotOlderThan') {
    throw forbidden('resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (send !== null) return isTrue(send) || wanted === '' || wanted === '0';
  return wanted === '' || wanted === '0';
}

/** A watch from a version that is yet to come gets three seconds' patience, then 504. */
async function waitForVersion(store: ObjectStore, type: ResourceType, version: number, response: ServerResponse): Promise<void> {
  if (store.resourceVersion >= version) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, 3000);
    const stop = store.subscribe(type.storeName, ({ resourceVersion }) => {
      if (resourceVersion >= version) done();
    });
    response.once('close', done);
  });
  if (store.resourceVersion < version) throw tooLarge(version, store.resourceVersion);
}

class Watch {
  readonly #response: ServerResponse;
  readonly #type: ResourceType;
  readonly #form: Form;
  readonly #include: IncludeObject;
  readonly #bookmarks: boolean;
  #waiting: string[] = [];
  #columnsSent = false;

  constructor(response: ServerResponse, type: ResourceType, form: Form, include: IncludeObject, bookmarks: boolean) {
    this.#response = response;
    this.#type = type;
    this.#form = form;
    this.#include = include;
    this.#bookmarks = bookmarks;
    response.writeHead(200, { 'content-type': form === 'table' ? 'application/json;as=Table;g=meta.k8s.io;v=v1' : 'application/json' });
    response.flushHeaders();
  }

  change(kind: WatchType, event: WatchEvent): void {
    // For those who see a selection only, DELETED may mean an object that lives on: its last state with the new version, as the real server sends it.
    const object =
      kind === 'DELETED' && event.type !== 'DELETED' && event.previous !== null
        ? { ...event.previous, metadata: { ...event.previous.metadata, resourceVersion: String(event.resourceVersion) } }
        : event.object;
    this.object(kind, object);
  }

  object(kind: WatchType, object: KubeObject): void {
    if (this.#form === 'object') this.#write(`{"type":"${kind}","object":${jsonText(object)}}\n`);
    else if (this.#form === 'partial') this.send(kind, partial(object));
    else this.send(kind, this.#table(object.metadata.resourceVersion ?? '', [row(object, this.#type, this.#include, Date.now())]));
  }

  bookmark(resourceVersion: number, endsInitialEvents: boolean): void {
    if (!this.#bookmarks) return;
    const version = String(resourceVersion);
    if (this.#form === 'table') {
      this.send('BOOKMARK', this.#table(version, []));
      return;
    }
    const metadata = {
      resourceVersion: version,
      creationTimestamp: null,
      ...(endsInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    };
    const type =
      this.#form === 'partial'
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
        : { kind: this.#type.kind, apiVersion: apiVersionOf(this.#type) };
    this.send('BOOKMARK', { ...type, metadata });
  }

  send(kind: string, object: JsonObject): void {
    this.#write(`{"type":"${kind}","object":${JSON.stringify(object)}}\n`);
  }

  end(): void {
    this.#flush();
    this.#response.end();
  }

  #table(resourceVersion: string, rows: readonly unknown[]): JsonObject {
    const first = !this.#columnsSent;
    this.#columnsSent = true;
    return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion }, columnDefinitions: first ? this.#type.printer.columns : null, rows };
  }

  /** Many changes of one moment go out as one write. */
  #write(line: string): void {
    if (this.#waiting.push(line) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#waiting.length === 0 || this.#response.destroyed) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#response.write(text);
    if (this.#response.writableLength > mostWaiting) this.#response.destroy();
  }
}

let lastObject: KubeObject | null = null;
let lastText = '';

/** All watchers are told of a change one after the other: the text made for the first serves the others. */
function jsonText(object: KubeObject): string {
  if (object !== lastObject) {
    lastText = JSON.stringify(object);
    lastObject = object;
  }
  return lastText;
}
