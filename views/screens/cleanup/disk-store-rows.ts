import type { NodeDisks, StorePart, StoreReading } from '../../../src/state/disks.js';
import type { OperationRef } from '../../../src/state/operations.js';

/** A store of a node, or a piece of one that is chosen by itself. */
export interface StoreRow {
  readonly id: string;
  readonly store: StoreReading;
  readonly part: StorePart | null;
  /** null where it was not measured. */
  readonly bytes: number | null;
  /** It goes with the next clean-up. */
  readonly goes: boolean;
}

/** The stores of a node, those with pieces followed by them. `marks` are the rows where somebody chose otherwise than they come. */
export function storeRows({ node, stores }: NodeDisks, marks: ReadonlySet<string>): readonly StoreRow[] {
  return stores.flatMap((store): readonly StoreRow[] => {
    const { reading } = store;
    const id = `${node}/${store.id}`;
    if (reading.status === 'unknown') return [{ id, store, part: null, bytes: null, goes: false }];
    const parts = reading.parts.map((part): StoreRow => {
      const own = `${id}=${part.id}`;
      return { id: own, store, part, bytes: part.bytes, goes: part.ticked !== marks.has(own) };
    });
    const goes = parts.length > 0 ? parts.some((part) => part.goes) : store.ticked !== marks.has(id) && reading.commands.length > 0;
    return [{ id, store, part: null, bytes: reading.bytes, goes }, ...parts];
  });
}

/** What goes, in bytes. */
export function chosenBytes(rows: readonly StoreRow[]): number {
  return rows.reduce((sum, { part, store, goes, bytes }) => {
    const counts = part !== null || store.reading.status === 'unknown' || store.reading.parts.length === 0;
    return goes && counts ? sum + (bytes ?? 0) : sum;
  }, 0);
}

/** The wish to win back room on a node; without rows, by what goes unless somebody says otherwise. */
export function diskWish(node: string, rows: readonly StoreRow[] = []): OperationRef {
  const stores = rows.filter(({ part, goes }) => part === null && goes).map(({ store }) => store.id);
  const parts = rows.flatMap(({ store, part, goes }) => (part !== null && goes ? [`${store.id}=${part.id}`] : []));
  return { id: 'clean-disk', input: { node, stores: stores.join(' '), parts: parts.join(' '), target: '', journal: '' } };
}
