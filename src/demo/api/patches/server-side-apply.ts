import { ApiError } from '../api-error.js';
import { deepEqual } from '../deep-equal.js';
import { isObject, type JsonObject } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { type Fields, fieldPath, fieldsOf, find, hasField, leaves, valueAt, without, withoutField } from './fields.js';
import { type ManagedEntry, managedEntries, withEntries } from './managed-fields.js';
import { listRule } from './merge-keys.js';

/**
 * Server-side apply: the applied fields win over what is there, fields that this manager applied before and left out now go
 * unless somebody else owns them, and fields that others set to something else are a conflict (ApiError 409) unless forced.
 */
export function applyServerSide(live: KubeObject | null, applied: KubeObject, options: { manager: string; force: boolean; now: string }): KubeObject {
  const { manager, force, now } = options;
  const wanted = fieldsOf(applied.kind, applied);
  const entries = managedEntries(live);
  const isOwn = (entry: ManagedEntry): boolean => entry.manager === manager && entry.operation === 'Apply';
  const others = entries.filter((entry) => !isOwn(entry));
  if (live !== null && !force) refuseConflicts(live, applied, wanted, others);
  let merged: unknown = merge(applied.kind, live ?? {}, applied, []);
  const before = entries.find(isOwn)?.fieldsV1 ?? {};
  for (const path of leaves(before).toReversed()) {
    const isItem = path.at(-1) === '.';
    const field = isItem ? path.slice(0, -1) : path;
    if (!hasField(wanted, path) && !others.some((entry) => hasField(entry.fieldsV1, path))) merged = withoutField(merged, field);
  }
  const result: KubeObject = { ...applied, ...(isObject(merged) ? merged : {}), metadata: { ...applied.metadata, ...metadataOf(merged) } };
  return withEntries(result, [
    ...others.map((entry) => ({ ...entry, fieldsV1: withoutDisputed(entry.fieldsV1, live, applied, wanted) })),
    { manager, operation: 'Apply', apiVersion: applied.apiVersion, time: now, fieldsV1: wanted },
  ]);
}

function refuseConflicts(live: KubeObject, applied: KubeObject, wanted: Fields, others: readonly ManagedEntry[]): void {
  const found = others.flatMap((entry) =>
    leaves(wanted)
      .filter((path) => path.at(-1) !== '.' && hasField(entry.fieldsV1, path) && !deepEqual(valueAt(live, path), valueAt(applied, path)))
      .map((path) => ({ entry, field: fieldPath(path) })),
  );
  const [first] = found;
  if (first === undefined) return;
  const causes = found.map(({ entry, field }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager(entry)}`, field }));
  const byManager = Map.groupBy(found, ({ entry }) => manager(entry));
  const what =
    found.length === 1
      ? `1 conflict: conflict with ${manager(first.entry)}: ${first.field}`
      : `${found.length} conflicts: ${[...byManager].map(([name, fields]) => [`conflicts with ${name}:`, ...fields.map(({ field }) => `- ${field}`)].join('\n')).join('\n')}`;
  throw new ApiError(409, 'Conflict', `Apply failed with ${what}`, { causes });
}

/** `"one"`, or for plain updates `"hpa" with subresource "scale" using apps/v1`. */
function manager(entry: ManagedEntry): string {
  const subresource = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
  return `"${entry.manager}"${subresource}${entry.operation === 'Update' ? ` using ${entry.apiVersion}` : ''}`;
}

/** What others keep once this manager has had its way: all but the fields whose values changed. */
function withoutDisputed(fields: Fields, live: KubeObject | null, applied: KubeObject, wanted: Fields): Fields {
  if (live === null) return fields;
  let kept = fields;
  for (const path of leaves(wanted)) {
    if (path.at(-1) === '.' || !hasField(fields, path) || deepEqual(valueAt(live, path), valueAt(applied, path))) continue;
    kept = without(
      kept,
      path.reduceRight<Fields>((inner, step) => ({ [step]: inner }), {}),
    );
  }
  return kept;
}

function metadataOf(value: unknown): JsonObject {
  const metadata = isObject(value) ? value['metadata'] : undefined;
  return isObject(metadata) ? metadata : {};
}

function merge(kind: string, live: unknown, applied: unknown, path: readonly string[]): unknown {
  if (isObject(applied)) {
    const merged: Record<string, unknown> = isObject(live) ? { ...live } : {};
    for (const [key, value] of Object.entries(applied)) if (value !== null) merged[key] = merge(kind, merged[key], value, [...path, key]);
    return merged;
  }
  if (!Array.isArray(applied) || !Array.isArray(live)) return applied;
  const rule = listRule(kind, path);
  if (rule === 'atomic') return applied;
  if (rule === 'set') return [...new Set([...live, ...applied])];
  const merged = [...live];
  for (const item of applied) {
    const keys = Object.fromEntries(rule.filter((key) => isObject(item) && item[key] !== undefined).map((key) => [key, isObject(item) ? item[key] : null]));
    const existing = find(merged, `k:${JSON.stringify(keys)}`);
    if (existing === undefined) merged.push(item);
    else merged[merged.indexOf(existing)] = merge(kind, existing, item, path);
  }
  return merged;
}
