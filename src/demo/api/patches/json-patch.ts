import { ApiError, badRequest } from '../api-error.js';
import { deepEqual } from '../deep-equal.js';
import { isObject, textAt } from '../json.js';

/** RFC 6902. Gives a new document; throws ApiError 422 where an operation cannot be done. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  return patch.reduce<unknown>((current, operation) => applyOperation(current, operation), structuredClone(document));
}

function applyOperation(document: unknown, operation: unknown): unknown {
  const op = textAt(operation, 'op');
  const path = pointer(textAt(operation, 'path'));
  const value = isObject(operation) ? operation['value'] : undefined;
  switch (op) {
    case 'add':
      return change(document, path, (holder, key) => insert(holder, key, value), value);
    case 'replace':
      read(document, path, op);
      return change(document, path, (holder, key) => replace(holder, key, value), value);
    case 'remove':
      read(document, path, op);
      return change(document, path, remove, null);
    case 'test':
      if (!deepEqual(read(document, path, op, true), value)) throw failed(`testing value ${textAt(operation, 'path')} failed`);
      return document;
    case 'copy':
    case 'move': {
      const from = pointer(textAt(operation, 'from'));
      const moved = structuredClone(read(document, from, op));
      const without = op === 'move' ? change(document, from, remove, null) : document;
      return change(without, path, (holder, key) => insert(holder, key, moved), moved);
    }
    default:
      throw failed(`Unexpected kind: ${op}`);
  }
}

function pointer(text: string): string[] {
  if (text === '') return [];
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[], op: string, mayMiss = false): unknown {
  let current = document;
  for (const key of path) {
    const next = Array.isArray(current) ? current[Number(key)] : isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
    if (next === undefined) {
      if (mayMiss) return undefined;
      throw failed(`${op} operation does not apply: doc is missing key: /${path.join('/')}: missing value`);
    }
    current = next;
  }
  return current;
}

type Holder = unknown[] | Record<string, unknown>;

/** The document is our own copy here, and changed in place. */
function change(document: unknown, path: readonly string[], apply: (holder: Holder, key: string) => void, whole: unknown): unknown {
  const key = path.at(-1);
  if (key === undefined) return whole;
  const holder = read(document, path.slice(0, -1), 'add');
  if (Array.isArray(holder)) apply(holder, key);
  else if (isMutable(holder)) apply(holder, key);
  else throw failed(`add operation does not apply: doc is missing path: "/${path.join('/')}": missing value`);
  return document;
}

function isMutable(value: unknown): value is Record<string, unknown> {
  return isObject(value);
}

function insert(holder: Holder, key: string, value: unknown): void {
  if (!Array.isArray(holder)) holder[key] = value;
  else if (key === '-') holder.push(value);
  else {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index > holder.length) throw failed(`add operation does not apply: Unable to access invalid index: ${key}`);
    holder.splice(index, 0, value);
  }
}

function replace(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}

function remove(holder: Holder, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function failed(message: string): ApiError {
  return new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);
}
