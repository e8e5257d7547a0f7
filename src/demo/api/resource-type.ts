import type { Printer } from './printers/printer.js';
import type { SelectableFields } from './selectors.js';

export type ResourceVerb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** One resource of one group and version, and what the server has to know to serve it. */
export interface ResourceType {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly ResourceVerb[];
  readonly status: boolean;
  readonly scale: boolean;
  /** Other subresources, for discovery: `log`, `eviction`, … with kind and verbs. */
  readonly subresources: readonly Subresource[];
  readonly fields: SelectableFields;
  readonly printer: Printer;
  /** Defined by a CustomResourceDefinition: no strategic merge patches, generation from the start. */
  readonly custom: boolean;
  /** The name in the object store: `pods`, `deployments.apps`. */
  readonly storeName: string;
}

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

export const allVerbs: readonly ResourceVerb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** What a table of resources has to say about each; the rest follows. */
export interface ResourceRow {
  readonly kind: string;
  readonly plural: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced?: boolean;
  readonly status?: boolean;
  readonly scale?: boolean;
  readonly subresources?: readonly Subresource[];
  readonly fields?: SelectableFields;
  readonly printer?: Printer;
}

export function resourceType(group: string, version: string, row: ResourceRow, printer: Printer): ResourceType {
  return {
    group,
    version,
    kind: row.kind,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    namespaced: row.namespaced ?? true,
    verbs: allVerbs,
    status: row.status ?? false,
    scale: row.scale ?? false,
    subresources: row.subresources ?? [],
    fields: row.fields ?? {},
    printer: row.printer ?? printer,
    custom: false,
    storeName: group === '' ? row.plural : `${row.plural}.${group}`,
  };
}
