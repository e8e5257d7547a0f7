import { clean } from '../../text/clean.js';
import { listed } from '../../text/wording.js';
import { defineFix, fieldForms, nothingToDo } from '../fix.js';
import { missingMounts } from '../fstab.js';
import { type Machine, reachMachine, readFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { askUntil } from '../verification.js';

/** Mounts what fstab names and the last boot left out. */
export const remount: Operation = defineFix({
  id: 'remount',
  title: 'mount what fstab names',
  fields: { host: fieldForms.host },
  headline: (field) => `Mount what /etc/fstab of ${field('host')} names`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const missing = await missingNow(machine);
    if (missing.length === 0) throw nothingToDo(`all that /etc/fstab of ${host} names is mounted`);
    const goal = `${listed(missing)} mounted on ${host}`;
    return {
      risk: 'safe',
      changes: [commandChange({ host, text: `Mount ${listed(missing)}`, argv: ['mount', '-a'], timeoutMs: 120_000 })],
      warnings: ['pods that started without it write into the folder below: what they wrote is hidden once it is mounted, and they need a restart'],
      undo: `${host}# umount ${missing.join(' ')}`,
      goal,
      verify: (_, signal) =>
        askUntil(signal, {
          within: 30_000,
          goal,
          read: () => missingNow(machine),
          missing: (left) => (left.length === 0 ? null : `${listed(left)} still not mounted on ${host}`),
        }),
    };
  },
});

async function missingNow(machine: Machine): Promise<readonly string[]> {
  return missingMounts((await readFile(machine, '/etc/fstab')) ?? '', (await readFile(machine, '/proc/mounts')) ?? '').map((mount) => clean(mount, 200));
}
