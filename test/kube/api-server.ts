import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ServingCertificate } from '../../src/demo/api/certificate.js';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export type Answer = (call: Call, response: ServerResponse) => void;

/** An API server that does exactly what a test tells it to, on loopback. */
export interface ScriptedApi {
  readonly url: string;
  readonly port: number;
  /** Every request so far, oldest first. */
  readonly calls: readonly Call[];
  /** Answers for a path; `*` is for all others. */
  on(path: string, answer: Answer): void;
  /** A collection with list, pages and watch behind `path`. */
  collection(path: string, objects?: readonly object[], resourceVersion?: number): ScriptedCollection;
  /** Drops every connection and stops listening; `start` listens on the same port again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface ScriptedCollection {
  objects: object[];
  resourceVersion: number;
  readonly watches: ScriptedWatch[];
  /** Tells all open watches of a change, and keeps it for later lists. */
  event(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: object): void;
  readonly answer: Answer;
}

export interface ScriptedWatch {
  readonly from: string | null;
  readonly query: URLSearchParams;
  /** Exactly these bytes. */
  send(text: string): void;
  end(): void;
  /** Cuts the connection without a word. */
  cut(): void;
  readonly open: () => boolean;
}

export async function scriptedApi(options: { tls?: ServingCertificate } = {}): Promise<ScriptedApi & AsyncDisposable> {
  const calls: Call[] = [];
  const answers = new Map<string, Answer>([
    ['*', (_, response) => status(response, 404, 'the server could not find the requested resource')],
    ['/version', (_, response) => json(response, { gitVersion: 'v1.36.2' })],
    ['/readyz', (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('[+]ping ok\n[+]etcd ok\nreadyz check passed\n')],
  ]);
  const sockets = new Set<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const call = { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, headers: request.headers };
    calls.push(call);
    const answer = answers.get(url.pathname) ?? answers.get('*');
    request.resume();
    answer?.(call, response);
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer({ cert: options.tls.certPem, key: options.tls.keyPem }, listener);
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = (port: number) =>
    new Promise<number>((resolve) => {
      server.listen(port, '127.0.0.1', () => resolve(portOf(server.address())));
    });
  const port = await listen(0);
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    calls,
    on: (path, answer) => void answers.set(path, answer),
    collection(path, objects = [], resourceVersion = 100) {
      const collection = scriptedCollection([...objects], resourceVersion);
      answers.set(path, collection.answer);
      return collection;
    },
    stop,
    start: async () => void (await listen(port)),
    [Symbol.asyncDispose]: stop,
  };
}

function scriptedCollection(objects: object[], resourceVersion: number): ScriptedCollection {
  const collection: ScriptedCollection = {
    objects,
    resourceVersion,
    watches: [],
    event(type, object) {
      collection.resourceVersion += 1;
      const changed = versioned(object, collection.resourceVersion);
      const name = nameOf(object);
      if (type !== 'BOOKMARK') collection.objects = collection.objects.filter((known) => nameOf(known) !== name);
      if (type === 'ADDED' || type === 'MODIFIED') collection.objects.push(changed);
      for (const watch of collection.watches) if (watch.open()) watch.send(`${JSON.stringify({ type, object: changed })}\n`);
    },
    answer({ query }, response) {
      if (query.get('watch') === 'true') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.flushHeaders();
        collection.watches.push({
          from: query.get('resourceVersion'),
          query,
          send: (text) => response.write(text),
          end: () => response.end(),
          cut: () => response.destroy(),
          open: () => !response.writableEnded && !response.destroyed,
        });
        return;
      }
      const limit = Number(query.get('limit') ?? 0);
      const start = Number(query.get('continue') ?? 0);
      const end = limit === 0 ? collection.objects.length : start + limit;
      const more = end < collection.objects.length ? { continue: String(end) } : {};
      json(response, { kind: 'List', metadata: { resourceVersion: String(collection.resourceVersion), ...more }, items: collection.objects.slice(start, end) });
    },
  };
  return collection;
}

export function json(response: ServerResponse, body: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** An error as the API server words it. */
export function status(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}): void {
  response
    .writeHead(code, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }));
}

export function expired(): string {
  return `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 100 (900)' } })}\n`;
}

function versioned(object: object, resourceVersion: number): object {
  const metadata = 'metadata' in object && typeof object.metadata === 'object' ? object.metadata : {};
  return { ...object, metadata: { ...metadata, resourceVersion: String(resourceVersion) } };
}

function nameOf(object: object): string {
  return 'metadata' in object ? JSON.stringify([readable(object.metadata, 'namespace'), readable(object.metadata, 'name')]) : '';
}

function readable(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === field)?.[1] : undefined;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
