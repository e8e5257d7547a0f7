import type { OperationRef } from '../src/state/operations.js';

/** The wishes that an operation's page goes through, as its `object`. */
export function operationObject(refs: readonly OperationRef[]): string {
  return JSON.stringify(refs);
}

/** The wishes of a page's `object`; none where it is not such a text. */
export function listRefs(object: string): readonly OperationRef[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(object);
  } catch {
    return [];
  }
  return Array.isArray(parsed) ? parsed.filter(isRef) : [];
}

function isRef(value: unknown): value is OperationRef {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'input' in value && typeof value.input === 'object';
}
