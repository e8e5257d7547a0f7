import type { MachineHost } from '../machine-host.js';
import { type CommandResult, ctime, shortBusId, smiTrouble } from '../smi/answer.js';
import { nvidiaSmi } from '../smi/nvidia-smi.js';
import { clusterCommands } from './cluster-commands.js';
import { type Command, failed, said } from './command.js';
import { diskCommands } from './disk-commands.js';
import { fileCommands } from './file-commands.js';
import { fileText } from './files.js';
import { journalctl } from './journalctl.js';
import { kernelLog } from './kernel-log.js';
import { systemCommands } from './system-commands.js';
import { systemctl } from './systemctl.js';

/** The programs that the demo's machines have. Each answers from the machine's state at that moment. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['true', () => said('')],
  [':', () => said('')],
  ['false', () => failed('', 1)],
  ['exit', (_, [code = '0']) => failed('', Number(code) || 0)],
  ['echo', (_, argv) => said(argv[0] === '-n' ? argv.slice(1).join(' ') : `${argv.join(' ')}\n`)],
  ['printf', (_, [format = '', ...rest]) => said(format.replaceAll('\\n', '\n').replaceAll('%s', () => rest.shift() ?? ''))],
  ['hostname', ({ hostname }) => said(`${hostname}\n`)],
  ['whoami', (_, __, { root }) => said(root ? 'root\n' : 'ops\n')],
  ['pwd', () => said('/home/ops\n')],
  ['date', ({ now }, [format]) => said(format === '+%s' ? `${Math.floor(now() / 1000)}\n` : `${ctime(now())}\n`)],
  ['uname', uname],
  ['uptime', uptime],
  ['head', (_, argv, { stdin }) => said(firstLines(stdin, lineCount(argv)))],
  ['tail', (_, argv, { stdin }) => said(lastLines(stdin, lineCount(argv)))],
  ['wc', (_, argv, { stdin }) => said(`${argv.includes('-l') ? stdin.split('\n').length - 1 : stdin.length}\n`)],
  ['grep', grep],
  ['systemctl', systemctl],
  ['journalctl', journalctl],
  ['dmesg', (host) => said(kernelLog(host))],
  ['lspci', (host) => said(lspci(host))],
  ['nvidia-smi', smi],
  ...fileCommands,
  ...diskCommands,
  ...systemCommands,
  ...clusterCommands,
]);

function smi(host: MachineHost, argv: readonly string[], { root }: { readonly root: boolean }): CommandResult {
  if (host.machine.gpus === 0) return failed('bash: line 1: nvidia-smi: command not found\n', 127);
  const [option, mode] = argv;
  if (option === '-pm' && mode !== undefined && host.driverLoaded()) {
    if (!root)
      return failed('Unable to set persistence mode for GPU 00000000:07:00.0: Insufficient Permissions\nTerminating early due to previous errors.\n', 4);
    const on = mode === '1' || mode === 'ENABLED';
    host.machine.linux.persistence = on;
    return said(
      `${host
        .gpus()
        .map(({ device }) => `${on ? 'Enabled' : 'Disabled'} persistence mode for GPU ${device.pciBusId}.\n`)
        .join('')}All done.\n`,
    );
  }
  return smiTrouble(host.machine, host.driverLoaded()) ?? nvidiaSmi({ machine: host.machine, gpus: host.gpus(), now: host.now() }, argv);
}

function uname(host: MachineHost, argv: readonly string[]): CommandResult {
  const parts = { s: 'Linux', n: host.hostname, r: host.kernel(), v: '#97-Ubuntu SMP PREEMPT_DYNAMIC', m: 'x86_64', o: 'GNU/Linux' };
  const letters = argv.flatMap((word) => (word.startsWith('-') && !word.startsWith('--') ? [...word.slice(1)] : []));
  const wanted = letters.length === 0 ? ['s'] : letters.includes('a') ? Object.keys(parts) : letters;
  return said(
    `${Object.entries(parts)
      .filter(([letter]) => wanted.includes(letter))
      .map(([, part]) => part)
      .join(' ')}\n`,
  );
}

function uptime(host: MachineHost): CommandResult {
  const seconds = Math.max(0, Math.floor((host.now() - host.machine.bootedAt) / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const clock = ctime(host.now()).split(/ +/)[3] ?? '';
  const time = hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}` : `${minutes} min`;
  const loads = ['node_load1', 'node_load5', 'node_load15'].map((name) => host.metric(name).toFixed(2)).join(', ');
  return said(
    ` ${clock} up ${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${hours > 0 ? time.padStart(5) : time},  1 user,  load average: ${loads}\n`,
  );
}

function grep(host: MachineHost, argv: readonly string[], { stdin }: { readonly stdin: string }): CommandResult {
  const flags = argv.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  const [pattern = '', ...files] = argv.filter((word) => !/^-[a-zA-Z]+$/.test(word));
  const text = files.length === 0 ? stdin : files.map((file) => fileText(host, file) ?? '').join('');
  const fixed = flags.includes('F') ? pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
  let matcher: RegExp;
  try {
    matcher = new RegExp(fixed, flags.includes('i') ? 'i' : '');
  } catch {
    return failed('grep: Invalid regular expression\n', 2);
  }
  const lines = text.split('\n').filter((line, place, all) => (place < all.length - 1 || line !== '') && matcher.test(line) !== flags.includes('v'));
  const exitCode = lines.length > 0 ? 0 : 1;
  if (flags.includes('q')) return failed('', exitCode);
  return { stdout: flags.includes('c') ? `${lines.length}\n` : lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode };
}

/** A GPU that fell off the bus keeps its place there until the next boot. */
function lspci(host: MachineHost): string {
  return host
    .gpus()
    .map(
      ({ device, kind }) =>
        `${shortBusId(device.pciBusId).slice(5).toLowerCase()} 3D controller: NVIDIA Corporation ${kind.name.replace('NVIDIA ', '')} (rev a1)\n`,
    )
    .join('');
}

function lineCount(argv: readonly string[]): number {
  const joined = argv.join(' ');
  return Number(/-n ?(\d+)/.exec(joined)?.[1] ?? /-(\d+)/.exec(joined)?.[1] ?? 10);
}

function firstLines(text: string, count: number): string {
  return text
    .split(/(?<=\n)/)
    .slice(0, count)
    .join('');
}

function lastLines(text: string, count: number): string {
  return count === 0
    ? ''
    : text
        .split(/(?<=\n)/)
        .slice(-count)
        .join('');
}
