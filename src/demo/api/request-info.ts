/** What a request asks for, as the real server's request info has it: the words that authorization and routing speak. */
export type RequestInfo = ResourceRequest | { readonly type: 'path'; readonly verb: string; readonly path: string };

export interface ResourceRequest {
  readonly type: 'resource';
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly resource: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** What follows the subresource: the path behind a proxy, with its leading slash. */
  readonly rest: string;
}

export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path.split('/').filter((part) => part !== '');
  const legacy = parts[0] === 'api';
  if ((!legacy && parts[0] !== 'apis') || parts.length < (legacy ? 3 : 4)) return { type: 'path', verb: method.toLowerCase(), path };
  const [group = '', version = '', ...found] = legacy ? ['', ...parts.slice(1)] : parts.slice(1);
  const watching = found[0] === 'watch' && found.length > 1;
  const steps = (watching ? found.slice(1) : found).map(decode);
  let namespace: string | undefined;
  // `namespaces/x` alone is the namespace, with `status` and `finalize` its subresources; anything else lies in it.
  if (steps[0] === 'namespaces' && steps.length > 2 && !['status', 'finalize'].includes(steps[2] ?? '')) {
    namespace = steps[1];
    steps.splice(0, 2);
  }
  const [resource = '', name, subresource] = steps;
  return {
    type: 'resource',
    verb: verb(method, name, watching || isTrue(query.get('watch'))),
    path,
    group,
    version,
    namespace: namespace ?? (resource === 'namespaces' && name !== undefined ? name : undefined),
    resource,
    name,
    subresource,
    rest: subresource === undefined ? '' : afterSegments(path, parts.length - steps.length + 3),
  };
}

function afterSegments(path: string, count: number): string {
  return path.replace(new RegExp(`^(?:/+[^/]+){${count}}`), '');
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1' || value === '';
}

function verb(method: string, name: string | undefined, watching: boolean): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return name === undefined ? (watching ? 'watch' : 'list') : watching ? 'watch' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
