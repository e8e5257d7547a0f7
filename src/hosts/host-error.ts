/** Why a host could not run a command, as one sentence in `message`, without secrets. */
export class HostError extends Error {
  readonly kind: HostErrorKind;
  /** What a person can do about it, null where nothing general can be said. */
  readonly fix: string | null;

  constructor(kind: HostErrorKind, message: string, details: { fix?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = 'HostError';
    this.kind = kind;
    this.fix = details.fix ?? null;
  }
}

/**
 * unreachable: refused, no route, timed out, name unknown. host-key-unknown and host-key-changed: refused for its key. auth: no way in with what we have.
 * dropped: the connection ended in the middle. timeout: the command did not end in time. sudo: sudo wants what it does not get. not-found: the program is not there. aborted: we gave up on it ourselves.
 */
export type HostErrorKind = 'unreachable' | 'host-key-unknown' | 'host-key-changed' | 'auth' | 'dropped' | 'timeout' | 'sudo' | 'not-found' | 'aborted';
