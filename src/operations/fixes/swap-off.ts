import { bytes } from '../../text/amount.js';
import { counted, listed } from '../../text/wording.js';
import { backupChanges, backupPath, restoring } from '../backups.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { withoutSwap } from '../fstab.js';
import { gpuPodsOn, reloadWarnings } from '../gpu-pods.js';
import { ask, factValue, reachMachine, readFile, statFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** Switches swap off for good: the kubelet does not start while there is any. */
export const swapOff: Operation = defineFix({
  id: 'swap-off',
  title: 'switch swap off, now and at each boot',
  fields: { host: fieldForms.host },
  headline: (field) => `Switch swap off on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const swaps = swapsOf((await readFile(machine, '/proc/swaps')) ?? '');
    const fstab = await readFile(machine, '/etc/fstab');
    const edited = fstab === null ? null : withoutSwap(fstab);
    const mode = (await statFile(machine, '/etc/fstab'))?.mode ?? '644';
    const units = swapUnits((await ask(machine, ['systemctl', 'list-unit-files', '--no-pager', '--no-legend', '--type=swap'])) ?? '');
    if (swaps.length === 0 && edited === fstab) throw nothingToDo(`${host} has no swap, and none in /etc/fstab`);
    const used = swaps.reduce((sum, swap) => sum + swap.usedBytes, 0);
    const available = availableBytes((await readFile(machine, '/proc/meminfo')) ?? '');
    if (available !== null && used > available) {
      throw new Blocked(`${host} has ${bytes(used)} swapped out and only ${bytes(available)} of memory available: stop something there first`);
    }
    const kubelet = factValue(machine.facts?.services)?.find(({ name }) => name === 'kubelet');
    const restartKubelet = kubelet !== undefined && kubelet.active !== 'active';
    const goal = `no swap on ${host}, now and at the next boot${restartKubelet ? ', and the kubelet runs' : ''}`;
    const change = (text: string, argv: readonly string[], more: { readonly stdin?: string; readonly timeoutMs?: number } = {}) =>
      commandChange({ host, text, argv, ...more });
    return {
      risk: gpuPodsOn(world.snapshot(), host).length > 0 || used > 0 ? 'disruptive' : 'safe',
      changes: [
        ...(swaps.length === 0
          ? []
          : [
              change(`Bring ${used === 0 ? 'all swap' : `${bytes(used)} of swap`} back into memory and switch it off`, ['swapoff', '-a'], {
                timeoutMs: 600_000,
              }),
            ]),
        ...(edited === null || edited === fstab
          ? []
          : [
              ...(await backupChanges(machine, '/etc/fstab')),
              // Written beside it and moved over it: a machine with half an fstab does not boot.
              change('Write fstab without its swap lines', ['tee', '/etc/fstab.gpuk8s'], { stdin: edited }),
              change(`Give it fstab's mode ${mode}`, ['chmod', mode, '/etc/fstab.gpuk8s']),
              change('Put it in place', ['mv', '-f', '--', '/etc/fstab.gpuk8s', '/etc/fstab']),
            ]),
        ...(units.length === 0 ? [] : [change(`Keep systemd from switching ${listed(units)} on at boot (mask)`, ['systemctl', 'mask', ...units])]),
        ...(restartKubelet ? [change('Start the kubelet, which did not start with swap on', ['systemctl', 'restart', 'kubelet.service'])] : []),
      ],
      warnings: [
        ...(used === 0
          ? []
          : [
              `${bytes(used)} come back into memory, of which ${available === null ? 'an unknown amount is' : `${bytes(available)} are`} available: this may take minutes`,
            ]),
        ...(available !== null && used > available / 2 ? ['it will be tight: the kernel may kill a process'] : []),
        ...(units.length === 0 ? [] : reloadWarnings(world.snapshot(), host)),
        ...(factValue(machine.facts?.swap)?.some(({ device }) => device.includes('zram')) === true
          ? [`${host} swaps to compressed memory (zram): remove zram-generator too, or it comes back`]
          : []),
      ],
      undo: `${host}# ${[
        ...(units.length === 0 ? [] : [`systemctl unmask ${units.join(' ')}`]),
        ...(edited === fstab ? [] : [restoring('/etc/fstab', mode)]),
        'swapon -a',
      ].join('; ')}${edited === fstab ? '' : ` (fstab as it was: ${backupPath('/etc/fstab')})`}`,
      goal,
      verify(seen, signal) {
        const missing = missingFacts(host, Date.now(), (facts) => {
          const left = factValue(facts.swap);
          if (left === null) return `whether ${host} still swaps cannot be seen`;
          if (left.length > 0) return `${host} still has ${counted(left.length, 'swap device')}: ${listed(left.map(({ device }) => device))}`;
          const service = factValue(facts.services)?.find(({ name }) => name === 'kubelet');
          return restartKubelet && service?.active !== 'active' ? `the kubelet of ${host} is ${service?.active ?? 'not seen'}` : null;
        });
        return lookFor(seen, signal, { within: 120_000, goal, missing });
      },
    };
  },
});

/** /proc/swaps: a heading, then device, type, size and use in kB. */
function swapsOf(text: string): readonly { readonly device: string; readonly usedBytes: number }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\S+)\s+\S+\s+\d+\s+(\d+)/.exec(line);
    return match === null ? [] : [{ device: match[1] ?? '', usedBytes: Number(match[2]) * 1024 }];
  });
}

function availableBytes(meminfo: string): number | null {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Swap units that are not masked yet. */
function swapUnits(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [unit = '', state = ''] = line.trim().split(/\s+/);
    return unit.endsWith('.swap') && !unit.startsWith('-') && !state.startsWith('masked') ? [unit] : [];
  });
}
