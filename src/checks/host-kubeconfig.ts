import { defineHostCheck } from './host-check.js';
import { onHost, told } from './host-machine.js';
import { quoted } from './kubectl.js';

/** A kubeconfig that was made with sudo belongs to root: kubectl then says "permission denied"; one that others can read gives the cluster away. */
export const kubeconfigPerms = defineHostCheck({
  id: 'kubeconfig-perms',
  title: 'kubeconfigs belong to their users',
  severity: 'warning',
  about: 'all',
  good: 'kubeconfigs belong to their users alone',
  look(machine) {
    const files = told(machine.facts.kubeconfigs);
    if (files.length === 0) return { status: 'skipped', why: 'no kubeconfig there' };
    const wrong = files.flatMap(({ path, owner, mode, homeOf }) => {
      const open = (Number.parseInt(mode, 8) & 0o077) !== 0;
      const foreign = homeOf !== null && owner !== homeOf;
      return open || foreign ? [{ path, owner, mode, wanted: homeOf ?? owner, foreign }] : [];
    });
    if (wrong.length === 0) return { status: 'pass' };
    return wrong.map(({ path, owner, mode, wanted, foreign }) => ({
      status: 'warn' as const,
      message: foreign
        ? `${path} on ${machine.name} belongs to ${owner}, not to ${wanted}: kubectl says "permission denied"`
        : `${path} on ${machine.name} can be read by others (mode ${mode})`,
      fix: {
        summary: `Give it to ${wanted} alone`,
        command: onHost(machine, `sudo chown ${quoted(`${wanted}:`)} ${quoted(path)} && sudo chmod 600 ${quoted(path)}`),
        operation: { id: 'kubeconfig-owner', input: { host: machine.name, path, owner: wanted } },
      },
    }));
  },
});
