import { commandLine } from '../hosts/shell-quote.js';
import { type Machine, statFile } from './machine-reading.js';
import { type Change, commandChange } from './steps.js';

/** Where a machine's file is kept as it was before its first edit. */
export function backupPath(path: string): string {
  return `/var/backups/gpuk8s${path}`;
}

/** Keeps a file as it is now; none where an earlier edit has kept it already: what counts is how it was before all of them. */
export async function backupChanges(machine: Machine, path: string): Promise<readonly Change[]> {
  if ((await statFile(machine, backupPath(path))) !== null) return [];
  return [commandChange({ host: machine.name, text: `Keep ${path} as it is`, argv: ['install', '-D', '-p', '-m', '600', path, backupPath(path)] })];
}

/** Puts a file of our own in place, with what is needed to take it back. */
export async function fileChanges(
  machine: Machine,
  path: string,
  { before, after }: { readonly before: string | null; readonly after: string },
): Promise<{ readonly changes: readonly Change[]; readonly undo: string }> {
  const write = commandChange({ host: machine.name, text: `Write ${path}`, argv: ['tee', path], stdin: after });
  if (before === null) return { changes: [write], undo: commandLine(['rm', path]) };
  return { changes: [...(await backupChanges(machine, path)), write], undo: restoring(path) };
}

/** The command that puts a file back as it was. */
export function restoring(path: string, mode = '644'): string {
  return commandLine(['install', '-m', mode, backupPath(path), path]);
}
