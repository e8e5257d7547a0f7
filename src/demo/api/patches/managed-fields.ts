import { isObject, type JsonObject, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { changedFields, type Fields, isFields, union, without } from './fields.js';

/** One entry of `metadata.managedFields`. */
export interface ManagedEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsV1: Fields;
  readonly subresource?: string;
}

export function managedEntries(object: KubeObject | null): ManagedEntry[] {
  return (object?.metadata.managedFields ?? []).flatMap((entry) => {
    const fieldsV1 = isObject(entry) ? entry['fieldsV1'] : undefined;
    if (!isFields(fieldsV1)) return [];
    const subresource = textAt(entry, 'subresource');
    return [
      {
        manager: textAt(entry, 'manager'),
        operation: textAt(entry, 'operation') === 'Apply' ? ('Apply' as const) : ('Update' as const),
        apiVersion: textAt(entry, 'apiVersion'),
        time: textAt(entry, 'time'),
        fieldsV1,
        ...(subresource === '' ? {} : { subresource }),
      },
    ];
  });
}

export function withEntries(object: KubeObject, entries: readonly ManagedEntry[]): KubeObject {
  const kept = entries.filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0).map((entry): JsonObject => ({ ...entry, fieldsType: 'FieldsV1' }));
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: kept.length === 0 ? metadata : { ...metadata, managedFields: kept } };
}

/** Writes down that `manager` set what differs between the two states: a plain update takes fields over without asking. */
export function recordUpdate(before: KubeObject | null, after: KubeObject, manager: string, subresource: string | undefined, now: string): KubeObject {
  const changed = changedFields(after.kind, before ?? {}, after);
  const entries = managedEntries(before);
  if (Object.keys(changed).length === 0) return withEntries(after, entries);
  const isOwn = (entry: ManagedEntry): boolean => entry.manager === manager && entry.operation === 'Update' && entry.subresource === subresource;
  const own = entries.find(isOwn);
  return withEntries(after, [
    ...entries.filter((entry) => !isOwn(entry)).map((entry) => ({ ...entry, fieldsV1: without(entry.fieldsV1, changed) })),
    {
      manager,
      operation: 'Update',
      apiVersion: after.apiVersion,
      time: now,
      fieldsV1: union(own?.fieldsV1 ?? {}, changed),
      ...(subresource === undefined ? {} : { subresource }),
    },
  ]);
}
