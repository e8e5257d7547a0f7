import type { JsonObject } from './json.js';
import type { ResourceType } from './resource-type.js';
import { type Shape, shapes, topLevel } from './schema-shapes.js';

/** The OpenAPI schemas that the resources of one group need: each kind under the name the real server gives it, and all that it refers to. */
export function kindSchemas(types: readonly ResourceType[]): Record<string, JsonObject> {
  const schemas: Record<string, JsonObject> = {};
  const need = new Set<string>(['ObjectMeta']);
  for (const type of types) {
    const shape = topLevel[type.kind] ?? { spec: ['any', 'What is wanted of the object.'], status: ['any', 'What is seen of it.'] };
    const given = {
      apiVersion: ['string', 'Which schema this object follows: the group and its version.'],
      kind: ['string', 'Which kind of object this is.'],
      metadata: ['ObjectMeta', 'Name, labels and what else all objects have.'],
      ...shape,
    } as const;
    const group = type.group === '' ? 'core' : (type.group.split('.')[0] ?? '');
    schemas[`io.k8s.api.${group}.${type.version}.${type.kind}`] = {
      ...objectSchema(given, descriptions[type.kind] ?? `A ${type.kind}.`, need),
      'x-kubernetes-group-version-kind': [{ group: type.group, kind: type.kind, version: type.version }],
    };
  }
  // A set is walked to its end even while it grows.
  for (const name of need) schemas[schemaName(name)] = objectSchema(shapes[name] ?? {}, `A ${name}.`, need);
  return schemas;
}

function objectSchema(shape: Shape, description: string, need: Set<string>): JsonObject {
  const properties = Object.entries(shape).map(([field, [type, text]]) => [field, { description: text, ...fieldSchema(type, need) }]);
  return { description, type: 'object', properties: Object.fromEntries(properties) };
}

function fieldSchema(type: string, need: Set<string>): JsonObject {
  if (type.startsWith('[]')) return { type: 'array', items: fieldSchema(type.slice(2), need) };
  if (type.startsWith('{}')) return { type: 'object', additionalProperties: fieldSchema(type.slice(2), need) };
  switch (type) {
    case 'string':
    case 'integer':
    case 'boolean':
      return { type };
    case 'any':
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    case 'Quantity':
    case 'IntOrString':
      return { type: 'string' };
    case 'Time':
      return { type: 'string', format: 'date-time' };
    default:
      need.add(type);
      return { allOf: [{ $ref: `#/components/schemas/${schemaName(type)}` }] };
  }
}

function schemaName(name: string): string {
  return name === 'ObjectMeta' ? 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' : `io.k8s.api.core.v1.${name}`;
}

const descriptions: Readonly<Record<string, string>> = {
  Pod: 'Containers that run together on one node.',
  Node: 'A machine that runs pods.',
  Namespace: 'A scope for names.',
  Service: 'A name and address for a set of pods.',
  Deployment: 'Keeps a number of equal pods running and replaces them step by step when their template changes.',
  ReplicaSet: 'Keeps a number of equal pods running.',
  DaemonSet: 'Runs a pod on each node.',
  StatefulSet: 'Keeps pods running that have names and volumes of their own.',
  Job: 'Runs pods until enough of them have succeeded.',
  ConfigMap: 'Settings for pods to consume.',
  Secret: 'Settings for pods to consume that are not for everybody to see.',
  Event: 'A report of something that happened to an object.',
};
