import { Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { TLSSocket } from 'node:tls';
import { duration } from '../text/age.js';
import { clean } from '../text/clean.js';
import { createAgent, type TlsSettings } from './agent.js';
import { answerError, notKubernetes } from './answer-error.js';
import type { KubeClient, KubeRequest } from './client.js';
import { createCredentials } from './credentials.js';
import { envProxy } from './env-proxy.js';
import { aborted, bodyOf, type Exchange, exchange, StaleSocket, unpacked } from './http-exchange.js';
import { KubeError } from './kube-error.js';
import type { UsableKubeconfig } from './kubeconfig.js';
import { transportError } from './transport-error.js';

const defaultTimeoutMs = 15_000;

/** A client for the chosen context of a kubeconfig. Opens no connection before the first request. `env` is for proxies and credential plugins. */
export function createKubeClient(config: UsableKubeconfig, options: { env?: NodeJS.ProcessEnv; now?: () => number; userAgent?: string } = {}): KubeClient {
  const { env = process.env, now = Date.now, userAgent = 'gpuk8s-tui' } = options;
  const server = new URL(config.cluster.server);
  const proxy = config.cluster.proxyUrl ?? envProxy(server, env);
  const host = clean(server.host);
  const credentials = createCredentials(config, env, now);
  const agents = new Map<TlsSettings, Promise<HttpAgent>>();
  let certificateEndsAt: number | null = null;
  let closed = false;

  const agentFor = (tls: TlsSettings): Promise<HttpAgent> => {
    const known = agents.get(tls) ?? newAgent(config, server, tls, proxy);
    agents.set(tls, known);
    return known;
  };
  /** After trouble on the way, idle connections are probably as dead: none is used again. */
  const dropIdle = async () => {
    for (const agent of agents.values()) {
      const { freeSockets } = await agent;
      for (const sockets of Object.values(freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    }
  };

  const send = async (path: string, request: KubeRequest, compressed: boolean): Promise<IncomingMessage> => {
    const url = urlOf(server, path, request.query);
    const body = request.body === undefined ? null : Buffer.from(typeof request.body === 'string' ? request.body : JSON.stringify(request.body));
    for (let attempt = 1; ; attempt += 1) {
      if (closed || request.signal?.aborted) throw aborted();
      try {
        const { headers, tls, generation } = await credentials.current();
        const message: Exchange = {
          url,
          method: request.method ?? 'GET',
          agent: await agentFor(tls),
          headers: {
            accept: request.accept ?? 'application/json',
            'accept-encoding': compressed ? 'gzip' : 'identity',
            'user-agent': userAgent,
            ...(body === null ? {} : { 'content-type': request.contentType ?? 'application/json' }),
            ...headers,
          },
          body,
          signal: request.signal,
          headersMs: request.timeoutMs ?? defaultTimeoutMs,
        };
        const response = await exchange(message);
        certificateEndsAt = endOf(response) ?? certificateEndsAt;
        if (response.statusCode !== 401 || attempt > 1) return response;
        // Whoever rotates tokens may have done so just now: once more with fresh ones.
        response.resume();
        credentials.forget(generation);
      } catch (error) {
        const stale = error instanceof StaleSocket;
        if (stale && attempt <= 2 && request.once !== true && request.method !== 'POST' && request.method !== 'PATCH') continue;
        if (closed || request.signal?.aborted) throw aborted();
        await dropIdle();
        throw await transportError(stale ? error.cause : error, { server, tlsServerName: config.cluster.tlsServerName, proxied: proxy !== null }, now());
      }
    }
  };

  const failed = async (response: IncomingMessage, path: string, request: KubeRequest, known?: unknown): Promise<KubeError> => {
    const body = known ?? parsed(await bodyOf(response, 5000).catch(() => Buffer.alloc(0)), contentTypeOf(response));
    const answer = {
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      contentType: contentTypeOf(response),
      body: body instanceof KubeError ? null : body,
      what: `${request.method ?? 'GET'} ${path}`,
      host,
      credentialsTrouble: expiredCertificate(credentials.certificateEndsAt(), now()),
    };
    return answerError(answer, now());
  };

  return {
    context: config.context,
    server: config.cluster.server,
    namespace: config.namespace,
    async request(path, request = {}) {
      const started = performance.now();
      const response = await send(path, request, true);
      const left = Math.max(1000, (request.timeoutMs ?? defaultTimeoutMs) - (performance.now() - started));
      let content: Buffer;
      try {
        content = await bodyOf(response, left);
      } catch (error) {
        if (closed || request.signal?.aborted) throw aborted();
        throw await transportError(error, { server, tlsServerName: config.cluster.tlsServerName, proxied: proxy !== null }, now());
      }
      const roundTripMs = performance.now() - started;
      const status = response.statusCode ?? 0;
      const type = contentTypeOf(response);
      const body = parsed(content, type);
      if (status < 200 || status > 299) throw await failed(response, path, request, body);
      const wantsJson = (request.accept ?? 'application/json').includes('json');
      if (wantsJson && !type.includes('json')) throw notKubernetes({ status, body, host, what: path });
      if (body instanceof KubeError) throw notKubernetes({ status, body: null, host, what: path });
      return { status, headers: response.headers, body, roundTripMs };
    },
    async open(path, request = {}) {
      const response = await send(path, request, request.compressed === true);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw await failed(response, path, request);
      if ((request.accept ?? 'application/json').includes('json') && contentTypeOf(response).includes('html')) {
        throw notKubernetes({ status, body: (await bodyOf(response, 5000).catch(() => Buffer.alloc(0))).toString('utf8'), host, what: path });
      }
      return response.headers['content-encoding'] === 'gzip' ? unpacked(response) : response;
    },
    async road() {
      const { headers, tls } = await credentials.current();
      const lines = Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : value.join(', ')]);
      return { baseUrl: config.cluster.server, agent: await agentFor(tls), headers: Object.fromEntries(lines) };
    },
    certificateEndsAt: () => certificateEndsAt,
    close() {
      closed = true;
      for (const agent of agents.values()) agent.then((known) => known.destroy()).catch(() => undefined);
    },
  };
}

async function newAgent(config: UsableKubeconfig, server: URL, tls: TlsSettings, proxy: string | null): Promise<HttpAgent> {
  try {
    if (proxy === null || !proxy.startsWith('socks')) return createAgent(server, tls, proxy);
    // SOCKS is rare; the client library brings it along.
    const cluster = config.kubeConfig.getCurrentCluster();
    if (cluster !== null) Object.assign(cluster, { proxyUrl: proxy });
    const options: { agent?: unknown } = {};
    await config.kubeConfig.applyToHTTPSOptions(options);
    if (options.agent instanceof HttpAgent) return options.agent;
  } catch (error) {
    const why = clean(error instanceof Error ? error.message : String(error), 200);
    throw new KubeError('tls', `the certificates or the proxy of context "${config.context}" cannot be used: ${why}`, { cause: error });
  }
  throw new KubeError('unreachable', `the proxy of context "${config.context}" cannot be used`);
}

/** The server's URL may have a path of its own, as behind Rancher. */
function urlOf(server: URL, path: string, query: KubeRequest['query'] = {}): URL {
  const [pathname = '', search = ''] = path.split('?', 2);
  const url = new URL(server.origin);
  url.pathname = `${server.pathname.replace(/\/$/, '')}${pathname}`;
  url.search = search;
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.append(name, String(value));
  return url;
}

/** JSON where it says so, else the text; KubeError (not thrown) where JSON was promised and is broken. */
function parsed(content: Buffer, contentType: string): unknown {
  const text = content.toString('utf8');
  if (!contentType.includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    return new KubeError('not-kubernetes', 'the answer is not the JSON it claims to be', { cause: error });
  }
}

function contentTypeOf(response: IncomingMessage): string {
  return (response.headers['content-type'] ?? '').toLowerCase();
}

/** Read once for each connection: taking a certificate apart costs as much as the rest of a small request. */
function endOf({ socket }: IncomingMessage): number | null {
  if (!(socket instanceof TLSSocket)) return null;
  const known = certificateEnds.get(socket);
  if (known !== undefined) return known;
  const ms = Date.parse(socket.getPeerCertificate()?.valid_to ?? '');
  const end = Number.isNaN(ms) ? null : ms;
  certificateEnds.set(socket, end);
  return end;
}

const certificateEnds = new WeakMap<TLSSocket, number | null>();

function expiredCertificate(endsAt: number | null, now: number): string | null {
  return endsAt !== null && endsAt < now ? `the client certificate expired ${duration(now - endsAt)} ago` : null;
}
