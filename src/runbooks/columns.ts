import type { Role, SetupHost } from '../state/setup.js';
import type { Target } from './playbook.js';

/** The column of the matrix for what is done in the cluster. */
export const clusterColumn = 'cluster';

/** The columns in which a step is done: hosts in the order of the inventory, or the cluster's. */
export function columnsOf(targets: readonly Target[], hosts: readonly SetupHost[]): readonly string[] {
  if (targets.includes('cluster')) return [clusterColumn];
  const first = hosts.find(({ roles }) => roles.includes('control-plane'));
  const is = (host: SetupHost, target: Target) => {
    if (target === 'all') return true;
    if (target === 'first-control-plane') return host === first;
    if (target === 'other-control-planes') return host !== first && host.roles.includes('control-plane');
    return host.roles.some((role) => role === target);
  };
  return hosts.filter((host) => targets.some((target) => is(host, target))).map(({ name }) => name);
}

/** Hosts with a role, in the order of the inventory. */
export function withRole(hosts: readonly SetupHost[], role: Role): readonly SetupHost[] {
  return hosts.filter(({ roles }) => roles.includes(role));
}
