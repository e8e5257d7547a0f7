import { clean } from '../text/clean.js';

/** What went wrong on the way to the API server or at it, as one sentence in `message`, without secrets. */
export class KubeError extends Error {
  readonly kind: KubeErrorKind;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** What a person can do about it, null where nothing general can be said. */
  readonly fix: string | null;
  readonly retryAfterMs: number | null;
  /** The answer's body where it was plain text, as /readyz sends it; not cleaned. */
  readonly answer: string | null;

  constructor(kind: KubeErrorKind, message: string, details: { status?: number; fix?: string; retryAfterMs?: number; answer?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = 'KubeError';
    this.kind = kind;
    this.status = details.status ?? null;
    this.fix = details.fix ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.answer = details.answer ?? null;
  }

  /** Anything caught, as a KubeError: what is none is our own mistake and counts as the server's kind of trouble. */
  static from(error: unknown): KubeError {
    if (error instanceof KubeError) return error;
    return new KubeError('server', clean(error instanceof Error ? error.message : String(error), 500), { cause: error });
  }
}

/**
 * unreachable: refused, reset, timed out, name unknown. tls: certificate expired, unknown authority, wrong name. unauthorized: 401, or no
 * credentials to be had. forbidden: 403. not-found: 404. gone: 410. conflict: 409. throttled: 429. not-kubernetes: an answer that
 * is not the API's (a proxy's HTML page). server: other 4xx and 5xx. aborted: we gave up on it ourselves.
 */
export type KubeErrorKind =
  | 'unreachable'
  | 'tls'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'gone'
  | 'conflict'
  | 'throttled'
  | 'not-kubernetes'
  | 'server'
  | 'aborted';
