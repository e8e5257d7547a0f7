import type { IncomingMessage } from 'node:http';
import type { ApiError } from './api-error.js';

/** What a scenario can do to the server from outside. */
export interface ApiGates {
  /** Why a check of /readyz, /livez and /healthz fails now (`etcd`, `poststarthook/rbac/bootstrap-roles`, …), or null. */
  failingCheck?(check: string): string | null;
  /** An error to answer instead of doing what is asked: a 429, a 503 of a server that is starting, … or null to go on. Health endpoints are never asked about. */
  refuse?(request: IncomingMessage): ApiError | null;
}
