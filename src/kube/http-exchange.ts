import { type ClientRequest, type Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { KubeError } from './kube-error.js';

/** One request as it goes over the wire. */
export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | null;
  readonly signal: AbortSignal | undefined;
  /** Until the headers are there. */
  readonly headersMs: number;
}

/** Until TCP, proxy and TLS are through. A server that is up answers within a round trip; one that is down should be called so soon. */
const connectMs = 5000;

/**
 * Sends one request and resolves with the answer's headers; its body is still to come. Rejects with the socket's own errors, with `ETIMEDOUT` where
 * time ran out, with KubeError `aborted` after the signal.
 */
export function exchange(options: Exchange): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { url, signal } = options;
    if (signal?.aborted) return reject(aborted());
    const requestOptions: RequestOptions = {
      agent: options.agent,
      method: options.method,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: { ...options.headers, host: url.host, ...(options.body === null ? {} : { 'content-length': String(options.body.length) }) },
    };
    const request: ClientRequest = url.protocol === 'https:' ? httpsRequest(requestOptions) : httpRequest(requestOptions);
    const connecting = setTimeout(() => request.destroy(timeout(`no connection within ${connectMs / 1000} s`)), connectMs);
    const waiting = setTimeout(() => request.destroy(timeout(`no answer within ${options.headersMs / 1000} s`)), options.headersMs);
    const abort = () => request.destroy(aborted());
    signal?.addEventListener('abort', abort, { once: true });
    const settled = () => {
      clearTimeout(connecting);
      clearTimeout(waiting);
    };
    request.once('socket', (socket) => {
      if (request.reusedSocket || !socket.connecting) clearTimeout(connecting);
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    });
    request.once('response', (response) => {
      settled();
      // The signal goes on to end the body: a watch is stopped by it.
      response.once('close', () => signal?.removeEventListener('abort', abort));
      resolve(response);
    });
    request.on('error', (error) => {
      settled();
      signal?.removeEventListener('abort', abort);
      reject(request.reusedSocket && isReset(error) ? new StaleSocket(error) : error);
    });
    request.end(options.body ?? undefined);
  });
}

/** A kept-alive connection that the server had closed meanwhile: the request never arrived, it can be sent again. */
export class StaleSocket extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'StaleSocket';
  }
}

/** The whole body, unpacked; rejects with `ETIMEDOUT` when it is not there within `bodyMs`. */
export function bodyOf(response: IncomingMessage, bodyMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const slow = setTimeout(() => response.destroy(timeout('the answer stopped half way')), bodyMs);
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () => {
      clearTimeout(slow);
      const whole = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
      if (response.headers['content-encoding'] === 'gzip' && whole.length > 0) unzip(whole).then(resolve, reject);
      else resolve(whole);
    });
    response.once('error', (error) => {
      clearTimeout(slow);
      reject(error);
    });
  });
}

/** The answer unpacked as it comes; breaks when the answer breaks, and ends it when it is destroyed. */
export function unpacked(response: IncomingMessage): Readable {
  const stream = createGunzip({ chunkSize: 64 * 1024 });
  pipeline(response, stream, () => undefined);
  return stream;
}

export function aborted(): KubeError {
  return new KubeError('aborted', 'given up');
}

const unzip = promisify<Buffer, Buffer>(gunzip);

function timeout(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
