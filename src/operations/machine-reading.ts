import type { Host } from '../hosts/host.js';
import { HostError } from '../hosts/host-error.js';
import type { Fact, HostFacts, HostState } from '../state/hosts.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { clean } from '../text/clean.js';
import { Blocked } from './fix.js';
import type { World } from './operation.js';

/** A machine that can be asked and told things. */
export interface Machine {
  readonly name: string;
  readonly host: Host;
  readonly state: HostState | null;
  readonly facts: HostFacts | null;
}

/** Logs in. Rejects with Blocked where it is known that nobody can, with HostError where that turns out now, and with an Error where there is no such machine. */
export async function reachMachine(world: World, name: string): Promise<Machine> {
  const snapshot = world.snapshot();
  const state = machineState(snapshot, name);
  if (state === null && snapshot.hosts.value !== null && snapshot.nodes.value?.has(name) !== true)
    throw new Error(`there is no machine called ${clean(name, 80)}`);
  if (state?.contact.status === 'refused') throw new Blocked(`there is no way in to ${name}: ${state.contact.why}${tail(state.contact.fix)}`);
  if (state?.contact.status === 'asking') throw new Blocked(`${name} waits for an answer first: ${state.contact.question}`);
  return { name, host: await world.host(state?.name ?? name), state, facts: state?.facts ?? null };
}

/** What is known of a machine by its own name or its node's. */
export function machineState(snapshot: ClusterSnapshot, name: string): HostState | null {
  const hosts = snapshot.hosts.value;
  return hosts?.get(name) ?? [...(hosts?.values() ?? [])].find(({ node }) => node === name) ?? null;
}

/** The fact's value, null where it is not known. */
export function factValue<T>(fact: Fact<T> | undefined): T | null {
  return fact?.known === true ? fact.value : null;
}

/** What a program answered: its standard output, null where it ended with anything but 0. Rejects with HostError. */
export async function ask(
  { host }: Machine,
  argv: readonly string[],
  options: { readonly sudo?: boolean; readonly timeoutMs?: number } = {},
): Promise<string | null> {
  const { exitCode, stdout } = await host.run({ argv, env: plainEnglish, ...options });
  return exitCode === 0 ? stdout : null;
}

/** A file's text, null where there is none; read by root where others may not. Rejects with Blocked where it is there and cannot be read. */
export async function readFile(machine: Machine, path: string): Promise<string | null> {
  const read = (sudo: boolean) => machine.host.run({ argv: ['cat', path], env: plainEnglish, sudo });
  const first = await read(false);
  const { exitCode, stdout, stderr } = first.exitCode !== 0 && /Permission denied/i.test(first.stderr) ? await read(true) : first;
  if (exitCode === 0) return stdout;
  if (/No such file/i.test(stderr)) return null;
  throw new Blocked(`${path} on ${machine.name} cannot be read: ${clean(stderr.trim(), 200) || `cat ended with ${exitCode ?? 'a signal'}`}`);
}

/** Whether there is such a program. */
export async function hasProgram(machine: Machine, argv: readonly string[], options: { readonly sudo?: boolean } = {}): Promise<boolean> {
  try {
    const { exitCode } = await machine.host.run({ argv, env: plainEnglish, ...options });
    return exitCode === 0;
  } catch (error) {
    if (error instanceof HostError && error.kind === 'not-found') return false;
    throw error;
  }
}

export interface FileState {
  /** As stat words it: `regular file`, `directory`, `symbolic link`. */
  readonly type: string;
  readonly owner: string;
  /** Empty where stat does not say. */
  readonly group: string;
  /** Octal digits. */
  readonly mode: string;
}

/** What root sees of a path; null where there is nothing. */
export async function statFile(machine: Machine, path: string): Promise<FileState | null> {
  const text = await ask(machine, ['stat', '-c', '%F|%U|%a|%G', '--', path], { sudo: true });
  const [, type = '', owner = '', mode = '', group = ''] = /^(.*)\|(.*)\|([0-7]+)(?:\|(.*))?$/.exec(text?.trim() ?? '') ?? [];
  return type === '' ? null : { type: clean(type, 60), owner: clean(owner, 64), group: clean(group, 64), mode };
}

export interface UnitState {
  /** With its suffix: `kubelet.service`. */
  readonly unit: string;
  /** systemd's own words: `loaded`, `not-found`, `masked`; `active`, `inactive`, `failed`, …; `enabled`, `disabled`, `static`, `masked`, …. */
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly file: string;
  readonly command: string;
  /** `simple`, `notify`, `oneshot`, …; and how its last run ended: `success`, `exit-code`, …. */
  readonly type: string;
  readonly result: string;
  /** Its files are newer than what systemd has read. */
  readonly outdated: boolean;
}

/** What systemd says of a unit. Rejects with Blocked where there is no systemd to ask. */
export async function readUnit(machine: Machine, name: string): Promise<UnitState> {
  const unit = unitName(name);
  const properties = ['Id', 'LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'ExecStart', 'Type', 'Result', 'NeedDaemonReload'].flatMap((property) => [
    '-p',
    property,
  ]);
  const text = await ask(machine, ['systemctl', 'show', '--no-pager', ...properties, '--', unit]);
  if (text === null) throw new Blocked(`systemd on ${machine.name} does not answer`);
  const said = new Map(text.split('\n').map((line) => [line.split('=', 1)[0] ?? '', clean(line.slice(line.indexOf('=') + 1), 500)]));
  return {
    unit,
    load: said.get('LoadState') ?? '',
    active: said.get('ActiveState') ?? '',
    sub: said.get('SubState') ?? '',
    file: said.get('UnitFileState') ?? '',
    command: said.get('ExecStart') ?? '',
    type: said.get('Type') ?? '',
    result: said.get('Result') ?? '',
    outdated: said.get('NeedDaemonReload') === 'yes',
  };
}

/** `kubelet` is `kubelet.service`; other kinds of units say what they are. */
export function unitName(name: string): string {
  return /\.(?:service|socket|timer|path|mount|automount|swap|target|slice|scope|device)$/.test(name) ? name : `${name}.service`;
}

function tail(fix: string | null): string {
  return fix === null ? '' : `; ${fix}`;
}

const plainEnglish = { LC_ALL: 'C' };
