import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, createGzip, type Gzip, gzip } from 'node:zlib';
import { ApiError } from './api-error.js';

/** As the real server: smaller answers are not worth it. */
const gzipFrom = 128 * 1024;

/** One JSON answer, compressed where it is large and the client takes it. */
export function sendJson(request: IncomingMessage, response: ServerResponse, status: number, body: unknown, contentType = 'application/json'): void {
  sendText(request, response, status, `${JSON.stringify(body)}\n`, contentType);
}

export function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const bytes = Buffer.from(text);
  if (bytes.length <= gzipFrom || !takesGzip(request)) {
    response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  gzip(bytes, { level: constants.Z_BEST_SPEED }, (_, compressed) => {
    response.writeHead(status, { 'content-type': contentType, 'content-encoding': 'gzip', vary: 'Accept-Encoding', 'content-length': compressed.length });
    response.end(compressed);
  });
}

/** Anything thrown while answering: an ApiError as its Status, the rest as the 500 that the real server makes of it. */
export function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const wait = known.details?.retryAfterSeconds;
  if (wait !== undefined) response.setHeader('retry-after', String(wait));
  if (known.status === 401) response.setHeader('www-authenticate', 'Bearer realm="kubernetes-master"');
  sendJson(request, response, known.status, known.toStatus());
}

export function takesGzip(request: IncomingMessage): boolean {
  return String(request.headers['accept-encoding'] ?? '')
    .split(',')
    .some((each) => each.split(';')[0]?.trim() === 'gzip' && !/;\s*q=0(?:\.0*)?\s*$/.test(each));
}

/** A long JSON answer written piece by piece, so that neither memory nor the event loop has to take it whole. */
export class JsonWriter {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #status: number;
  #pieces: string[] = [];
  #length = 0;
  #gzip: Gzip | null = null;
  #started = false;

  constructor(request: IncomingMessage, response: ServerResponse, status = 200) {
    this.#request = request;
    this.#response = response;
    this.#status = status;
  }

  /** Resolves when there is room for more. */
  async write(piece: string): Promise<void> {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > gzipFrom) await this.#flush();
  }

  async end(): Promise<void> {
    if (!this.#started) {
      sendText(this.#request, this.#response, this.#status, this.#pieces.join(''), 'application/json');
      return;
    }
    await this.#flush();
    (this.#gzip ?? this.#response).end();
  }

  async #flush(): Promise<void> {
    if (this.#response.destroyed) return;
    if (!this.#started) this.#start();
    const chunk = this.#pieces.join('');
    this.#pieces = [];
    this.#length = 0;
    const sink = this.#gzip ?? this.#response;
    if (!sink.write(chunk)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          sink.off('drain', go);
          this.#response.off('close', go);
          resolve();
        };
        sink.on('drain', go);
        this.#response.on('close', go);
      });
    }
    // Others are to be served between two pieces of a long list.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #start(): void {
    this.#started = true;
    if (!takesGzip(this.#request)) {
      this.#response.writeHead(this.#status, { 'content-type': 'application/json' });
      return;
    }
    this.#response.writeHead(this.#status, { 'content-type': 'application/json', 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    this.#gzip = createGzip({ level: constants.Z_BEST_SPEED });
    this.#gzip.pipe(this.#response);
  }
}
