import type { JsonObject } from './json.js';
import type { ResourceType } from './resource-type.js';

/** The OpenAPI schema of a kind, under the name that the real server gives it. */
export function kindSchema(type: ResourceType): Record<string, JsonObject> {
  const group = type.group === '' ? 'core' : (type.group.split('.')[0] ?? '');
  return {
    [`io.k8s.api.${group}.${type.version}.${type.kind}`]: {
      description: `${type.kind} of ${type.group === '' ? type.version : `${type.group}/${type.version}`}.`,
      type: 'object',
      properties: {
        apiVersion: { type: 'string', description: 'APIVersion defines the versioned schema of this representation of an object.' },
        kind: { type: 'string', description: 'Kind is a string value representing the REST resource this object represents.' },
        metadata: { type: 'object', description: "Standard object's metadata." },
        spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
      'x-kubernetes-group-version-kind': [{ group: type.group, kind: type.kind, version: type.version }],
    },
  };
}
