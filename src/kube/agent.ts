import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Duplex, PassThrough } from 'node:stream';
import { createSecureContext } from 'node:tls';
import { clean } from '../text/clean.js';
import { KubeError } from './kube-error.js';

/** TLS settings of one cluster and user, PEM. */
export interface TlsSettings {
  readonly ca: Buffer | null;
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
  readonly skipVerify: boolean;
  readonly serverName: string | null;
}

/** A kept-alive agent for an API server, through an http(s) proxy where there is one. Throws where certificate or key cannot be used. */
export function createAgent(server: URL, tls: TlsSettings, proxy: string | null): HttpAgent | HttpsAgent {
  const options: AgentOptions = {
    keepAlive: true,
    // TCP's own probes notice a vanished server under a silent watch; client-go uses the same 30 s.
    keepAliveMsecs: 30_000,
    maxFreeSockets: 16,
    ...(tls.skipVerify ? { rejectUnauthorized: false } : {}),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
  };
  if (server.protocol === 'https:') {
    // Made once: what is wrong with certificate and key shows here, and connections need not read them again.
    options.secureContext = createSecureContext({
      ...(tls.ca === null ? {} : { ca: tls.ca }),
      ...(tls.cert === null ? {} : { cert: tls.cert }),
      ...(tls.key === null ? {} : { key: tls.key }),
    });
  }
  if (server.protocol === 'http:') return proxy === null ? new HttpAgent(options) : new HttpTunnelAgent(options, new URL(proxy));
  return proxy === null ? new HttpsAgent(options) : new HttpsTunnelAgent(options, new URL(proxy));
}

type Connected = (error: Error | null, stream: Duplex) => void;

class HttpTunnelAgent extends HttpAgent {
  readonly #proxy: URL;

  constructor(options: AgentOptions, proxy: URL) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: Parameters<HttpAgent['createConnection']>[0], connected?: Connected): undefined {
    tunnel(this.#proxy, options, (error, socket) => connected?.(error, socket));
  }
}

class HttpsTunnelAgent extends HttpsAgent {
  readonly #proxy: URL;

  constructor(options: AgentOptions, proxy: URL) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: Parameters<HttpsAgent['createConnection']>[0], connected?: Connected): undefined {
    tunnel(this.#proxy, options, (error, socket) => {
      if (error !== null) return connected?.(error, socket);
      // The agent's own way of connecting does the TLS handshake, over the tunnel instead of a new socket.
      const over: object = { ...options, socket };
      const secured = super.createConnection(over);
      if (secured) connected?.(null, secured);
    });
  }
}

/** Asks the proxy for a connection to the server (HTTP CONNECT). */
function tunnel(proxy: URL, to: { host?: string | null | undefined; port?: string | number | null | undefined }, connected: Connected): void {
  const target = `${to.host?.includes(':') ? `[${to.host}]` : to.host}:${to.port}`;
  const credentials = proxy.username === '' ? null : `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const options = {
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : Number(proxy.port),
    path: target,
    agent: false as const,
    timeout: 10_000,
    headers: {
      host: target,
      ...(credentials === null ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  };
  const request: ClientRequest = proxy.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
  const name = `proxy ${proxy.host}`;
  // The agent looks at the stream only where there is no error, but its type wants one.
  const failed = (error: Error) => connected(error, new PassThrough());
  request.once('connect', (response, socket) => {
    socket.removeAllListeners();
    if (response.statusCode === 200) return connected(null, socket);
    socket.destroy();
    const why = `the ${name} refused to connect to ${target}: ${response.statusCode} ${clean(response.statusMessage ?? '')}`;
    failed(
      new KubeError('unreachable', why, {
        fix: response.statusCode === 407 ? 'put user and password into the proxy URL' : 'add the server to NO_PROXY, or correct the proxy',
      }),
    );
  });
  request.once('response', (response) => {
    response.destroy();
    failed(new KubeError('unreachable', `the ${name} does not tunnel: it answered ${response.statusCode} to CONNECT`));
  });
  request.once('timeout', () => request.destroy(new Error('no answer within 10 s')));
  request.once('error', (error) =>
    failed(error instanceof KubeError ? error : new KubeError('unreachable', `the ${name} cannot be reached: ${clean(error.message)}`)),
  );
  request.end();
}
