import type { SetupHost } from '../state/setup.js';

/** Names that a template may use beside the variables; a script may use them all, and those that whoever runs it sets. */
export const builtinNames = [
  'CLUSTER_NAME',
  'NODE_NAME',
  'NODE_ADDRESS',
  'NODE_ROLES',
  'FIRST_CONTROL_PLANE',
  'FIRST_CONTROL_PLANE_ADDRESS',
  'LOAD_BALANCER',
  'LOAD_BALANCER_ADDRESS',
  'NFS_SERVER',
  'NFS_SERVER_ADDRESS',
  'CONTROL_PLANES',
  'GPU_NODES',
  'WORKERS',
  'ALL_HOSTS',
] as const;

/** Set by whoever runs a step. */
export const runnerNames = ['STEP', 'FILES', 'OVERWRITE', 'KUBE_CONTEXT'] as const;

/** Without meaning where a step is done in the cluster. */
export const hostNames = ['NODE_NAME', 'NODE_ADDRESS', 'NODE_ROLES'] as const;

/** What every script sees of where it runs. Those of the host are empty in the column of the cluster. */
export function builtins(hosts: readonly SetupHost[], column: string, clusterName: string): Readonly<Record<(typeof builtinNames)[number], string>> {
  const host = hosts.find(({ name }) => name === column);
  const first = (role: SetupHost['roles'][number]) => hosts.find(({ roles }) => roles.includes(role));
  const lines = (some: readonly SetupHost[]) => some.map(({ name, address }) => `${name} ${address}`).join('\n');
  return {
    CLUSTER_NAME: clusterName,
    NODE_NAME: host?.name ?? '',
    NODE_ADDRESS: host?.address ?? '',
    NODE_ROLES: host?.roles.join(' ') ?? '',
    FIRST_CONTROL_PLANE: first('control-plane')?.name ?? '',
    FIRST_CONTROL_PLANE_ADDRESS: first('control-plane')?.address ?? '',
    LOAD_BALANCER: first('load-balancer')?.name ?? '',
    LOAD_BALANCER_ADDRESS: first('load-balancer')?.address ?? '',
    NFS_SERVER: first('nfs-server')?.name ?? '',
    NFS_SERVER_ADDRESS: first('nfs-server')?.address ?? '',
    CONTROL_PLANES: lines(hosts.filter(({ roles }) => roles.includes('control-plane'))),
    GPU_NODES: lines(hosts.filter(({ roles }) => roles.includes('gpu'))),
    WORKERS: lines(hosts.filter(({ roles }) => roles.includes('worker'))),
    ALL_HOSTS: lines(hosts),
  };
}
