import type { Catalog } from './catalog.js';
import { groupVersions, typesOf } from './discovery.js';
import type { JsonObject } from './json.js';
import type { ResourceType } from './resource-type.js';
import { kindSchemas } from './schemas.js';

/** `/openapi/v3`: where the document of each group and version is. */
export function openApiIndex(catalog: Catalog): JsonObject {
  const paths = groupVersions(catalog).flatMap(({ group, versions }) => versions.map((version) => documentPath(group, version)));
  return { paths: Object.fromEntries(paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])) };
}

/**
 * `/openapi/v3/apis/GROUP/VERSION`: the paths with what kubectl looks up in them (which kind, and that `fieldValidation` is
 * understood), and the schemas that `kubectl explain` prints. Null where nothing is served there.
 */
export function openApiDocument(catalog: Catalog, path: string, version: string): JsonObject | null {
  const found = groupVersions(catalog)
    .flatMap(({ group, versions }) => versions.map((each) => ({ group, version: each })))
    .find((each) => documentPath(each.group, each.version) === path);
  if (found === undefined) return null;
  const types = typesOf(catalog, found.group, found.version);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(types.flatMap((type) => pathsOf(type, `/${path}`))),
    components: { schemas: kindSchemas(types) },
  };
}

function documentPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function pathsOf(type: ResourceType, base: string): [string, JsonObject][] {
  const kind = { 'x-kubernetes-group-version-kind': { group: type.group, version: type.version, kind: type.kind } };
  const collection = type.namespaced ? `${base}/namespaces/{namespace}/${type.plural}` : `${base}/${type.plural}`;
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } }));
  const operation = (action: string, more: JsonObject): JsonObject => ({
    ...more,
    'x-kubernetes-action': action,
    ...kind,
    responses: { 200: { description: 'OK' } },
  });
  // Strategic merge patches stay out: kubectl then takes the keys that it was built with instead of looking for them here.
  const patchBody = {
    content: Object.fromEntries(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'].map((each) => [each, {}])),
  };
  return [
    [collection, { get: operation('list', {}), post: operation('post', { parameters }), delete: operation('deletecollection', {}) }],
    [
      `${collection}/{name}`,
      {
        get: operation('get', {}),
        put: operation('put', { parameters }),
        patch: operation('patch', { parameters: [...parameters, { name: 'force', in: 'query', schema: { type: 'boolean' } }], requestBody: patchBody }),
        delete: operation('delete', {}),
      },
    ],
  ];
}

/** `/openapi/v2`: an empty document, which older clients take for a server without schemas. */
export function swagger(version: string): JsonObject {
  return { swagger: '2.0', info: { title: 'Kubernetes', version }, paths: {}, definitions: {} };
}

/** The same in gnostic's protobuf, the only form that kubectl reads: swagger = 1, info { title = 1, version = 2 } = 2, paths = 8. */
export function swaggerProtobuf(version: string): Buffer {
  const info = Buffer.concat([field(1, Buffer.from('Kubernetes')), field(2, Buffer.from(version))]);
  return Buffer.concat([field(1, Buffer.from('2.0')), field(2, info), field(8, Buffer.alloc(0))]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
