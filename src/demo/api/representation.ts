import { ApiError } from './api-error.js';
import type { JsonObject } from './json.js';
import type { Form } from './negotiation.js';
import type { KubeObject } from './object-store.js';
import type { ResourceType } from './resource-type.js';
import { apiVersionOf } from './resource-type.js';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export function includeObject(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  switch (text) {
    case '':
    case 'Metadata':
      return 'Metadata';
    case 'None':
    case 'Object':
      return text;
    default:
      throw new ApiError(400, 'BadRequest', `unrecognized includeObject value: "${text}"`);
  }
}

/** One object in the form asked for. */
export function represent(object: KubeObject, type: ResourceType, form: Form, include: IncludeObject): JsonObject {
  switch (form) {
    case 'object':
      return object;
    case 'partial':
      return partial(object);
    case 'table':
      return {
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion: object.metadata.resourceVersion },
        columnDefinitions: type.printer.columns,
        rows: [row(object, type, include, Date.now())],
      };
  }
}

/** The envelope of a list in the form asked for: what comes before the items, and what one item becomes. */
export function listForm(
  type: ResourceType,
  form: Form,
  include: IncludeObject,
): { head: JsonObject; items: 'items' | 'rows'; item: (object: KubeObject) => unknown } {
  const now = Date.now();
  switch (form) {
    case 'object':
      return { head: { kind: `${type.kind}List`, apiVersion: apiVersionOf(type) }, items: 'items', item: type.custom ? (object) => object : withoutType };
    case 'partial':
      return { head: { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }, items: 'items', item: partial };
    case 'table':
      return {
        head: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' },
        items: 'rows',
        item: (object) => row(object, type, include, now),
      };
  }
}

export function row(object: KubeObject, type: ResourceType, include: IncludeObject, now: number): JsonObject {
  const conditions = type.printer.conditions?.(object);
  return {
    cells: type.printer.cells(object, now),
    ...(conditions === undefined ? {} : { conditions }),
    object: include === 'None' ? null : include === 'Metadata' ? partial(object) : object,
  };
}

export function partial(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** Items of a list of a built-in kind carry no kind of their own on the real server. */
function withoutType(object: KubeObject): JsonObject {
  const { apiVersion: _, kind: __, ...rest } = object;
  return rest;
}
