import { badRequest } from '../api-error.js';
import { deepEqual } from '../deep-equal.js';
import { isObject, type JsonObject } from '../json.js';
import { listRule } from './merge-keys.js';

/** A strategic merge patch with its directives (`$patch`, `$retainKeys`, `$setElementOrder`, `$deleteFromPrimitiveList`). */
export function applyStrategicMergePatch(kind: string, target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) throw badRequest('error decoding patch: not an object');
  return mergeObject(kind, isObject(target) ? target : {}, patch, []);
}

function mergeObject(kind: string, target: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`Unknown patch type found: ${String(directive)}`);
  const merged: Record<string, unknown> = { ...target };
  const retain = patch['$retainKeys'];
  if (Array.isArray(retain)) for (const key of Object.keys(merged)) if (!retain.includes(key)) delete merged[key];
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/') && Array.isArray(value)) {
      const field = key.slice('$deleteFromPrimitiveList/'.length);
      const list = merged[field];
      if (Array.isArray(list)) merged[field] = list.filter((item) => !value.includes(item));
    }
    if (key.startsWith('$')) continue;
    if (value === null) delete merged[key];
    else if (Array.isArray(value)) merged[key] = mergeList(kind, merged[key], value, [...path, key]);
    else if (isObject(value)) {
      if (value['$patch'] === 'delete') delete merged[key];
      else {
        const old = merged[key];
        merged[key] = mergeObject(kind, isObject(old) ? old : {}, value, [...path, key]);
      }
    } else merged[key] = value;
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith('$setElementOrder/') || !Array.isArray(order)) continue;
    const field = key.slice('$setElementOrder/'.length);
    const list = merged[field];
    if (Array.isArray(list)) merged[field] = inOrder(list, order, keyOf(kind, [...path, field]));
  }
  return merged;
}

function mergeList(kind: string, target: unknown, patch: readonly unknown[], path: readonly string[]): unknown[] {
  const old: readonly unknown[] = Array.isArray(target) ? target : [];
  const rule = listRule(kind, path);
  if (rule === 'set') return [...new Set([...old, ...patch])];
  const key = keyOf(kind, path);
  const items = patch.filter((item) => !isObject(item) || item['$patch'] !== 'replace' || (key !== null && item[key] !== undefined));
  if (rule === 'atomic' || key === null || items.length < patch.length) return items.map((item) => (isObject(item) ? withoutDirectives(item) : item));
  const merged = [...old];
  for (const item of items) {
    if (!isObject(item)) throw badRequest(`Invalid JSON document: ${path.join('.')} holds objects`);
    if (item[key] === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const index = merged.findIndex((each) => isObject(each) && deepEqual(each[key], item[key]));
    const existing = merged[index];
    if (item['$patch'] === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (index < 0) merged.push(mergeObject(kind, {}, item, path));
    else merged[index] = mergeObject(kind, isObject(existing) ? existing : {}, item, path);
  }
  return merged;
}

function keyOf(kind: string, path: readonly string[]): string | null {
  const rule = listRule(kind, path);
  return typeof rule === 'string' ? null : (rule[0] ?? null);
}

/** The items that the client named in its order, then those that only the server knows. */
function inOrder(list: readonly unknown[], order: readonly unknown[], key: string | null): unknown[] {
  const nameOf = (item: unknown): unknown => (key !== null && isObject(item) ? item[key] : item);
  const place = (item: unknown): number => {
    const index = order.findIndex((each) => deepEqual(nameOf(each), nameOf(item)));
    return index < 0 ? order.length : index;
  };
  return list.toSorted((a, b) => place(a) - place(b));
}

function withoutDirectives(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key, each]) => !key.startsWith('$') && each !== null));
}
