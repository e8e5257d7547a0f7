import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from './answer.js';
import { acceptedForm } from './negotiation.js';
import type { KubeObject } from './object-store.js';
import { includeObject, represent } from './representation.js';
import type { ResourceRequest } from './request-info.js';
import type { ResourceType } from './resource-type.js';

/** A request for a resource that is served. */
export interface ResourceCall {
  readonly type: ResourceType;
  readonly info: ResourceRequest;
  readonly query: URLSearchParams;
  /** The query as it came, with its `?`. */
  readonly search: string;
}

/** Answers with one object in the form that the client takes. */
export function answerObject(request: IncomingMessage, response: ServerResponse, { type, query }: ResourceCall, status: number, object: KubeObject): void {
  const form = acceptedForm(request.headers.accept);
  sendJson(request, response, status, represent(object, type, form, includeObject(query)));
}

/** Who writes: as the client says, else the first word of its user agent. */
export function managerOf(request: IncomingMessage, query: URLSearchParams): string {
  return query.get('fieldManager') || (String(request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown');
}
