import type { IncomingMessage, ServerResponse } from 'node:http';
import { JsonWriter } from './answer.js';
import { ApiError, badRequest } from './api-error.js';
import type { JsonObject } from './json.js';
import { acceptedForm } from './negotiation.js';
import type { KubeObject, ObjectStore } from './object-store.js';
import { includeObject, listForm } from './representation.js';
import type { ResourceType } from './resource-type.js';
import { type FieldSelector, type Matcher, parseFieldSelector, parseLabelSelector } from './selectors.js';
import type { Snapshots } from './snapshots.js';

export interface Selection {
  readonly labels: Matcher | null;
  readonly fields: FieldSelector | null;
}

export function selection(type: ResourceType, query: URLSearchParams): Selection {
  return { labels: parseLabelSelector(query.get('labelSelector') ?? ''), fields: parseFieldSelector(query.get('fieldSelector') ?? '', type.fields) };
}

export function selects({ labels, fields }: Selection, object: KubeObject): boolean {
  return (labels === null || labels(object)) && (fields === null || fields.matches(object));
}

/** The objects that a list or a deletecollection means, in the store's order. */
export function selected(store: ObjectStore, type: ResourceType, namespace: string | undefined, chosen: Selection): KubeObject[] {
  const name = chosen.fields?.name ?? null;
  if (name !== null && (namespace !== undefined || !type.namespaced)) {
    const object = store.get(type.storeName, name, namespace);
    return object !== null && selects(chosen, object) ? [object] : [];
  }
  const all = store.list(type.storeName, namespace);
  return chosen.labels === null && chosen.fields === null ? all : all.filter((object) => selects(chosen, object));
}

/** Answers a list: whole or in pages, as objects, metadata or a table. */
export async function answerList(
  context: { readonly store: ObjectStore; readonly snapshots: Snapshots },
  request: IncomingMessage,
  response: ServerResponse,
  type: ResourceType,
  namespace: string | undefined,
  query: URLSearchParams,
): Promise<void> {
  const form = acceptedForm(request.headers.accept);
  const { head, items, item } = listForm(type, form, includeObject(query));
  const page = takePage(context, type, namespace, query);
  const sorted = form === 'table' && type.printer.compare !== undefined ? page.objects.toSorted(type.printer.compare) : page.objects;
  const writer = new JsonWriter(request, response);
  const opening = { ...head, metadata: page.metadata, ...(form === 'table' ? { columnDefinitions: type.printer.columns } : {}) };
  await writer.write(`${JSON.stringify(opening).slice(0, -1)},"${items}":[`);
  for (const [index, object] of sorted.entries()) {
    if (response.destroyed) return;
    await writer.write((index === 0 ? '' : ',') + JSON.stringify(item(object)));
  }
  await writer.write(']}\n');
  await writer.end();
}

interface Page {
  readonly objects: readonly KubeObject[];
  readonly metadata: JsonObject;
}

function takePage(
  { store, snapshots }: { readonly store: ObjectStore; readonly snapshots: Snapshots },
  type: ResourceType,
  namespace: string | undefined,
  query: URLSearchParams,
): Page {
  const limit = wholeNumber(query, 'limit');
  const wanted = query.get('resourceVersion') ?? '';
  const token = query.get('continue') ?? '';
  const chosen = selection(type, query);
  if (token !== '') {
    if (wanted !== '' && wanted !== '0') throw badRequest('specifying resource version is not allowed when using continue');
    return snapshots.next(token, limit, store.resourceVersion);
  }
  checkVersion(store, type, wanted, query.get('resourceVersionMatch') ?? '');
  const objects = selected(store, type, namespace, chosen);
  const resourceVersion = String(store.resourceVersion);
  // The watch cache of the real server answers resourceVersion=0 whole, whatever the limit.
  if (limit === 0 || wanted === '0' || objects.length <= limit) return { objects, metadata: { resourceVersion } };
  return snapshots.first(objects, limit, resourceVersion, chosen.labels !== null || chosen.fields !== null);
}

function checkVersion(store: ObjectStore, type: ResourceType, wanted: string, match: string): void {
  if (match !== '' && wanted === '') {
    throw new ApiError(
      422,
      'Invalid',
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  }
  if (wanted === '' || wanted === '0') return;
  const version = versionNumber(wanted);
  if (version > store.resourceVersion) throw tooLarge(version, store.resourceVersion);
  if (match === 'Exact' && version < store.oldest(type.storeName)) {
    throw new ApiError(410, 'Expired', 'The resourceVersion for the provided list is too old.');
  }
}

export function tooLarge(wanted: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

export function versionNumber(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new ApiError(400, 'BadRequest', `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  return Number(text);
}

function wholeNumber(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (text === '') return 0;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Math.max(0, Number(text));
}
