import { swapUnit } from '../../controllers/linux.js';
import { unit as newUnit } from '../../controllers/units.js';
import type { MachineHost, UnitState } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import { type Call, failed, operands, optionValues, said } from './command.js';

/** systemctl: what it shows, and what it does to units and to the machine. */
export function systemctl(host: MachineHost, argv: readonly string[], { root }: Call): CommandResult {
  const quiet = argv.includes('-q') || argv.includes('--quiet');
  const [verb = '', ...units] = operands(argv, ['-p', '--property', '-t', '--type', '-n', '--lines', '-o']);
  const states = units.map((unit) => host.unit(unit));
  const tell = (words: readonly string[], exitCode: number): CommandResult => ({
    stdout: quiet ? '' : words.map((word) => `${word}\n`).join(''),
    stderr: '',
    exitCode,
  });
  switch (verb) {
    case 'is-active':
      return tell(
        states.map((state) => state?.active ?? 'inactive'),
        states.some((state) => state?.active === 'active') ? 0 : states.every((state) => state === null) ? 4 : 3,
      );
    case 'is-failed':
      return tell(
        states.map((state) => state?.active ?? 'inactive'),
        states.some((state) => state?.active === 'failed') ? 0 : 1,
      );
    case 'is-enabled':
      return tell(
        states.map((state) => state?.enabled ?? 'not-found'),
        states.some((state) => state !== null && ['enabled', 'static', 'generated'].includes(state.enabled)) ? 0 : 1,
      );
    case 'is-system-running':
      return systemState(host);
    case 'show':
      return show(host, argv, units);
    case '':
    case 'list-units': {
      const wanted = optionValues(argv, '-?', '--state');
      const listed = allUnits(host).filter((state) => wanted.length === 0 || wanted.includes(state.active));
      return said(listed.map(({ name, load, active, sub, description }) => `${name} ${load} ${active} ${sub} ${description}\n`).join(''));
    }
    case 'list-unit-files': {
      const types = optionValues(argv, '-t', '--type');
      const listed = allUnits(host).filter(({ name }) => types.length === 0 || types.includes(name.replace(/^.*\./, '')));
      return said(listed.map(({ name, enabled }) => `${name} ${enabled} ${enabled === 'generated' ? '-' : 'enabled'}\n`).join(''));
    }
    case 'status': {
      const [state] = states;
      if (state === undefined || state === null) return failed(`Unit ${fullName(units[0] ?? '')} could not be found.\n`, 4);
      const text = `● ${state.name} - ${state.description}\n     Loaded: ${state.load} (${state.enabled})\n     Active: ${state.active} (${state.sub})\n`;
      return { stdout: text, stderr: '', exitCode: state.active === 'active' ? 0 : 3 };
    }
    default:
      return act(host, verb, units, argv, root);
  }
}

/** The verbs that change something. Whoever is not root is asked for a password, which nobody can type here. */
function act(host: MachineHost, verb: string, units: readonly string[], argv: readonly string[], root: boolean): CommandResult {
  const { machine, systems } = host;
  const { linux } = machine;
  if (!['start', 'stop', 'restart', 'reload', 'try-restart', 'enable', 'disable', 'mask', 'unmask', 'reset-failed', 'daemon-reload', 'reboot'].includes(verb))
    return failed(`Unknown command verb '${verb}'.\n`, 1);
  if (!root) return failed(`Failed to ${verb} ${units.map(fullName).join(' ') || 'the system'}: Interactive authentication required.\n`, 1);
  if (verb === 'reboot') {
    systems?.reboot(machine);
    return said('');
  }
  for (const word of units) {
    const name = fullName(word);
    if (verb === 'mask' && name.endsWith('.swap') && !linux.units.has(name)) linux.units.set(name, newUnit(name, name, 'generated', host.now()));
    const unit = linux.units.get(name);
    if (unit === undefined) return failed(`Failed to ${verb} ${name}: Unit ${name} not found.\n`, 5);
    const starts = ['start', 'restart'].includes(verb) || (['enable'].includes(verb) && argv.includes('--now'));
    if (starts && unit.enabled === 'masked') return failed(`Failed to ${verb} ${name}: Unit ${name} is masked.\n`, 1);
    if (verb === 'stop' || verb === 'restart' || verb === 'try-restart') systems?.stop(machine, name);
    if (verb === 'mask') unit.enabled = 'masked';
    if (verb === 'unmask' && unit.enabled === 'masked') unit.enabled = name.endsWith('.swap') ? 'generated' : 'enabled';
    if (verb === 'enable' && unit.enabled === 'disabled') unit.enabled = 'enabled';
    if (verb === 'disable' && unit.enabled === 'enabled') unit.enabled = 'disabled';
    if ((verb === 'disable' || verb === 'mask') && argv.includes('--now')) systems?.stop(machine, name);
    if (verb === 'reset-failed' && unit.state === 'failed') unit.state = 'stopped';
    if (starts) systems?.start(machine, name);
  }
  return said('');
}

function show(host: MachineHost, argv: readonly string[], units: readonly string[]): CommandResult {
  const wanted = optionValues(argv, '-p', '--property');
  const values = argv.includes('--value');
  const names = units.flatMap((word) => (word === '*.swap' ? activeSwaps(host) : [fullName(word)]));
  const blocks = names.map((name) =>
    properties(name, host.unit(name) ?? swapState(host, name))
      .filter(([key]) => wanted.length === 0 || wanted.includes(key))
      .map(([key, value]) => (values ? `${value}\n` : `${key}=${value}\n`))
      .join(''),
  );
  return said(blocks.join('\n'));
}

/** The properties of `systemctl show` that people ask for; those of a unit that is not installed, too. */
export function properties(name: string, state: UnitState | null): [key: string, value: string][] {
  const program = programs.get(name) ?? `/usr/bin/${name.replace(/\..*$/, '')}`;
  return [
    ['Id', name],
    ['Description', state?.description ?? name],
    ['LoadState', state?.load ?? 'not-found'],
    ['ActiveState', state?.active ?? 'inactive'],
    ['SubState', state?.sub ?? 'dead'],
    ['Result', state?.result ?? 'success'],
    ['ExecMainStatus', String(state?.exitCode ?? 0)],
    ['NRestarts', String(state?.restarts ?? 0)],
    ['UnitFileState', state?.enabled ?? ''],
    ...(state === null || !name.endsWith('.service')
      ? []
      : ([['ExecStart', `{ path=${program} ; argv[]=${program} ; ignore_errors=no ; }`]] as [string, string][])),
    ['NeedDaemonReload', 'no'],
  ];
}

const programs = new Map([
  ['kubelet.service', '/usr/bin/kubelet'],
  ['chrony.service', '/usr/lib/systemd/scripts/chronyd-starter.sh'],
  ['ssh.service', '/usr/sbin/sshd'],
  ['nvidia-cdi-refresh.service', '/usr/bin/nvidia-ctk'],
]);

/** Units that systemd has loaded: those installed, and those it makes of swap. */
function allUnits(host: MachineHost): UnitState[] {
  const installed = [...host.machine.linux.units.keys()].flatMap((name) => host.unit(name) ?? []);
  const made = activeSwaps(host).filter((name) => host.unit(name) === null);
  return [...installed, ...made.flatMap((name) => swapState(host, name) ?? [])];
}

/** Names of the units of swap areas that are in use or stand in fstab. */
export function activeSwaps({ machine: { linux } }: MachineHost): string[] {
  const listed = linux.swaps.filter(({ path, active }) => active || inFstab(linux.files.get('/etc/fstab')?.text ?? '', path));
  return listed.map(({ path }) => swapUnit(path)).filter((name) => linux.units.get(name)?.enabled !== 'masked');
}

function swapState({ machine: { linux } }: MachineHost, name: string): UnitState | null {
  const swap = linux.swaps.find(({ path }) => swapUnit(path) === name);
  if (swap === undefined) return null;
  const active = swap.active ? 'active' : 'inactive';
  return {
    name,
    description: swap.path,
    load: 'loaded',
    active,
    sub: swap.active ? 'active' : 'dead',
    enabled: 'generated',
    result: 'success',
    exitCode: 0,
    restarts: 0,
  };
}

function inFstab(text: string, path: string): boolean {
  return text.split('\n').some((line) => new RegExp(`^${path.replaceAll('.', '\\.')}\\s+\\S+\\s+swap\\s`).test(line));
}

function systemState(host: MachineHost): CommandResult {
  const all = allUnits(host);
  const word = all.some(({ active }) => active === 'failed') ? 'degraded' : all.some(({ active }) => active === 'activating') ? 'starting' : 'running';
  return { stdout: `${word}\n`, stderr: '', exitCode: word === 'running' ? 0 : 1 };
}

function fullName(word: string): string {
  return /\.(?:service|path|swap|timer|socket|mount|target)$/.test(word) ? word : `${word}.service`;
}
