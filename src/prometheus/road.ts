import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import type { KubeClient } from '../kube/client.js';
import { clean } from '../text/clean.js';
import { MonitoringError } from './monitoring-error.js';
import { networkTrouble } from './network-trouble.js';
import { plainAccess, trusting, type UrlAccess } from './url-access.js';

/** A way to one HTTP service: at a URL, or through the API server's service proxy. */
export interface Road {
  /** Where it leads, for the screen: without user, password or token. */
  readonly url: string;
  /** What answers there: "service monitoring/prometheus-operated" or the URL. */
  readonly name: string;
  /** Whether the API server stands between: then a Status object as the answer is the API server's own. */
  readonly viaApiServer: boolean;
  /** One GET below the road's path, redirects not followed; any status is an answer. Rejects with MonitoringError when none came. */
  get(path: string, options?: Question): Promise<Answer>;
  /** The same with another method and a body. */
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, options?: Question & Sending): Promise<Answer>;
  /** The same road with another path before all requests: `/prometheus`. */
  withPrefix(prefix: string): Road;
}

export interface Question {
  /** Names and values; a name may be there more than once (`match[]`). */
  readonly query?: Query;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Besides those of the road. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface Sending {
  /** Sent as application/x-www-form-urlencoded. */
  readonly form?: Query;
  /** Sent as application/json. */
  readonly json?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  readonly text: string;
  readonly roundTripMs: number;
  /** The program's clock when it answered, as its Date header says: ms since the epoch, to the second; null without one. */
  readonly date: number | null;
  /** `name=value` of each cookie that it set. */
  readonly cookies: readonly string[];
}

/** Names and values in the form of a URL's query. */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const each of typeof value === 'string' ? [value] : value) parameters.append(name, each);
  return parameters.toString();
}

/** A road to a URL, which may hold user and password, and a path such as `/prometheus`. A page's path (`/graph`, `/query`, `/api/v1`) at its end is dropped. */
export function urlRoad(address: string, { bearerToken, ca }: UrlAccess = plainAccess): Road {
  const url = new URL(address);
  const auth =
    url.username === '' && url.password === '' ? undefined : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  const headers: Record<string, string> = bearerToken === null ? {} : { authorization: `Bearer ${bearerToken}` };
  const agent = ca === null || url.protocol !== 'https:' ? async () => undefined : trusting(url, ca, process.env);
  const ask = async (method: Method, address: string, options: (Question & Sending) | undefined): Promise<Answer> => {
    const trusted = await agent();
    const more = trusted === undefined ? {} : { agent: trusted };
    return send({ method, url: address, host: url.host, auth, ...more, ...options, headers: { ...options?.headers, ...headers } });
  };
  const root = url.pathname.replace(/\/(?:graph|query|targets|api\/v1|api|classic\/graph)?\/*$/, '');
  const at = (prefix: string): Road => {
    const base = `${url.origin}${prefix}`;
    return {
      url: clean(base),
      name: clean(base),
      viaApiServer: false,
      get: (path, options) => ask('GET', `${base}${path}`, options),
      send: (method, path, options) => ask(method, `${base}${path}`, options),
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
  const at = (prefix: string): Road => {
    const ask = async (method: Method, below: string, options: (Question & Sending) | undefined) => {
      const { baseUrl, agent, headers } = await kube.road();
      // The kubeconfig's own headers come last: nothing that is sent on may stand in their place.
      const all = { ...options?.headers, ...headers };
      return send({ method, url: `${baseUrl}${path}${prefix}${below}`, host: new URL(baseUrl).host, agent, ...options, headers: all });
    };
    return {
      url: `${kube.server}${path}${prefix}`,
      name: `service ${service.namespace}/${service.name}`,
      viaApiServer: true,
      get: (below, options) => ask('GET', below, options),
      send: ask,
      withPrefix: at,
    };
  };
  return at('');
}

/** `/api/v1/namespaces/monitoring/services/https:prometheus:9090/proxy` */
export function proxyPath({ namespace, name, port, scheme }: ServicePort): string {
  return `/api/v1/namespaces/${namespace}/services/${scheme === 'https' ? 'https:' : ''}${name}:${port}/proxy`;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface HttpRequest extends Question, Sending {
  readonly method: Method;
  readonly url: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent?: HttpAgent | HttpsAgent;
  readonly auth?: { readonly username: string; readonly password: string } | undefined;
}

async function send(request: HttpRequest): Promise<Answer> {
  const { timeoutMs = 10_000, signal, query } = request;
  const started = performance.now();
  try {
    const response = await axios.request<string>({
      method: request.method,
      url: query === undefined ? request.url : `${request.url}?${queryText(query)}`,
      ...bodyOf(request),
      ...(request.auth === undefined ? {} : { auth: { ...request.auth } }),
      // The kubeconfig's agent already knows its proxy; a URL goes by the environment's.
      ...(request.agent === undefined ? {} : { httpAgent: request.agent, httpsAgent: request.agent, proxy: false }),
      responseType: 'text',
      maxRedirects: 0,
      maxContentLength: largestAnswer,
      validateStatus: () => true,
      signal: signal === undefined ? AbortSignal.timeout(timeoutMs) : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const { headers } = response;
    const date = Date.parse(String(headers['date'] ?? ''));
    return {
      status: response.status,
      contentType: String(headers['content-type'] ?? ''),
      location: headers['location'] === undefined ? null : String(headers['location']),
      text: typeof response.data === 'string' ? response.data : '',
      roundTripMs: performance.now() - started,
      date: Number.isNaN(date) ? null : date,
      cookies: cookiesIn(headers['set-cookie']),
    };
  } catch (error) {
    // axios' errors carry the request with its credentials: only words of ours leave this function.
    if (signal?.aborted === true) throw new MonitoringError('aborted', `not waited for: what ${clean(request.host)} was asked for is no longer wanted`);
    throw networkTrouble(error, request.host, timeoutMs);
  }
}

function bodyOf({ headers, form, json }: HttpRequest): { readonly data?: string; readonly headers: Record<string, string> } {
  const all = { ...headers, accept: 'application/json' };
  if (form !== undefined) return { data: queryText(form), headers: { ...all, 'content-type': 'application/x-www-form-urlencoded' } };
  if (json !== undefined) return { data: JSON.stringify(json), headers: { ...all, 'content-type': 'application/json' } };
  return { headers: all };
}

function cookiesIn(header: unknown): readonly string[] {
  return (Array.isArray(header) ? header : []).flatMap((cookie) => (typeof cookie === 'string' ? [cookie.split(';')[0] ?? ''] : []));
}

/** Ten thousand targets are about 15 MB. */
const largestAnswer = 128 * 2 ** 20;
