import type { ServiceRef } from '../state/cluster-services.js';
import type { Fix } from '../state/report.js';
import type { Workload } from '../state/workloads.js';
import { ownerTag } from './pod-links.js';
import type { Sight } from './sight.js';

/**
 * The workload behind a service of the cluster, as far as names tell: the owner of one of its pods, the one called like the service or its beginning, or the only one of the namespace.
 * null where none fits.
 */
export function backingWorkload(service: ServiceRef, pods: readonly string[], sight: Sight): Workload | null {
  const near = [...(sight.peek('deployments')?.values() ?? []), ...(sight.peek('statefulSets')?.values() ?? [])].filter(
    ({ namespace }) => namespace === service.namespace,
  );
  const owners = new Set(
    pods.flatMap((name) => {
      const pod = sight.peek('pods')?.get(`${service.namespace}/${name}`);
      return pod === undefined ? [] : [ownerTag(pod)];
    }),
  );
  const owner = near.find((workload) => owners.has(workloadTag(workload)));
  if (owner !== undefined) return owner;
  const named = near
    .filter(({ name, app }) => service.name === app || service.name.startsWith(name) || name.startsWith(service.name))
    .sort((a, b) => b.name.length - a.name.length);
  return named[0] ?? (near.length === 1 ? near[0] : undefined) ?? null;
}

/** `deployment/ns/name` */
export function workloadTag({ kind, namespace, name }: Pick<Workload, 'kind' | 'namespace' | 'name'>): string {
  return `${kind.toLowerCase()}/${namespace}/${name}`;
}

export function restartFix(workload: Pick<Workload, 'kind' | 'namespace' | 'name'>, summary: string, sight: Sight): Fix {
  const { namespace, name } = workload;
  const kind = workload.kind.toLowerCase();
  return {
    summary,
    command: sight.kubectl('-n', namespace, 'rollout', 'restart', `${kind}/${name}`),
    operation: { id: 'restart-workload', input: { kind, namespace, name } },
  };
}

/** Whether a namespace is of the cluster itself: what runs there may be restarted without asking whose work it is. */
export function isSystem(namespace: string): boolean {
  return /^(?:kube-system|monitoring|.*-system|calico-apiserver|gpu-operator|tigera-operator|cert-manager|ingress-nginx|local-path-storage)$/.test(namespace);
}
