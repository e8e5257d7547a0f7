import { deepEqual } from '../deep-equal.js';
import { isObject, type JsonObject } from '../json.js';
import { listRule } from './merge-keys.js';

/** A set of fields as `FieldsV1` writes it: `f:name` steps into an object, `k:{…}` into a keyed list, `v:…` is a member of a set. */
export interface Fields {
  [step: string]: Fields;
}

/** What nobody owns. */
const notTracked: readonly string[] = ['apiVersion', 'kind'];
const metadataNotTracked: readonly string[] = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'generateName',
];

/** All fields that an object sets. */
export function fieldsOf(kind: string, object: JsonObject): Fields {
  return trackedOnly(walk(kind, object, undefined, []) ?? {});
}

/** The fields of `after` that are new or other than in `before`. */
export function changedFields(kind: string, before: JsonObject, after: JsonObject): Fields {
  return trackedOnly(walk(kind, after, before, []) ?? {});
}

function trackedOnly(fields: Fields): Fields {
  const kept: Fields = {};
  for (const [step, inner] of Object.entries(fields)) {
    if (notTracked.includes(step.slice(2))) continue;
    const inside = step === 'f:metadata' ? Object.fromEntries(Object.entries(inner).filter(([each]) => !metadataNotTracked.includes(each.slice(2)))) : inner;
    if (step !== 'f:metadata' || Object.keys(inside).length > 0) kept[step] = inside;
  }
  return kept;
}

/** Null where nothing differs; `{}` is a leaf. */
function walk(kind: string, value: unknown, before: unknown, path: readonly string[]): Fields | null {
  if (before !== undefined && deepEqual(value, before)) return null;
  if (isObject(value) && Object.keys(value).length > 0) {
    const fields: Fields = {};
    for (const [key, each] of Object.entries(value)) {
      if (each === undefined) continue;
      const inner = walk(kind, each, isObject(before) ? before[key] : undefined, [...path, key]);
      if (inner !== null) fields[`f:${key}`] = inner;
    }
    return Object.keys(fields).length > 0 || before === undefined ? fields : null;
  }
  if (!Array.isArray(value)) return {};
  const rule = listRule(kind, path);
  if (rule === 'atomic') return {};
  const fields: Fields = {};
  for (const item of value) {
    const step = rule === 'set' ? `v:${JSON.stringify(item)}` : keyStep(item, rule);
    const inner = rule === 'set' ? {} : walk(kind, item, Array.isArray(before) ? find(before, step) : undefined, path);
    if (inner !== null && !(rule === 'set' && Array.isArray(before) && before.includes(item))) fields[step] = rule === 'set' ? {} : { '.': {}, ...inner };
  }
  return fields;
}

function keyStep(item: unknown, keys: readonly string[]): string {
  const named = keys.filter((key) => isObject(item) && item[key] !== undefined);
  return `k:${JSON.stringify(Object.fromEntries(named.map((key) => [key, isObject(item) ? item[key] : undefined])))}`;
}

/** The item of a list that a `k:` or `v:` step means. */
export function find(list: readonly unknown[], step: string): unknown {
  const wanted: unknown = JSON.parse(step.slice(2));
  if (step.startsWith('v:')) return list.find((item) => deepEqual(item, wanted));
  const entries = isObject(wanted) ? Object.entries(wanted) : [];
  return list.find((item) =>
    entries.every(([key, value]) => isObject(item) && (deepEqual(item[key], value) || (key === 'protocol' && item[key] === undefined))),
  );
}

export function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (step === '.') return current;
    if (step.startsWith('f:')) current = isObject(current) ? current[step.slice(2)] : undefined;
    else current = Array.isArray(current) ? find(current, step) : undefined;
  }
  return current;
}

/** The object without one field; a list or map item goes with it when the field is the item itself. */
export function withoutField(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || step === '.') return undefined;
  if (step.startsWith('f:')) {
    if (!isObject(value)) return value;
    const key = step.slice(2);
    const inner = rest.length === 0 ? undefined : withoutField(value[key], rest);
    const { [key]: _, ...others } = value;
    return inner === undefined ? others : { ...others, [key]: inner };
  }
  if (!Array.isArray(value)) return value;
  const item = find(value, step);
  const inner = rest.length === 0 ? undefined : withoutField(item, rest);
  return value.flatMap((each) => (each === item ? (inner === undefined ? [] : [inner]) : [each]));
}

export function leaves(fields: Fields, path: readonly string[] = []): string[][] {
  return Object.entries(fields).flatMap(([step, inner]) => (Object.keys(inner).length === 0 ? [[...path, step]] : leaves(inner, [...path, step])));
}

export function hasField(fields: Fields, path: readonly string[]): boolean {
  let current: Fields | undefined = fields;
  for (const step of path) {
    current = current[step];
    if (current === undefined) return false;
    // A leaf owns all that is below it.
    if (Object.keys(current).length === 0) return true;
  }
  return false;
}

export function union(a: Fields, b: Fields): Fields {
  const both: Fields = { ...a };
  for (const [step, inner] of Object.entries(b)) both[step] = union(both[step] ?? {}, inner);
  return both;
}

export function without(fields: Fields, taken: Fields): Fields {
  const left: Fields = {};
  for (const [step, inner] of Object.entries(fields)) {
    const other = taken[step];
    if (other === undefined) left[step] = inner;
    else if (Object.keys(inner).length > 0 && Object.keys(other).length > 0) {
      const rest = without(inner, other);
      if (Object.keys(rest).some((each) => each !== '.')) left[step] = rest;
    }
  }
  return left;
}

/** `.spec.template.spec.containers[name="a"].image` */
export function fieldPath(path: readonly string[]): string {
  return path
    .filter((step) => step !== '.')
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      const wanted: unknown = JSON.parse(step.slice(2));
      if (step.startsWith('v:')) return `[=${JSON.stringify(wanted)}]`;
      const keys = isObject(wanted) ? Object.entries(wanted).map(([key, value]) => `${key}=${JSON.stringify(value)}`) : [];
      return `[${keys.join(',')}]`;
    })
    .join('');
}

export function isFields(value: unknown): value is Fields {
  return isObject(value) && Object.values(value).every(isFields);
}
