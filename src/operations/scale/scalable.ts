import { at, list, text } from '../../kube/json.js';
import { KubeError } from '../../kube/kube-error.js';
import { Blocked } from '../fix.js';
import type { World } from '../operation.js';

/** A kind of object with a number of replicas, as the API serves it. */
export interface ScalableKind {
  readonly kind: string;
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** One object of such a kind: how it is called, and where it lies. */
export interface ScalablePlace extends ScalableKind {
  readonly namespace: string;
  readonly name: string;
  /** `deployment ai/resnet50-inference`. */
  readonly words: string;
  /** `deployment/ai/resnet50-inference`. */
  readonly object: string;
  readonly path: string;
  /** Its scale subresource (autoscaling/v1 Scale). */
  readonly scalePath: string;
  /** `deployments.apps/scale`. */
  readonly resource: string;
}

/**
 * The object that `kind` (kind, singular, plural, short name, or `plural.group`) and name mean. Kinds beyond Kubernetes' own are looked for among what the server
 * offers. Throws Blocked where there is no such kind, or it has no replicas.
 */
export async function scalablePlace(world: World, kind: string, namespace: string, name: string): Promise<ScalablePlace> {
  const found = known(kind) ?? (await discovered(world, kind));
  const { group, version, plural } = found;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;
  const low = found.kind.toLowerCase();
  return {
    ...found,
    namespace,
    name,
    words: `${low} ${namespace}/${name}`,
    object: `${low}/${namespace}/${name}`,
    path,
    scalePath: `${path}/scale`,
    resource: `${group === '' ? plural : `${plural}.${group}`}/scale`,
  };
}

const own: readonly (ScalableKind & { readonly names: readonly string[] })[] = [
  { kind: 'Deployment', group: 'apps', version: 'v1', plural: 'deployments', names: ['deployment', 'deploy', 'deployments.apps'] },
  { kind: 'StatefulSet', group: 'apps', version: 'v1', plural: 'statefulsets', names: ['statefulset', 'sts', 'statefulsets.apps'] },
  { kind: 'ReplicaSet', group: 'apps', version: 'v1', plural: 'replicasets', names: ['replicaset', 'rs', 'replicasets.apps'] },
  { kind: 'ReplicationController', group: '', version: 'v1', plural: 'replicationcontrollers', names: ['replicationcontroller', 'rc'] },
];

function known(kind: string): ScalableKind | undefined {
  const low = kind.toLowerCase();
  if (['daemonset', 'daemonsets', 'ds'].includes(low)) throw new Blocked('a daemonset has no number of replicas: it runs one pod on each node that it fits');
  const found = own.find(({ plural, names }) => plural === low || names.includes(low));
  return found === undefined ? undefined : { kind: found.kind, group: found.group, version: found.version, plural: found.plural };
}

async function discovered(world: World, wanted: string): Promise<ScalableKind> {
  const { body } = await world.client.request('/apis');
  const versions = list(at(body, 'groups')).flatMap((group) => text(at(group, 'preferredVersion', 'groupVersion')) ?? []);
  let exists = false;
  for (const groupVersion of versions) {
    const [group = '', version = ''] = groupVersion.split('/');
    const resources = await resourcesOf(world, groupVersion);
    const found = resources.find((resource) => isMeant(resource, group, wanted));
    const plural = text(at(found, 'name'));
    if (plural === null) continue;
    exists = true;
    if (resources.some((resource) => at(resource, 'name') === `${plural}/scale`)) return { kind: text(at(found, 'kind')) ?? plural, group, version, plural };
  }
  throw new Blocked(exists ? `a ${wanted} has no number of replicas` : `there is no kind ${wanted} here`);
}

async function resourcesOf(world: World, groupVersion: string): Promise<readonly unknown[]> {
  try {
    return list(at((await world.client.request(`/apis/${groupVersion}`)).body, 'resources'));
  } catch (error) {
    // A group whose own server is down keeps nobody from the others.
    if (error instanceof KubeError && error.status !== null) return [];
    throw error;
  }
}

function isMeant(resource: unknown, group: string, wanted: string): boolean {
  const low = wanted.toLowerCase();
  const plural = text(at(resource, 'name')) ?? '';
  if (plural.includes('/')) return false;
  const names = [at(resource, 'kind'), at(resource, 'singularName'), plural, ...list(at(resource, 'shortNames'))];
  return names.some((name) => typeof name === 'string' && name.toLowerCase() === low) || `${plural}.${group}` === low;
}
