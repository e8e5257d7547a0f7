import { humanDuration } from '../human-duration.js';
import { textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number;
}

/** How a kind looks as rows of a Table, as the real server's printers have it. */
export interface Printer {
  readonly columns: readonly Column[];
  /** One value for each column. */
  cells(object: KubeObject, now: number): readonly unknown[];
  /** Row conditions: pods that ended say so, so that clients can hide them. */
  conditions?(object: KubeObject): readonly unknown[] | undefined;
  /** Order of the rows where it is not the list's own. */
  compare?(a: KubeObject, b: KubeObject): number;
}

/** Columns in short: `Name`, `Desired:integer`; a trailing `*` puts the column among the wide ones. */
export function columns(...specs: readonly string[]): Column[] {
  return specs.map((spec) => {
    const wide = spec.endsWith('*');
    const [name = '', type = 'string'] = spec.replace(/\*$/, '').split(':');
    return { name, type: columnType(type), format: name === 'Name' ? 'name' : '', description: descriptions[name] ?? '', priority: wide ? 1 : 0 };
  });
}

function columnType(text: string): Column['type'] {
  return text === 'integer' || text === 'number' || text === 'boolean' || text === 'date' ? text : 'string';
}

const descriptions: Readonly<Record<string, string>> = {
  Name: 'Name must be unique within a namespace.',
  Age: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  'Created At': 'CreationTimestamp is a timestamp representing the server time when this object was created.',
};

export function age(object: KubeObject, now: number): string {
  return since(object.metadata.creationTimestamp, now);
}

/** How long ago a timestamp was; `<unknown>` without one. */
export function since(timestamp: string | undefined, now: number): string {
  if (timestamp === undefined || timestamp === '') return '<unknown>';
  const then = Date.parse(timestamp);
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then);
}

/** For kinds without a printer of their own: name and creation. */
export const plainPrinter: Printer = {
  columns: columns('Name', 'Created At:date'),
  cells: (object) => [object.metadata.name, textAt(object, 'metadata', 'creationTimestamp')],
};
