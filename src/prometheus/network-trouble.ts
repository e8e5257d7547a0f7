import { clean } from '../text/clean.js';
import { isRecord, textAt } from './json.js';
import { MonitoringError } from './monitoring-error.js';

/** What kept an answer from coming, in words of ours: the errors of HTTP libraries hold the whole request, credentials included. */
export function networkTrouble(error: unknown, host: string, timeoutMs: number): MonitoringError {
  const code = textAt(error, 'code') ?? textAt(isRecord(error) ? error['cause'] : undefined, 'code') ?? '';
  return new MonitoringError('unreachable', `${sentences[code]?.(clean(host), timeoutMs) ?? fallback(code, clean(host))}`);
}

type Sentence = (host: string, timeoutMs: number) => string;

const refused: Sentence = (host) => `connection refused at ${host}`;
const slow: Sentence = (host, timeoutMs) => `no answer from ${host} within ${Math.round(timeoutMs / 1000)} s`;
const unknownHost: Sentence = (host) => `the name ${host.replace(/:\d+$/, '')} is not known`;
const cut: Sentence = (host) => `${host} closed the connection before it had answered`;
const unknownIssuer: Sentence = (host) => `the certificate of ${host} is signed by an authority that is not known here`;

const sentences: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: refused,
  ERR_CANCELED: slow,
  ECONNABORTED: slow,
  ETIMEDOUT: slow,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: (host) => `the name ${host.replace(/:\d+$/, '')} cannot be looked up right now`,
  ECONNRESET: cut,
  EPIPE: cut,
  EHOSTUNREACH: (host) => `no way to ${host}`,
  ENETUNREACH: (host) => `no way to ${host}`,
  EPROTO: (host) => `${host} does not speak TLS as expected (http instead of https?)`,
  HPE_INVALID_CONSTANT: (host) => `${host} does not speak HTTP (https instead of http?)`,
  CERT_HAS_EXPIRED: (host) => `the certificate of ${host} has expired`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) => `the certificate of ${host} is for another name`,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownIssuer,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  ERR_BAD_RESPONSE: (host) => `${host} sent more than can be read`,
};

function fallback(code: string, host: string): string {
  return `no connection to ${host}${/^[A-Z_]{3,60}$/.test(code) ? ` (${code})` : ''}`;
}
