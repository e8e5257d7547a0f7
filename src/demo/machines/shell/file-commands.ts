import { createHash } from 'node:crypto';
import { file, type TextFile } from '../../controllers/linux.js';
import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import { type Command, failed, operands, optionValues, said } from './command.js';
import { fileText } from './files.js';
import { loadedModules } from './kernel-state.js';

/** Programs that look at files and change them. */
export const fileCommands: readonly (readonly [string, Command])[] = [
  ['cat', cat],
  ['stat', stat],
  ['test', test],
  ['ls', list],
  ['tee', tee],
  ['cmp', compare],
  ['sha256sum', checkSums],
  ['install', install],
  ['mv', move],
  ['cp', copy],
  ['rm', remove],
  ['mkdir', (host, argv, { root }) => (root ? makeFolders(host, operands(argv, ['-m']), '755') : failed('mkdir: Permission denied\n', 1))],
  ['chown', changeOwner],
  ['chmod', changeMode],
];

function cat(host: MachineHost, argv: readonly string[], { stdin, root }: { stdin: string; root: boolean }): CommandResult {
  const names = argv.filter((word) => !/^-./.test(word));
  if (names.length === 0) return said(stdin);
  let stdout = '';
  let stderr = '';
  for (const name of names) {
    const text = name === '-' ? stdin : fileText(host, name);
    if (text === null) stderr += `cat: ${name}: No such file or directory\n`;
    else if (name !== '-' && !mayRead(host, name, root)) stderr += `cat: ${name}: Permission denied\n`;
    else stdout += text;
  }
  return { stdout, stderr, exitCode: stderr === '' ? 0 : 1 };
}

/** Whether the user of the demo's machines may read a file. */
export function mayRead({ machine }: MachineHost, path: string, root: boolean): boolean {
  const known = machine.linux.files.get(path);
  return root || known === undefined || known.owner === 'ops' || /[4-7]$/.test(known.mode);
}

/** A file of the machine as far as its owner and mode are known; files that are only known by their text are root's. */
function entry(host: MachineHost, path: string): TextFile | null {
  const known = host.machine.linux.files.get(path.replace(/(.)\/$/, '$1'));
  if (known !== undefined) return known;
  const text = fileText(host, path);
  if (text !== null) return file(text);
  if (folders.has(path.replace(/(.)\/$/, '$1'))) return { text: '', owner: path.startsWith('/home/ops') ? 'ops' : 'root', mode: '755', kind: 'directory' };
  return null;
}

const folders = new Set([
  '/',
  '/etc',
  '/etc/kubernetes',
  '/etc/modules-load.d',
  '/etc/sysctl.d',
  '/etc/cdi',
  '/var/run/cdi',
  '/home/ops',
  '/root',
  '/var/backups',
  '/etc/cni/net.d',
  '/var',
  '/var/log',
  '/var/log/pods',
  '/var/lib/kubelet',
]);

function stat(host: MachineHost, argv: readonly string[]): CommandResult {
  const [format = '%n'] = optionValues(argv, '-c', '--format');
  const names = operands(argv, ['-c', '--format']);
  let stdout = '';
  let stderr = '';
  for (const name of names) {
    const found = entry(host, name);
    if (found === null) stderr += `stat: cannot statx '${name}': No such file or directory\n`;
    else {
      const kind = found.kind === 'directory' ? 'directory' : found.text === '' ? 'regular empty file' : 'regular file';
      const fields: Record<string, string> = { F: kind, U: found.owner, G: found.owner, a: found.mode, n: name, s: String(found.text.length) };
      stdout += `${format.replaceAll(/%([FUGans])/g, (_, letter: string) => fields[letter] ?? '')}\n`;
    }
  }
  return { stdout, stderr, exitCode: stderr === '' ? 0 : 1 };
}

function test(host: MachineHost, argv: readonly string[]): CommandResult {
  const [option = '', path = ''] = argv;
  const [, module] = /^\/sys\/module\/([\w-]+)$/.exec(path) ?? [];
  const found = module !== undefined ? loadedModules(host).includes(module) : entry(host, path) !== null;
  const fits = option === '-d' ? module !== undefined || entry(host, path)?.kind === 'directory' : option === '-f' ? entry(host, path)?.kind === 'file' : true;
  return failed('', found && fits ? 0 : 1);
}

function list(host: MachineHost, argv: readonly string[]): CommandResult {
  const names = operands(argv);
  let stdout = '';
  let stderr = '';
  for (const name of names.length > 0 ? names : ['/home/ops']) {
    const folder = name.replace(/(.)\/$/, '$1');
    const below = [...host.machine.linux.files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1).split('/')[0]);
    if (folder === '/etc/cni/net.d' && host.machine.linux.cni) below.push('10-calico.conflist', 'calico-kubeconfig');
    if (below.length > 0) stdout += [...new Set(below)].map((each) => `${each}\n`).join('');
    else if (entry(host, name) === null) stderr += `ls: cannot access '${name}': No such file or directory\n`;
    else if (entry(host, name)?.kind === 'file') stdout += `${name}\n`;
  }
  return { stdout, stderr, exitCode: stderr === '' ? 0 : 2 };
}

function tee(host: MachineHost, argv: readonly string[], { stdin, root }: { stdin: string; root: boolean }): CommandResult {
  const { files } = host.machine.linux;
  for (const name of operands(argv)) {
    const before = files.get(name);
    if (!root && before?.owner !== 'ops') return { stdout: stdin, stderr: `tee: ${name}: Permission denied\n`, exitCode: 1 };
    const added = argv.includes('-a') ? `${before?.text ?? ''}${stdin}` : stdin;
    files.set(name, { ...(before ?? file('')), text: added });
  }
  return said(stdin);
}

function compare(host: MachineHost, argv: readonly string[]): CommandResult {
  const [one, other] = operands(argv).map((name) => entry(host, name));
  return failed('', one === null || other === null || one === undefined || other === undefined ? 2 : one.text === other.text ? 0 : 1);
}

/** `sha256sum --check`: lines of sums and files on stdin. */
function checkSums(host: MachineHost, _argv: readonly string[], { stdin }: { stdin: string }): CommandResult {
  const wrong = [...stdin.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].filter(
    ([, sum, name = '']) =>
      createHash('sha256')
        .update(fileText(host, name) ?? '')
        .digest('hex') !== sum,
  );
  if (wrong.length === 0) return said('');
  return {
    stdout: wrong.map(([, , name]) => `${name}: FAILED\n`).join(''),
    stderr: `sha256sum: WARNING: ${wrong.length} computed checksum did NOT match\n`,
    exitCode: 1,
  };
}

function install(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const withValue = ['-m', '-o', '-g'];
  const names = operands(argv, withValue);
  const [mode = '755'] = optionValues(argv, '-m', '--mode');
  const [owner = 'root'] = optionValues(argv, '-o', '--owner');
  if (!root) return failed(`install: cannot create '${names.at(-1) ?? ''}': Permission denied\n`, 1);
  if (argv.includes('-d')) return makeFolders(host, names, mode, owner);
  const [from = '', to = ''] = names;
  const found = entry(host, from);
  if (found === null) return failed(`install: cannot stat '${from}': No such file or directory\n`, 1);
  host.machine.linux.files.set(to, { ...found, mode, owner });
  return said('');
}

function makeFolders(host: MachineHost, names: readonly string[], mode: string, owner = 'root'): CommandResult {
  for (const name of names) host.machine.linux.files.set(name, { text: '', owner, mode, kind: 'directory' });
  return said('');
}

function move(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [from = '', to = ''] = operands(argv);
  const { files } = host.machine.linux;
  const found = files.get(from);
  if (found === undefined) return failed(`mv: cannot stat '${from}': No such file or directory\n`, 1);
  if (!root) return failed(`mv: cannot move '${from}' to '${to}': Permission denied\n`, 1);
  files.delete(from);
  files.set(to, found);
  return said('');
}

function copy(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [from = '', to = ''] = operands(argv);
  const found = entry(host, from);
  if (found === null) return failed(`cp: cannot stat '${from}': No such file or directory\n`, 1);
  if (!root) return failed(`cp: cannot create '${to}': Permission denied\n`, 1);
  host.machine.linux.files.set(to, found);
  return said('');
}

function remove(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const forced = argv.some((word) => /^-[a-z]*f/.test(word));
  for (const name of operands(argv)) {
    if (!host.machine.linux.files.has(name)) {
      if (!forced) return failed(`rm: cannot remove '${name}': No such file or directory\n`, 1);
    } else if (!root) return failed(`rm: cannot remove '${name}': Permission denied\n`, 1);
    else host.machine.linux.files.delete(name);
  }
  return said('');
}

function changeOwner(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [owner = '', ...names] = operands(argv);
  const user = owner.replace(/:.*$/, '');
  if (!['root', 'ops'].includes(user)) return failed(`chown: invalid user: '${owner}'\n`, 1);
  return each(host, names, 'chown', 'changing ownership of', root, (found) => ({ ...found, owner: user }));
}

function changeMode(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [mode = '', ...names] = operands(argv);
  if (!/^0?[0-7]{3}$/.test(mode)) return failed(`chmod: invalid mode: '${mode}'\n`, 1);
  return each(host, names, 'chmod', 'changing permissions of', root, (found) => ({ ...found, mode: mode.slice(-3) }));
}

function each(
  host: MachineHost,
  names: readonly string[],
  program: string,
  doing: string,
  root: boolean,
  change: (found: TextFile) => TextFile,
): CommandResult {
  for (const name of names) {
    const found = entry(host, name);
    if (found === null) return failed(`${program}: cannot access '${name}': No such file or directory\n`, 1);
    if (!root && found.owner !== 'ops') return failed(`${program}: ${doing} '${name}': Operation not permitted\n`, 1);
    host.machine.linux.files.set(name, change(found));
  }
  return said('');
}
