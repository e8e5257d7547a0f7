import { commandLine } from '../hosts/shell-quote.js';
import { at, list, text } from '../kube/json.js';
import { KubeError } from '../kube/kube-error.js';
import type { Workload } from '../state/workloads.js';
import type { World } from './operation.js';

/** An object as the server has it; null where there is none. Rejects with KubeError. */
export async function readObject(world: World, path: string): Promise<unknown> {
  try {
    return (await world.client.request(path)).body;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}

/** All objects of a collection that is known to be small. Rejects with KubeError. */
export async function readObjects(world: Pick<World, 'client'>, path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly unknown[]> {
  return list(at((await world.client.request(path, { query })).body, 'items'));
}

export function uidOf(object: unknown): string {
  return text(at(object, 'metadata', 'uid')) ?? '';
}

export function nameOf(object: unknown): string {
  return text(at(object, 'metadata', 'name')) ?? '';
}

export interface Permission {
  readonly verb: string;
  /** `daemonsets.apps`, `pods/eviction`. */
  readonly resource: string;
  readonly namespace?: string;
}

/** A sentence for each of these that the user may not do. What the server does not tell is tried. */
export async function forbidden(world: World, ...wanted: readonly Permission[]): Promise<readonly string[]> {
  const answers = await Promise.all(wanted.map(({ verb, resource, namespace }) => world.access(verb, resource, namespace ?? null)));
  return wanted.flatMap(({ verb, resource, namespace }, index) =>
    answers[index] === 'no' ? [`this user may not ${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`] : [],
  );
}

/** A kubectl command line for the context in use. */
export function kubectl(world: World, ...words: readonly string[]): string {
  return commandLine(['kubectl', ...(world.context === '' ? [] : ['--context', world.context]), ...words]);
}

export function nodePath(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}

export function podPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}

/** The three kinds that keep pods running: how they are called, and where they lie. */
export interface WorkloadPlace {
  readonly kind: Workload['kind'];
  readonly namespace: string;
  readonly name: string;
  /** `daemonset kube-system/nvidia-device-plugin`. */
  readonly words: string;
  /** `daemonset/kube-system/nvidia-device-plugin`. */
  readonly object: string;
  readonly path: string;
  /** `daemonsets.apps`. */
  readonly resource: string;
}

export function workloadPlace(kind: string, namespace: string, name: string): WorkloadPlace {
  const known = workloadKinds.find((candidate) => candidate.toLowerCase() === kind.toLowerCase()) ?? 'Deployment';
  const low = known.toLowerCase();
  return {
    kind: known,
    namespace,
    name,
    words: `${low} ${namespace}/${name}`,
    object: `${low}/${namespace}/${name}`,
    path: `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${low}s/${encodeURIComponent(name)}`,
    resource: `${low}s.apps`,
  };
}

const workloadKinds = ['Deployment', 'DaemonSet', 'StatefulSet'] as const;
