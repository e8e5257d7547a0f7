import { at, listAt, objectAt, textAt } from './json.js';
import type { KubeObject } from './object-store.js';
import { age, type Column, columns, type Printer, since } from './printers/printer.js';
import { allVerbs, type ResourceType } from './resource-type.js';

/** The resources that a CustomResourceDefinition adds, one for each served version. */
export function definedResources(definition: KubeObject): ResourceType[] {
  const names = objectAt(definition, 'spec', 'names');
  const group = textAt(definition, 'spec', 'group');
  const plural = textAt(names, 'plural');
  const kind = textAt(names, 'kind');
  if (group === '' || plural === '' || kind === '') return [];
  return listAt(definition, 'spec', 'versions')
    .filter((version) => at(version, 'served') === true)
    .map((version) => ({
      group,
      version: textAt(version, 'name'),
      kind,
      plural,
      singular: textAt(names, 'singular') || kind.toLowerCase(),
      shortNames: listAt(names, 'shortNames').map(String),
      categories: listAt(names, 'categories').map(String),
      namespaced: at(definition, 'spec', 'scope') !== 'Cluster',
      verbs: allVerbs,
      status: at(version, 'subresources', 'status') !== undefined,
      scale: false,
      subresources: [],
      fields: Object.fromEntries(
        listAt(version, 'selectableFields').map((field) => {
          const path = textAt(field, 'jsonPath').replace(/^\./, '');
          return [path, (object: KubeObject) => shown(jsonPath(object, `.${path}`))];
        }),
      ),
      printer: definedPrinter(listAt(version, 'additionalPrinterColumns')),
      custom: true,
      storeName: `${plural}.${group}`,
    }));
}

function definedPrinter(extra: readonly unknown[]): Printer {
  if (extra.length === 0) return { columns: columns('Name', 'Age'), cells: (object, now) => [object.metadata.name, age(object, now)] };
  const defined = extra.map((each): Column => ({ ...column(each) }));
  const paths = extra.map((each) => textAt(each, 'jsonPath'));
  return {
    columns: [...columns('Name'), ...defined],
    cells: (object, now) => [
      object.metadata.name,
      ...paths.map((path, index) => {
        const value = jsonPath(object, path);
        return defined[index]?.type === 'date' ? since(typeof value === 'string' ? value : undefined, now) : value === undefined ? '' : scalar(value);
      }),
    ],
  };
}

function column(definition: unknown): Column {
  const type = textAt(definition, 'type');
  return {
    name: textAt(definition, 'name'),
    type: type === 'integer' || type === 'number' || type === 'boolean' || type === 'date' ? type : 'string',
    format: textAt(definition, 'format'),
    description: textAt(definition, 'description'),
    priority: at(definition, 'priority') === 1 ? 1 : 0,
  };
}

/** The parts of JSONPath that printer columns use: `.a.b`, `['a.b/c']`, `[0]`, `[?(@.type=="Ready")]`. */
export function jsonPath(value: unknown, path: string): unknown {
  let current = value;
  for (const step of path.matchAll(/\.([\w-]+(?:\\\.[\w-]+)*)|\[['"]([^'"]+)['"]\]|\[(\d+)\]|\[\?\(@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\)\]/g)) {
    const [, plain, quoted, index, field, wanted] = step;
    if (index !== undefined) current = Array.isArray(current) ? current[Number(index)] : undefined;
    else if (field !== undefined) current = Array.isArray(current) ? current.find((each) => at(each, ...field.split('.')) === wanted) : undefined;
    else current = at(current, plain === undefined ? (quoted ?? '') : plain.replaceAll('\\.', '.'));
  }
  return current;
}

function scalar(value: unknown): unknown {
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

function shown(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
