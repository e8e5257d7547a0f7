import { clean } from '../text/clean.js';
import { at, number, text } from './json.js';
import { KubeError } from './kube-error.js';

/** A request's answer as far as it is needed to tell what is wrong with it. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly contentType: string;
  /** Parsed JSON, or the text. */
  readonly body: unknown;
  /** Method and path, without the query. */
  readonly what: string;
  readonly host: string;
  /** Why a 401 is likely, from looking at our own credentials; null where nothing is known. */
  readonly credentialsTrouble: string | null;
}

/** The error for an answer that is not a success: the server's own Status message where it sent one. */
export function answerError(answer: Answer, now: number): KubeError {
  const { status, host } = answer;
  const said = text(at(answer.body, 'message'), 1000);
  const details = (fix: string | null, retryAfterMs: number | null = null) => ({
    status,
    ...(fix === null ? {} : { fix }),
    ...(typeof answer.body === 'string' ? { answer: answer.body.slice(0, 100_000) } : {}),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
  // What a service behind the API server's proxy answers says nothing about the API server.
  const own = !/\/proxy(?:\/|$)/.test(answer.what);
  if (own && said === null && isHtml(answer)) return notKubernetes(answer);
  const message = said ?? plain(answer.body) ?? `${host} answered ${status} to ${answer.what}`;
  switch (status) {
    case 400:
      // Go's own words, as text, when TLS is missing.
      if (/HTTP request to an HTTPS server/.test(message)) {
        return new KubeError('tls', `${host} wants TLS`, details('use https:// as the server in the kubeconfig'));
      }
      return new KubeError('server', message, details(null));
    case 401:
      return new KubeError(
        'unauthorized',
        `${host} does not accept our credentials${answer.credentialsTrouble === null ? '' : `: ${answer.credentialsTrouble}`}`,
        details(newCredentials),
      );
    case 403:
      return new KubeError('forbidden', message, details('ask for the permission, or use a context that has it: kubectl auth can-i --list'));
    case 404:
      return new KubeError('not-found', message, details(null));
    case 407:
      return new KubeError('unreachable', `the proxy on the way to ${host} wants a user and password`, details('put them into the proxy URL'));
    case 409:
      return new KubeError('conflict', message, details(null));
    case 410:
      return new KubeError('gone', message, details(null));
    case 429:
      return new KubeError('throttled', `${host} is busy: ${message}`, details(null, retryAfterMs(answer, now) ?? 1000));
    default:
      // The API server's own 503s are Status objects; without one a load balancer found nobody behind it.
      if (own && said === null && status >= 502 && status <= 504) return new KubeError('unreachable', `${host} answered ${status}: ${message}`, details(null));
      return new KubeError('server', status >= 500 ? `${host} answered ${status}: ${message}` : message, details(null, retryAfterMs(answer, now)));
  }
}

/** The error for a success whose body is not what the API sends. */
export function notKubernetes(answer: Pick<Answer, 'status' | 'body' | 'host' | 'what'>): KubeError {
  const title = typeof answer.body === 'string' ? /<title[^>]*>([^<]*)<\/title>/i.exec(answer.body)?.[1]?.trim() : undefined;
  const page =
    typeof answer.body === 'string' && /<html|<!doctype/i.test(answer.body)
      ? `a web page${title ? ` ("${clean(title, 80)}")` : ''}`
      : 'something that is not JSON';
  return new KubeError('not-kubernetes', `${answer.host} answers with ${page} instead of the Kubernetes API`, {
    status: answer.status,
    fix: 'check the server in the kubeconfig, and HTTPS_PROXY and NO_PROXY: a proxy or a login page may stand in between',
  });
}

const newCredentials = 'fetch the kubeconfig again, or log in again with its credential plugin';

function isHtml({ contentType, body }: Answer): boolean {
  return contentType.includes('html') || (typeof body === 'string' && /^\s*<(?:!doctype|html)/i.test(body));
}

function plain(body: unknown): string | null {
  return typeof body === 'string' && body.trim() !== '' ? clean(body.trim(), 300) : null;
}

/** Retry-After is seconds or a date; the Status may have the seconds in its details. */
function retryAfterMs({ retryAfter, body }: Answer, now: number): number | null {
  if (retryAfter !== undefined) {
    if (/^\d+$/.test(retryAfter)) return Math.min(Number(retryAfter), 300) * 1000;
    const date = Date.parse(retryAfter);
    if (!Number.isNaN(date)) return Math.min(Math.max(0, date - now), 300_000);
  }
  const seconds = number(at(body, 'details', 'retryAfterSeconds'));
  return seconds === null || seconds <= 0 ? null : Math.min(seconds, 300) * 1000;
}
