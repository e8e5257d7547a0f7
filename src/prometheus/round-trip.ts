import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { clean } from '../text/clean.js';
import { parseJson, textAt } from './json.js';
import { networkTrouble } from './network-trouble.js';

/** One GET from here, as it went. */
export interface RoundTrip {
  /** null where no answer came. */
  readonly httpStatus: number | null;
  /** What was wrong, in one sentence; null where it went well. */
  readonly why: string | null;
  /** Until the headers of the last answer were there, ms; null without an answer. */
  readonly roundTripMs: number | null;
  /** notAfter of the certificate that was shown; null over plain HTTP, and where none was seen. */
  readonly certificateEndsAt: number | null;
  /** A certificate that nobody known here has signed: it can be looked at all the same. */
  readonly isUntrusted: boolean;
}

export interface Asked {
  readonly url: URL;
  readonly agent: HttpAgent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Statuses that count as well. */
  readonly accepts?: (status: number) => boolean;
}

/**
 * Asks once. Redirects are followed on the same host, scheme and port only: what stands behind another address is not what was asked for, and must not get the headers. An answer that sends
 * elsewhere counts as one. Never rejects.
 */
export async function roundTrip(asked: Asked): Promise<RoundTrip> {
  const { timeoutMs, accepts = isFine } = asked;
  const began = performance.now();
  let { url } = asked;
  try {
    const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(timeoutMs)]);
    for (let hops = 0; ; hops += 1) {
      const response = await answerTo(url, asked, signal);
      const roundTripMs = performance.now() - began;
      const status = response.statusCode ?? 0;
      const next = hops < mostHops ? sameHost(url, response) : null;
      if (next !== null) {
        response.resume();
        url = next;
        continue;
      }
      // Once the answer is read its connection is somebody else's.
      const certificateEndsAt = endOf(response.socket);
      const said = await beginningOf(response);
      return {
        httpStatus: status,
        why: accepts(status) ? null : `it answers ${status} ${clean(response.statusMessage ?? '', 60)}${said === '' ? '' : `: ${said}`}`.trim(),
        roundTripMs,
        certificateEndsAt,
        isUntrusted: false,
      };
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isUntrusted = untrusted.has(code);
    const why = selfSigned.has(code)
      ? `the certificate of ${clean(url.host)} is self-signed: trust it by giving its authority's file`
      : networkTrouble(error instanceof Error && error.name === 'TimeoutError' ? { code: 'ETIMEDOUT' } : error, url.host, timeoutMs).message;
    return { httpStatus: null, why, roundTripMs: null, certificateEndsAt: null, isUntrusted };
  }
}

const mostHops = 3;
const selfSigned = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN']);
const untrusted = new Set([
  ...selfSigned,
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function isFine(status: number): boolean {
  return status >= 200 && status < 400;
}

function answerTo(url: URL, { agent, headers = {} }: Asked, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'GET', headers: { 'user-agent': 'gpuk8s-tui', accept: '*/*', ...headers }, signal };
    const request = url.protocol === 'https:' ? httpsRequest(withoutLogin(url), options) : httpRequest(withoutLogin(url), options);
    request.once('response', resolve);
    request.once('error', (error) => reject(signal.reason instanceof Error && signal.aborted ? signal.reason : error));
    request.end();
  });
}

/** Node would send what stands before the @ by itself: who may have it is decided by the caller. */
function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function sameHost(url: URL, { statusCode = 0, headers: { location } }: IncomingMessage): URL | null {
  if (statusCode < 300 || statusCode > 399 || location === undefined || !URL.canParse(location, url.href)) return null;
  const next = new URL(location, url);
  return next.origin === url.origin ? next : null;
}

/** What a refusal says of itself, in a few words; a page says nothing. Reads no more than its beginning. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const piece of response) {
      text += String(piece);
      if (text.length > 4096) break;
    }
  } catch {
    // The status is there: how the rest of the answer went is of no account.
  }
  const json = parseJson(text);
  const said = textAt(json, 'message') ?? textAt(json, 'error') ?? (/^\s*[<{[]/.test(text) ? '' : text);
  return clean(said, 160).trim();
}

function endOf(socket: unknown): number | null {
  if (!(socket instanceof TLSSocket)) return null;
  const ms = Date.parse(socket.getPeerCertificate()?.valid_to ?? '');
  return Number.isNaN(ms) ? null : ms;
}
