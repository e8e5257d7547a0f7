import { dump } from 'js-yaml';
import { clean } from '../text/clean.js';
import type { KubeClient } from './client.js';
import { at, isObject } from './json.js';
import { KubeError } from './kube-error.js';

/**
 * An object as YAML for the screen: `node/gpu-1`, `pod/kube-system/coredns-x`, `deployment/ai/whisper`. Without managedFields, with a secret's data masked, each line
 * cleaned. Rejects with KubeError.
 */
export async function objectYaml(client: KubeClient, object: string, signal?: AbortSignal): Promise<string> {
  const { body } = await client.request(objectPath(object), signal === undefined ? {} : { signal });
  const yaml = dump(shown(body), { lineWidth: -1, noRefs: true });
  return yaml
    .split('\n')
    .map((line) => clean(line, 16_384))
    .join('\n');
}

/** Collections by the kind's name in lower case. */
const collections: Readonly<Record<string, { readonly path: string; readonly plural: string; readonly namespaced: boolean }>> = {
  node: { path: '/api/v1', plural: 'nodes', namespaced: false },
  namespace: { path: '/api/v1', plural: 'namespaces', namespaced: false },
  pod: { path: '/api/v1', plural: 'pods', namespaced: true },
  service: { path: '/api/v1', plural: 'services', namespaced: true },
  configmap: { path: '/api/v1', plural: 'configmaps', namespaced: true },
  secret: { path: '/api/v1', plural: 'secrets', namespaced: true },
  event: { path: '/api/v1', plural: 'events', namespaced: true },
  persistentvolume: { path: '/api/v1', plural: 'persistentvolumes', namespaced: false },
  persistentvolumeclaim: { path: '/api/v1', plural: 'persistentvolumeclaims', namespaced: true },
  deployment: { path: '/apis/apps/v1', plural: 'deployments', namespaced: true },
  daemonset: { path: '/apis/apps/v1', plural: 'daemonsets', namespaced: true },
  statefulset: { path: '/apis/apps/v1', plural: 'statefulsets', namespaced: true },
  replicaset: { path: '/apis/apps/v1', plural: 'replicasets', namespaced: true },
  job: { path: '/apis/batch/v1', plural: 'jobs', namespaced: true },
  cronjob: { path: '/apis/batch/v1', plural: 'cronjobs', namespaced: true },
  lease: { path: '/apis/coordination.k8s.io/v1', plural: 'leases', namespaced: true },
  storageclass: { path: '/apis/storage.k8s.io/v1', plural: 'storageclasses', namespaced: false },
  runtimeclass: { path: '/apis/node.k8s.io/v1', plural: 'runtimeclasses', namespaced: false },
};

function objectPath(object: string): string {
  const parts = object.split('/');
  const [kind = ''] = parts;
  const collection = Object.hasOwn(collections, kind.toLowerCase()) ? collections[kind.toLowerCase()] : undefined;
  if (collection === undefined) throw new KubeError('not-found', `there is no kind ${clean(kind, 60)} to show`);
  const { path, plural, namespaced } = collection;
  const [namespace = '', name = ''] = namespaced ? parts.slice(1) : ['', parts[1]];
  // A URL takes . and .. for steps up.
  const steps = [name, namespace].some((part) => part === '.' || part === '..');
  if (steps || name === '' || (namespaced && namespace === '') || parts.length !== (namespaced ? 3 : 2)) {
    throw new KubeError(
      'not-found',
      `"${clean(object, 100)}" does not name a ${plural.replace(/s$/, '')}: it should be ${kind}/${namespaced ? 'NAMESPACE/' : ''}NAME`,
    );
  }
  return namespaced
    ? `${path}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`
    : `${path}/${plural}/${encodeURIComponent(name)}`;
}

function shown(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { metadata, ...rest } = body;
  const kept = isObject(metadata) ? Object.fromEntries(Object.entries(metadata).filter(([field]) => field !== 'managedFields')) : metadata;
  const { apiVersion, kind, ...others } = rest;
  const whole = { apiVersion, kind, metadata: kept, ...others };
  return kind === 'Secret' ? masked(whole) : whole;
}

/** kubectl apply leaves a second copy of the data in an annotation. */
function masked(secret: Readonly<Record<string, unknown>>): unknown {
  const hide = (values: unknown) =>
    isObject(values)
      ? Object.fromEntries(Object.entries(values).map(([key, value]) => [key, `*** (${typeof value === 'string' ? value.length : 0} characters)`]))
      : values;
  const annotations = at(secret, 'metadata', 'annotations');
  const metadata = at(secret, 'metadata');
  return {
    ...secret,
    metadata: {
      ...(isObject(metadata) ? metadata : {}),
      ...(isObject(annotations)
        ? { annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration')) }
        : {}),
    },
    ...('data' in secret ? { data: hide(at(secret, 'data')) } : {}),
    ...('stringData' in secret ? { stringData: hide(at(secret, 'stringData')) } : {}),
  };
}
