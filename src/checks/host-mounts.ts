import { defineHostCheck } from './host-check.js';
import { onHost, told } from './host-machine.js';
import { listed } from './wording.js';

/** After a reboot a file server may come back later than those that mount it; volumes on it then lie on the bare disk below. */
export const mounts = defineHostCheck({
  id: 'mounts',
  title: 'file systems of fstab are mounted',
  severity: 'critical',
  about: 'all',
  good: 'everything in fstab mounted',
  look(machine) {
    const missing = told(machine.facts.mounts).filter(({ mounted }) => !mounted);
    if (missing.length === 0) return { status: 'pass' };
    return {
      status: 'fail',
      message: `${listed(missing.map(({ mount, source, type }) => `${mount} (${type} ${source})`))} not mounted on ${machine.name}`,
      fix: {
        summary: `Mount what is missing on ${machine.name}; if that fails, look whether its server answers`,
        command: onHost(machine, 'sudo mount -a'),
        operation: { id: 'remount', input: { host: machine.name } },
      },
      explains: [`mounts/${machine.name}`],
    };
  },
});
