import { ApiError } from './api-error.js';
import type { RequestInfo, ResourceRequest } from './request-info.js';

export interface ApiUser {
  readonly name: string;
  /** The bearer token that stands for this user. */
  readonly token: string;
  readonly groups?: readonly string[];
  readonly role: 'cluster-admin' | 'view' | 'bound';
  /** For `bound`: what Roles allow in a namespace; '' for what is in none. */
  bound?(namespace: string): readonly PolicyRule[];
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** What is asked of the authorizer; `resource` with its subresource apart. */
export interface Action {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** '' for what is in none. */
  readonly namespace: string;
}

export function rulesOf(user: ApiUser, namespace: string): readonly PolicyRule[] {
  if (user.role === 'bound') return [...everybody, ...(user.groups?.includes('system:masters') === true ? clusterAdmin : (user.bound?.(namespace) ?? []))];
  return [...everybody, ...(user.role === 'cluster-admin' ? clusterAdmin : view)];
}

export function allowsAction(user: ApiUser, action: Action): boolean {
  const resource = action.subresource === '' ? action.resource : `${action.resource}/${action.subresource}`;
  return rulesOf(user, action.namespace).some(
    (rule) =>
      has(rule.verbs, action.verb) &&
      has(rule.apiGroups, action.group) &&
      (has(rule.resources, resource) || (action.subresource !== '' && rule.resources?.includes(`*/${action.subresource}`) === true)) &&
      (rule.resourceNames === undefined || rule.resourceNames.includes(action.name)),
  );
}

export function allowsPath(user: ApiUser, verb: string, path: string): boolean {
  return rulesOf(user, '').some(
    (rule) => has(rule.verbs, verb) && rule.nonResourceURLs?.some((url) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))) === true,
  );
}

/** Throws ApiError 403, worded as by the real server, where the user may not do what the request wants. */
export function authorize(user: ApiUser, info: RequestInfo): void {
  if (info.type === 'path') {
    if (!allowsPath(user, info.verb, info.path))
      throw new ApiError(403, 'Forbidden', `forbidden: User "${user.name}" cannot ${info.verb} path "${info.path}"`, {});
    return;
  }
  const { verb, group, resource, subresource = '', name = '', namespace = '' } = info;
  const action = { verb, group, resource, subresource, name, namespace };
  if (!allowsAction(user, action)) throw forbiddenTo(user, info);
}

/** In the words of the real server. */
export function forbiddenTo(user: ApiUser, info: Pick<ResourceRequest, 'verb' | 'group' | 'resource' | 'subresource' | 'name' | 'namespace'>): ApiError {
  const resource = info.subresource === undefined ? info.resource : `${info.resource}/${info.subresource}`;
  const scope = info.namespace === undefined ? 'at the cluster scope' : `in the namespace "${info.namespace}"`;
  const qualified = info.group === '' ? info.resource : `${info.resource}.${info.group}`;
  const object = info.name === undefined ? qualified : `${qualified} "${info.name}"`;
  return new ApiError(
    403,
    'Forbidden',
    `${object} is forbidden: User "${user.name}" cannot ${info.verb} resource "${resource}" in API group "${info.group}" ${scope}`,
    { ...(info.name === undefined ? {} : { name: info.name }), ...(info.group === '' ? {} : { group: info.group }), kind: info.resource },
  );
}

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

function has(values: readonly string[] | undefined, value: string): boolean {
  return values !== undefined && (values.includes('*') || values.includes(value));
}

/** system:basic-user, system:discovery and system:public-info-viewer. */
const everybody: readonly PolicyRule[] = [
  { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  {
    verbs: ['get'],
    nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'],
  },
];

const clusterAdmin: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

const read = ['get', 'list', 'watch'];

/** The ClusterRole `view`, bound in all namespaces. */
const view: readonly PolicyRule[] = [
  {
    verbs: read,
    apiGroups: [''],
    resources: [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
      'services/status',
      'bindings',
      'events',
      'limitranges',
      'namespaces/status',
      'pods/log',
      'pods/status',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
      'namespaces',
    ],
  },
  { verbs: read, apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  {
    verbs: read,
    apiGroups: ['apps'],
    resources: ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'].flatMap((each) => [each, `${each}/status`, `${each}/scale`]),
  },
  { verbs: read, apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'] },
  { verbs: read, apiGroups: ['batch'], resources: ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'] },
  { verbs: read, apiGroups: ['policy'], resources: ['poddisruptionbudgets', 'poddisruptionbudgets/status'] },
  { verbs: read, apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingresses/status', 'networkpolicies'] },
];
