import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

/** What a route answers. `drop` closes the connection without an answer, as a process that is not there does. */
export type Reply =
  | { readonly status: number; readonly type: string; readonly body: string; readonly headers?: Readonly<Record<string, string | readonly string[]>> }
  | 'drop';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** What a POST or DELETE brought, as text. */
  readonly body: string;
}

export function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

export function text(status: number, body: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', body };
}

/** A page of metrics in the text format. */
export function metrics(body: string): Reply {
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body };
}

export const notFound: Reply = text(404, '404 page not found\n');

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves on a free port of 127.0.0.1. Parameters come from the address and, for POST, from a form. */
export async function listen(answer: (request: Request) => Reply | Promise<Reply>): Promise<Listening> {
  const server = createServer((incoming, response) => {
    bodyOf(incoming)
      .then(async (body) => send(incoming, response, await answer(requestOf(incoming, body))))
      .catch((error: unknown) => send(incoming, response, text(500, `${error instanceof Error ? error.message : 'internal error'}\n`)));
  });
  const url = await listening(server);
  // The process may end while the servers listen: they serve nobody but it.
  server.unref();
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('no port to listen on'));
      else resolve(`http://127.0.0.1:${address.port}`);
    });
  });
}

// Queries are short, and dashboards not much longer.
const longestBody = 1_000_000;

function bodyOf(incoming: IncomingMessage): Promise<string> {
  if (incoming.method === 'GET' || incoming.method === 'HEAD') return Promise.resolve('');
  return new Promise((resolve, reject) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      body += chunk;
      if (body.length > longestBody) reject(new Error('body too long'));
    });
    incoming.on('end', () => resolve(body));
    incoming.on('error', reject);
  });
}

function requestOf(incoming: IncomingMessage, body: string): Request {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const parameters = url.searchParams;
  if (incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    for (const [name, value] of new URLSearchParams(body)) parameters.append(name, value);
  }
  return { method: incoming.method ?? 'GET', path: decoded(url.pathname), parameters, headers: incoming.headers, body };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function send(incoming: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply === 'drop') {
    incoming.socket.destroy();
    return;
  }
  response.writeHead(reply.status, { 'Content-Type': reply.type, 'Content-Length': Buffer.byteLength(reply.body), ...reply.headers });
  response.end(incoming.method === 'HEAD' ? undefined : reply.body);
}
