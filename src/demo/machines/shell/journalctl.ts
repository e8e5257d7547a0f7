import { reclaimable } from '../../controllers/linux.js';
import { diskChanged } from '../../controllers/machines.js';
import type { LogLine } from '../../controllers/units.js';
import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import { type Call, failed, optionValues, said } from './command.js';
import { kernelLines } from './kernel-log.js';

/** journalctl: the kernel's lines and those of units of this boot, how much the journal takes, and vacuuming it. */
export function journalctl(host: MachineHost, argv: readonly string[], { root }: Call): CommandResult {
  const { linux } = host.machine;
  if (argv.includes('--disk-usage')) return said(`Archived and active journals take up ${size(linux.disk.journal)} in the file system.\n`);
  const [keep] = optionValues(argv, '--vacuum-size', '--vacuum-size');
  if (keep !== undefined) {
    if (!root) return failed('Failed to delete archived journal: Permission denied\n', 1);
    const before = reclaimable(linux);
    const freed = Math.max(0, linux.disk.journal - bytes(keep));
    linux.disk.journal -= freed;
    diskChanged(host.machine, before, host.now());
    host.systems?.look(host.machine);
    return failed(`Vacuuming done, freed ${freed === 0 ? '0B' : size(freed)} of archived journals from /var/log/journal.\n`, 0);
  }
  const units = optionValues(argv, '-u', '--unit').map((name) => (/\.[a-z]+$/.test(name) ? name : `${name}.service`));
  const boots = optionValues(argv, '-b', '--boot');
  // Of earlier boots the demo knows nothing.
  const lines = boots.some((boot) => /^-\d+$/.test(boot)) ? [] : linesOf(host, units, argv.includes('-k') || argv.includes('--dmesg'));
  const [count] = optionValues(argv, '-n', '--lines');
  const shown = count === undefined || !/^\d+$/.test(count) ? lines : lines.slice(-Number(count));
  if (shown.length === 0) return said(argv.includes('-q') || argv.includes('--quiet') ? '' : '-- No entries --\n');
  const [form = 'short'] = optionValues(argv, '-o', '--output');
  return said(shown.map((line) => `${written(line, host.machine.name, form)}\n`).join(''));
}

function linesOf(host: MachineHost, units: readonly string[], kernel: boolean): LogLine[] {
  if (kernel) return kernelLines(host).map(({ at, text }) => ({ at, from: 'kernel', text }));
  const { linux } = host.machine;
  const names = units.length > 0 ? units : [...linux.units.keys()];
  return names.flatMap((name) => linux.units.get(name)?.log ?? []).sort((a, b) => a.at - b.at);
}

/** One line in a form of `journalctl -o`. */
export function written({ at, from, text }: LogLine, host: string, form: string): string {
  switch (form) {
    case 'cat':
      return text;
    case 'short-unix':
      return `${(at / 1000).toFixed(6)} ${host} ${from}: ${text}`;
    case 'short-iso':
      return `${new Date(at).toISOString().slice(0, 19)}+0000 ${host} ${from}: ${text}`;
    case 'short-iso-precise':
      return `${new Date(at).toISOString().slice(0, 23)}000+00:00 ${host} ${from}: ${text}`;
    case 'json':
      return JSON.stringify({
        __REALTIME_TIMESTAMP: String(Math.round(at * 1000)),
        _HOSTNAME: host,
        SYSLOG_IDENTIFIER: from.replace(/\[.*$/, ''),
        MESSAGE: text,
      });
    default: {
      const [, month = '', day = '', , clock = ''] = new Date(at).toString().split(' ');
      return `${month} ${day} ${clock}${form === 'short-precise' ? `.${String(Math.round(at % 1000)).padStart(3, '0')}000` : ''} ${host} ${from}: ${text}`;
    }
  }
}

/** As systemd writes sizes: `3.9G`. */
function size(amount: number): string {
  if (amount >= 2 ** 30) return `${(amount / 2 ** 30).toFixed(1)}G`;
  return `${(amount / 2 ** 20).toFixed(1)}M`;
}

function bytes(text: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+)([KMGT]?)/.exec(text) ?? [];
  return Number(number) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit);
}
