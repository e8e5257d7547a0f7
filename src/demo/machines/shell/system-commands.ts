import { applySysctls, linesOf, reclaimable } from '../../controllers/linux.js';
import { diskChanged } from '../../controllers/machines.js';
import { versions } from '../../seed/nodes.js';
import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import { type Command, failed, operands, optionValues, said } from './command.js';
import { fileText } from './files.js';
import { loadedModules, mounted } from './kernel-state.js';

/** Programs that set up the kernel, the clock, packages and the driver. */
export const systemCommands: readonly (readonly [string, Command])[] = [
  ['swapoff', swapOff],
  ['swapon', swapOn],
  ['modprobe', modprobe],
  ['lsmod', (host) => said(['Module', ...loadedModules(host)].map((name) => `${name}\n`).join(''))],
  ['sysctl', sysctl],
  ['timedatectl', timedatectl],
  ['mount', mount],
  ['findmnt', findmnt],
  ['apt-mark', aptMark],
  ['apt-get', aptGet],
  ['dpkg-query', dpkgQuery],
  ['nvidia-ctk', nvidiaCtk],
  ['id', id],
];

function swapOff({ machine, systems }: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  if (!root) return failed('swapoff: Not superuser.\n', 32);
  const names = operands(argv);
  machine.linux.swaps = machine.linux.swaps.map((swap) => (argv.includes('-a') || names.includes(swap.path) ? { ...swap, active: false } : swap));
  systems?.look(machine);
  return said('');
}

function swapOn(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const { linux } = host.machine;
  if (argv.includes('--show') || argv.includes('-s')) {
    const rows = linux.swaps.filter(({ active }) => active).map(({ path, bytes }) => `${path} file ${Math.round(bytes / 2 ** 30)}G 0B -2\n`);
    return said(rows.join(''));
  }
  if (!root) return failed('swapon: Not superuser.\n', 32);
  linux.swaps = linux.swaps.map((swap) => ({ ...swap, active: true }));
  host.systems?.look(host.machine);
  return said('');
}

function modprobe({ machine, driverLoaded }: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const { linux } = machine;
  for (const word of operands(argv)) {
    const name = word.replaceAll('-', '_');
    if (!root) return failed(`modprobe: ERROR: could not insert '${name}': Operation not permitted\n`, 1);
    if (name.startsWith('nvidia')) {
      if (machine.gpus === 0 || !driverLoaded()) return failed(`modprobe: FATAL: Module ${name} not found in directory /lib/modules/${versions.kernel}\n`, 1);
      linux.unloaded.delete(name);
    } else if (knownModules.includes(name)) linux.modules.add(name);
    else return failed(`modprobe: FATAL: Module ${name} not found in directory /lib/modules/${versions.kernel}\n`, 1);
  }
  return said('');
}

const knownModules = ['overlay', 'br_netfilter', 'bridge', 'vxlan', 'nf_conntrack', 'ip_set', 'xt_set', 'ip_vs', 'wireguard'];

function sysctl(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const { linux } = host.machine;
  const names = operands(argv);
  const writes = argv.includes('-p') || argv.includes('--system') || argv.includes('--load') || names.some((name) => name.includes('='));
  if (writes && !root) return failed('sysctl: permission denied on key\n', 255);
  if (argv.includes('--system'))
    return said(
      applySysctls(linux, linesOf(linux, '/etc/sysctl.d/99-zz-k8s.conf'))
        .map((line) => `${line}\n`)
        .join(''),
    );
  if (argv.includes('-p') || argv.includes('--load')) {
    const [path = '/etc/sysctl.conf'] = names;
    if (fileText(host, path) === null) return failed(`sysctl: cannot open "${path}": No such file or directory\n`, 255);
    const missing = linesOf(linux, path).find((line) => line.startsWith('net.bridge.') && !linux.modules.has('br_netfilter'));
    if (missing !== undefined)
      return failed(`sysctl: cannot stat /proc/sys/${(missing.split('=')[0] ?? '').trim().replaceAll('.', '/')}: No such file or directory\n`, 255);
    return said(
      applySysctls(linux, linesOf(linux, path))
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  let stdout = '';
  for (const name of names) {
    if (name.includes('='))
      stdout += applySysctls(linux, [name])
        .map((line) => `${line}\n`)
        .join('');
    else if (!linux.sysctls.has(name))
      return { stdout, stderr: `sysctl: cannot stat /proc/sys/${name.replaceAll('.', '/')}: No such file or directory\n`, exitCode: 255 };
    else stdout += argv.includes('-n') ? `${linux.sysctls.get(name)}\n` : `${name} = ${linux.sysctls.get(name)}\n`;
  }
  return said(stdout);
}

function timedatectl({ machine: { linux } }: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [verb = 'status', value] = operands(argv, ['-p', '--property']);
  if (verb === 'set-ntp') {
    if (!root) return failed('Failed to set ntp: Interactive authentication required.\n', 1);
    const on = value === 'true' || value === '1' || value === 'yes';
    linux.clock = { ntp: on, synchronized: on };
    return said('');
  }
  const yes = (on: boolean) => (on ? 'yes' : 'no');
  const known = [
    ['Timezone', 'Etc/UTC'],
    ['NTP', yes(linux.clock.ntp)],
    ['CanNTP', 'yes'],
    ['NTPSynchronized', yes(linux.clock.synchronized)],
  ] as const;
  if (verb !== 'show')
    return said(`System clock synchronized: ${yes(linux.clock.synchronized)}\n              NTP service: ${linux.clock.ntp ? 'active' : 'inactive'}\n`);
  const wanted = optionValues(argv, '-p', '--property');
  const shown = known.filter(([name]) => wanted.length === 0 || wanted.includes(name));
  return said(shown.map(([name, told]) => (argv.includes('--value') ? `${told}\n` : `${name}=${told}\n`)).join(''));
}

function mount({ machine: { linux } }: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  if (!argv.includes('-a'))
    return said(
      mounted(linux.mounts)
        .map(([device, place, type]) => `${device} on ${place} type ${type} (rw,relatime)\n`)
        .join(''),
    );
  if (!root) return failed('mount: only root can use "--all" option\n', 1);
  linux.mounts = linux.mounts.map((each) => ({ ...each, mounted: true }));
  return said('');
}

function findmnt({ machine: { linux } }: MachineHost, argv: readonly string[]): CommandResult {
  const [wanted] = operands(argv, ['-o', '-t']);
  const rows = mounted(linux.mounts).filter(([device, place]) => wanted === undefined || [device, place].includes(wanted));
  return { stdout: rows.map((row) => `${row[1]} ${row[0]} ${row[2]} rw,relatime\n`).join(''), stderr: '', exitCode: rows.length > 0 ? 0 : 1 };
}

function aptMark({ machine: { linux } }: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [verb = '', ...names] = operands(argv);
  if (verb === 'showhold')
    return said(
      [...linux.holds]
        .sort()
        .map((name) => `${name}\n`)
        .join(''),
    );
  if (verb !== 'hold' && verb !== 'unhold') return failed(`E: Invalid operation ${verb}\n`, 100);
  if (!root) return failed('E: Could not create temporary file for /var/lib/apt/extended_states - mkstemp (13: Permission denied)\n', 100);
  for (const name of names) {
    if (verb === 'hold') linux.holds.add(name);
    else linux.holds.delete(name);
  }
  return said(names.map((name) => (verb === 'hold' ? `${name} set on hold.\n` : `Canceled hold on ${name}.\n`)).join(''));
}

function aptGet(host: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  if (argv.includes('--version')) return said('apt 2.8.3 (amd64)\n');
  const [verb = '', ...names] = operands(argv, ['-o', '-t']);
  if (!root)
    return failed(
      'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n',
      100,
    );
  const { linux } = host.machine;
  if (verb === 'clean') {
    const before = reclaimable(linux);
    linux.disk.packages = 0;
    diskChanged(host.machine, before, host.now());
    host.systems?.look(host.machine);
    return said('');
  }
  if (verb === 'install')
    return said(`${names.map((name) => `${name} is already the newest version.\n`).join('')}0 upgraded, 0 newly installed, 0 to remove and 12 not upgraded.\n`);
  return failed(`E: Invalid operation ${verb}\n`, 100);
}

/** The packages of a machine that matter, with their versions. */
export function packagesOf({ machine }: MachineHost): ReadonlyMap<string, string> {
  const kubernetes = `${versions.kubernetes.slice(1)}-1.1`;
  const runtime =
    machine.hardware.runtime === 'cri-o'
      ? (['cri-o', `${versions.crio}-1.1`] as const)
      : (['containerd.io', `${versions.containerd}-1~ubuntu.24.04~noble`] as const);
  return new Map([['kubelet', kubernetes], ['kubeadm', kubernetes], ['kubectl', kubernetes], runtime, ['chrony', '4.5-1ubuntu4.2']]);
}

function dpkgQuery(host: MachineHost, argv: readonly string[]): CommandResult {
  const known = packagesOf(host);
  const format = argv[argv.indexOf('-f') + 1] ?? '';
  const names = operands(argv, ['-f']);
  let stdout = '';
  let stderr = '';
  for (const name of names) {
    const version = known.get(name);
    if (version === undefined) stderr += `dpkg-query: no packages found matching ${name}\n`;
    else {
      const want = host.machine.linux.holds.has(name) ? 'hold' : 'install';
      const fields: Record<string, string> = { Package: name, Version: version, 'db:Status-Status': 'installed', 'db:Status-Want': want };
      stdout += format.replaceAll(/\$\{([\w:-]+)\}/g, (_, field: string) => fields[field] ?? '').replaceAll('\\n', '\n');
    }
  }
  return { stdout, stderr, exitCode: stderr === '' ? 0 : 1 };
}

function nvidiaCtk({ machine }: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  if (machine.gpus === 0) return failed('bash: line 1: nvidia-ctk: command not found\n', 127);
  if (argv[0] === '--version') return said('NVIDIA Container Toolkit CLI version 1.19.1\n');
  if (argv[0] === 'cdi' && argv[1] === 'generate') {
    if (!root) return failed('ERRO[0000] failed to save spec: permission denied\n', 1);
    machine.linux.cdi = machine.driver.library;
    return said('');
  }
  return failed(`nvidia-ctk: the machines of the demo know "cdi generate" and no "${argv.join(' ')}"\n`, 1);
}

function id(_: MachineHost, argv: readonly string[], { root }: { root: boolean }): CommandResult {
  const [user = root ? 'root' : 'ops'] = operands(argv);
  const number = new Map([
    ['root', 0],
    ['ops', 1000],
  ]).get(user);
  if (number === undefined) return failed(`id: '${user}': no such user\n`, 1);
  if (argv.includes('-u')) return said(`${number}\n`);
  return said(number === 0 ? 'uid=0(root) gid=0(root) groups=0(root)\n' : 'uid=1000(ops) gid=1000(ops) groups=1000(ops),27(sudo)\n');
}
