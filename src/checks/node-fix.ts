import type { Fix } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';

/** The machine of a node, by the name that operations know it by. */
export function machineOf(node: string, { hosts }: ClusterSnapshot): string {
  const host = [...(hosts.value?.values() ?? [])].find((candidate) => candidate.node === node);
  return host?.name ?? node;
}

export function restartKubelet(node: string, summary: string, snapshot: ClusterSnapshot): Fix {
  return {
    summary,
    command: `ssh ${node} sudo systemctl restart kubelet`,
    operation: { id: 'restart-unit', input: { host: machineOf(node, snapshot), unit: 'kubelet.service' } },
  };
}
