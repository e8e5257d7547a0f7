import { commandLine } from '../hosts/shell-quote.js';
import { fileChanges } from './backups.js';
import { type Machine, readFile } from './machine-reading.js';
import { type Change, commandChange } from './steps.js';

const path = '/etc/modules-load.d/k8s.conf';

/** What it takes to have modules loaded, now and at each boot. */
export async function moduleChanges(
  machine: Machine,
  modules: readonly string[],
): Promise<{ readonly changes: readonly Change[]; readonly undo: readonly string[] }> {
  const loaded = loadedModules((await readFile(machine, '/proc/modules')) ?? '');
  const before = await readFile(machine, path);
  const named = new Set((before ?? '').split('\n').map((line) => line.trim()));
  const unnamed = modules.filter((name) => !named.has(name));
  const missing = modules.filter((name) => !loaded.has(canonical(name)));
  const kept = before === null || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`;
  const file = unnamed.length === 0 ? null : await fileChanges(machine, path, { before, after: `${kept}${unnamed.join('\n')}\n` });
  return {
    changes: [...missing.map((name) => commandChange({ host: machine.name, text: `Load ${name}`, argv: ['modprobe', name] })), ...(file?.changes ?? [])],
    undo: [...(file === null ? [] : [file.undo]), ...missing.map((name) => commandLine(['modprobe', '-r', name]))],
  };
}

/** /proc/modules begins each line with a module's name. */
export function loadedModules(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').map((line) => canonical(line.split(' ', 1)[0] ?? '')));
}

/** The kernel writes underscores where people may write dashes. */
export function canonical(module: string): string {
  return module.replaceAll('-', '_');
}
