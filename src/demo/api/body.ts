import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.js';
import { isObject, type JsonObject, textAt } from './json.js';
import type { KubeObject } from './object-store.js';
import { decodeKubernetesProtobuf } from './protobuf/decode.js';
import { apiVersionOf, type ResourceType } from './resource-type.js';

/** As the real server's limit: 3 MiB. */
const largest = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > largest) throw new ApiError(413, 'RequestEntityTooLarge', 'limit is 3145728');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

export function mediaType(request: IncomingMessage): string {
  return (
    String(request.headers['content-type'] ?? '')
      .split(';')[0]
      ?.trim() ?? ''
  );
}

/** The object in a body, sent as JSON or protobuf, null for an empty body; throws ApiError 415 for other media types and 400 for what cannot be decoded. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  if (body.length === 0) return null;
  switch (mediaType(request)) {
    case '':
    case 'application/json':
    case 'application/yaml':
      return parseText(body.toString());
    case 'application/vnd.kubernetes.protobuf': {
      const decoded = decodeKubernetesProtobuf(body);
      if (decoded !== null) return decoded;
    }
  }
  throw new ApiError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  );
}

export function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding: couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Takes what was sent as an object of a type, in a namespace and, where the URL says so, of a name; throws ApiError 400 where they contradict. */
export function asKubeObject(value: unknown, type: ResourceType, namespace: string | undefined, name: string | undefined): KubeObject {
  if (!isObject(value)) throw badRequest(`error decoding: cannot unmarshal into Go value of type ${type.version}.${type.kind}`);
  const apiVersion = textAt(value, 'apiVersion') || apiVersionOf(type);
  const kind = textAt(value, 'kind') || type.kind;
  if (kind !== type.kind) {
    throw badRequest(`${kind} in version "${apiVersion}" cannot be handled as a ${type.kind}: converting (${kind}) to (${type.kind}): unknown conversion`);
  }
  if (apiVersion !== apiVersionOf(type)) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(type)})`);
  }
  const metadata = value['metadata'] === undefined || value['metadata'] === null ? {} : value['metadata'];
  if (!isObject(metadata))
    throw badRequest(`${kind} in version "${apiVersion}" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}.metadata`);
  checkStrings(kind, apiVersion, metadata);
  const own = textAt(metadata, 'name');
  if (name !== undefined && own !== '' && own !== name) throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
  const sentNamespace = textAt(metadata, 'namespace');
  if (type.namespaced && sentNamespace !== '' && sentNamespace !== namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  const { namespace: _, ...rest } = metadata;
  return { ...value, apiVersion, kind, metadata: { ...rest, name: own || (name ?? ''), ...(type.namespaced && namespace !== undefined ? { namespace } : {}) } };
}

/** Labels and annotations are maps of strings: anything else is what the real server cannot decode. */
function checkStrings(kind: string, apiVersion: string, metadata: JsonObject): void {
  for (const field of ['labels', 'annotations']) {
    const map = metadata[field];
    if (map === undefined || map === null) continue;
    const wrong = isObject(map) ? Object.values(map).find((value) => typeof value !== 'string') : map;
    if (wrong === undefined) continue;
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${kind}: json: cannot unmarshal ${typeof wrong} into Go struct field ObjectMeta.metadata.${field} of type string`,
    );
  }
}
