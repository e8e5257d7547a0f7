import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import type { KubeClient } from '../kube/client.js';
import { clean } from '../text/clean.js';
import { networkTrouble } from './network-trouble.js';

/** A way to one HTTP service: at a URL, or through the API server's service proxy. */
export interface Road {
  /** Where it leads, for the screen: without user, password or token. */
  readonly url: string;
  /** What answers there: "service monitoring/prometheus-operated" or the URL. */
  readonly name: string;
  /** Whether the API server stands between: then a Status object as the answer is the API server's own. */
  readonly viaApiServer: boolean;
  /** One GET below the road's path, redirects not followed; any status is an answer. Rejects with MonitoringError when none came. */
  get(
    path: string,
    options?: { readonly query?: Readonly<Record<string, string>>; readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<Answer>;
  /** The same road with another path before all requests: `/prometheus`. */
  withPrefix(prefix: string): Road;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  readonly text: string;
  readonly roundTripMs: number;
}

/** A road to a URL, which may hold user and password, and a path such as `/prometheus`. A page's path (`/graph`, `/query`, `/api/v1`) at its end is dropped. */
export function urlRoad(address: string, bearerToken: string | null = null): Road {
  const url = new URL(address);
  const auth =
    url.username === '' && url.password === '' ? undefined : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  const headers: Record<string, string> = bearerToken === null ? {} : { authorization: `Bearer ${bearerToken}` };
  const root = url.pathname.replace(/\/(?:graph|query|targets|api\/v1|api|classic\/graph)?\/*$/, '');
  const at = (prefix: string): Road => {
    const base = `${url.origin}${prefix}`;
    return {
      url: clean(base),
      name: clean(base),
      viaApiServer: false,
      get: (path, options) => send({ url: `${base}${path}`, host: url.host, headers, auth, ...options }),
      withPrefix: at,
    };
  };
  return at(root);
}

/** One port of a Service, and how it wants to be spoken to. */
export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number | string;
  readonly scheme: 'http' | 'https';
}

/** A road to a Service through the API server's proxy, with the kubeconfig's own credentials. */
export function serviceRoad(kube: KubeClient, service: ServicePort): Road {
  const path = proxyPath(service);
  const at = (prefix: string): Road => ({
    url: `${kube.server}${path}${prefix}`,
    name: `service ${service.namespace}/${service.name}`,
    viaApiServer: true,
    async get(below, options) {
      const { baseUrl, agent, headers } = await kube.road();
      return send({ url: `${baseUrl}${path}${prefix}${below}`, host: new URL(baseUrl).host, headers, agent, ...options });
    },
    withPrefix: at,
  });
  return at('');
}

/** `/api/v1/namespaces/monitoring/services/https:prometheus:9090/proxy` */
export function proxyPath({ namespace, name, port, scheme }: ServicePort): string {
  return `/api/v1/namespaces/${namespace}/services/${scheme === 'https' ? 'https:' : ''}${name}:${port}/proxy`;
}

async function send(request: {
  readonly url: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent?: HttpAgent | HttpsAgent;
  readonly auth?: { readonly username: string; readonly password: string } | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}): Promise<Answer> {
  const { timeoutMs = 10_000, signal } = request;
  const started = performance.now();
  try {
    const response = await axios.request<string>({
      url: request.url,
      params: request.query,
      headers: { ...request.headers, accept: 'application/json' },
      ...(request.auth === undefined ? {} : { auth: { ...request.auth } }),
      // The kubeconfig's agent already knows its proxy; a URL goes by the environment's.
      ...(request.agent === undefined ? {} : { httpAgent: request.agent, httpsAgent: request.agent, proxy: false }),
      responseType: 'text',
      maxRedirects: 0,
      maxContentLength: largestAnswer,
      validateStatus: () => true,
      signal: signal === undefined ? AbortSignal.timeout(timeoutMs) : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return {
      status: response.status,
      contentType: String(response.headers['content-type'] ?? ''),
      location: response.headers['location'] === undefined ? null : String(response.headers['location']),
      text: typeof response.data === 'string' ? response.data : '',
      roundTripMs: performance.now() - started,
    };
  } catch (error) {
    // axios' errors carry the request with its credentials: only words of ours leave this function.
    throw networkTrouble(error, request.host, timeoutMs);
  }
}

/** Ten thousand targets are about 15 MB. */
const largestAnswer = 128 * 2 ** 20;
