import { createHash } from 'node:crypto';
import { commandLine } from '../hosts/shell-quote.js';
import { ask, type Machine, statFile } from './machine-reading.js';
import { type Change, commandChange } from './steps.js';

/** Where a machine's file is kept as it was before its first edit. */
export function backupPath(path: string): string {
  return `/var/backups/gpuk8s${path}`;
}

/** A copy of a file as it is now, and what it takes to have it. */
export interface Backup {
  readonly path: string;
  readonly changes: readonly Change[];
}

/** Keeps a file as it is now. The copy of an earlier edit is never written over; where the file has changed since, this one gets a name with its time. */
export async function backupOf(machine: Machine, path: string): Promise<Backup> {
  const first = backupPath(path);
  const isKept = (await statFile(machine, first)) !== null;
  if (isKept && (await ask(machine, ['cmp', '-s', '--', path, first], { sudo: true })) !== null) return { path: first, changes: [] };
  const own = isKept ? `${first}.${new Date().toISOString().replace(/[-:]|\..*/g, '')}` : first;
  const copy = commandChange({ host: machine.name, text: `Keep ${path} as it is`, argv: ['install', '-D', '-p', '-m', '600', path, own] });
  return { path: own, changes: [copy] };
}

/** Stops here where a file is no longer as it was read for the plan: what somebody else wrote meanwhile must not be written over. */
export function unchangedChange(machine: Machine, path: string, before: string): Change {
  const sum = createHash('sha256').update(before).digest('hex');
  return commandChange({
    host: machine.name,
    text: `See that ${path} is still as it was when this was planned`,
    argv: ['sha256sum', '--check', '--quiet'],
    stdin: `${sum}  ${path}\n`,
  });
}

/** Puts a file of our own in place, with what is needed to take it back. */
export async function fileChanges(
  machine: Machine,
  path: string,
  { before, after }: { readonly before: string | null; readonly after: string },
): Promise<{ readonly changes: readonly Change[]; readonly undo: string }> {
  const write = commandChange({ host: machine.name, text: `Write ${path}`, argv: ['tee', path], stdin: after });
  if (before === null) return { changes: [write], undo: commandLine(['rm', path]) };
  const [backup, state] = await Promise.all([backupOf(machine, path), statFile(machine, path)]);
  return { changes: [unchangedChange(machine, path, before), ...backup.changes, write], undo: restoring(path, backup, state?.mode) };
}

/** The command that puts a file back as it was. */
export function restoring(path: string, backup: Backup, mode = '644'): string {
  return commandLine(['install', '-m', mode, backup.path, path]);
}
