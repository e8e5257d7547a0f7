/** An answer other than success, as the API server gives it: becomes a `Status` object on the wire. */
export class ApiError extends Error {
  /** HTTP status, also the Status' `code`. */
  readonly status: number;
  /** The Status' machine-readable reason, as in `AlreadyExists`. */
  readonly reason: string;
  readonly details: StatusDetails | null;

  constructor(status: number, reason: string, message: string, details: StatusDetails | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.details = details;
  }

  /** A `Status` object of v1. */
  toStatus(): Record<string, unknown> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === null ? {} : { details: this.details }),
      code: this.status,
    };
  }
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

/** `resource` as the store names it: `pods`, `deployments.apps`. */
export function notFound(resource: string, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${resource} "${name}" not found`, { name, ...groupAndKind(resource) });
}

export function alreadyExists(resource: string, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${resource} "${name}" already exists`, { name, ...groupAndKind(resource) });
}

export function conflict(resource: string, name: string, why: string): ApiError {
  return new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, { name, ...groupAndKind(resource) });
}

export const modifiedMeanwhile = 'the object has been modified; please apply your changes to the latest version and try again';

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** `kind` with its group, as in `Deployment.apps`; the causes become the message as the real server writes it. */
export function invalid(kind: string, group: string, name: string, causes: readonly { reason: string; message: string; field: string }[]): ApiError {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const what = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const qualified = group === '' ? kind : `${kind}.${group}`;
  return new ApiError(422, 'Invalid', `${qualified} "${name}" is invalid: ${what}`, { name, ...(group === '' ? {} : { group }), kind, causes });
}

function groupAndKind(resource: string): { kind: string; group?: string } {
  const dot = resource.indexOf('.');
  return dot < 0 ? { kind: resource } : { group: resource.slice(dot + 1), kind: resource.slice(0, dot) };
}
