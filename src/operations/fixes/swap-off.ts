import { commandLine } from '../../hosts/shell-quote.js';
import { bytes } from '../../text/amount.js';
import { counted, listed } from '../../text/wording.js';
import { backupOf, restoring, unchangedChange } from '../backups.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { withoutSwap } from '../fstab.js';
import { gpuPodsOn, reloadWarnings } from '../gpu-pods.js';
import { factValue, reachMachine, readFile, statFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { readSwapUnits } from '../swap-units.js';
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
    const { toMask, toDisable, comeBack } = await readSwapUnits(machine);
    const units = [...toMask, ...toDisable];
    if (swaps.length === 0 && edited === fstab && !comeBack) throw nothingToDo(`${host} has no swap, and nothing that brings it back`);
    const backup = edited === fstab ? null : await backupOf(machine, '/etc/fstab');
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
        ...(fstab === null || backup === null ? [] : [unchangedChange(machine, '/etc/fstab', fstab)]),
        ...(swaps.length === 0
          ? []
          : [
              change(`Bring ${used === 0 ? 'all swap' : `${bytes(used)} of swap`} back into memory and switch it off`, ['swapoff', '-a'], {
                timeoutMs: 600_000,
              }),
            ]),
        ...(edited === null || backup === null
          ? []
          : [
              ...backup.changes,
              // Written beside it and moved over it: a machine with half an fstab does not boot.
              change('Write fstab without its swap lines', ['tee', '/etc/fstab.gpuk8s'], { stdin: edited }),
              change(`Give it fstab's mode ${mode}`, ['chmod', mode, '/etc/fstab.gpuk8s']),
              change('Put it in place', ['mv', '-f', '--', '/etc/fstab.gpuk8s', '/etc/fstab']),
            ]),
        ...(toMask.length === 0 ? [] : [change(`Keep systemd from switching ${listed(toMask)} on at boot (mask)`, ['systemctl', 'mask', ...toMask])]),
        ...(toDisable.length === 0
          ? []
          : [change(`Keep systemd from switching ${listed(toDisable)} on at boot (disable)`, ['systemctl', 'disable', ...toDisable])]),
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
        ...(toMask.length === 0 ? [] : [commandLine(['systemctl', 'unmask', ...toMask])]),
        ...(toDisable.length === 0 ? [] : [commandLine(['systemctl', 'enable', ...toDisable])]),
        ...(backup === null ? [] : [restoring('/etc/fstab', backup, mode)]),
        ...(swaps.length === 0 ? [] : [commandLine(['swapon', ...swaps.map(({ device }) => device)])]),
      ].join('; ')}${backup === null ? '' : ` (fstab as it was: ${backup.path})`}`,
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

/** /proc/swaps: a heading, then device (blanks as `\040`), type, size and use in kB. */
function swapsOf(text: string): readonly { readonly device: string; readonly usedBytes: number }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\S+)\s+\S+\s+\d+\s+(\d+)/.exec(line);
    return match === null ? [] : [{ device: (match[1] ?? '').replaceAll('\\040', ' '), usedBytes: Number(match[2]) * 1024 }];
  });
}

function availableBytes(meminfo: string): number | null {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
