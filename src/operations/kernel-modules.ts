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
  const absent = modules.filter((name) => !loaded.has(canonical(name)));
  const builtIn = await builtInModules(machine, absent);
  const missing = absent.filter((name) => !builtIn.has(name));
  const before = await readFile(machine, path);
  const named = new Set((before ?? '').split('\n').map((line) => line.trim()));
  const unnamed = modules.filter((name) => !named.has(name));
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

/** Those of these that are part of the kernel itself: never in /proc/modules, and modprobe knows them only where the distribution lists them (modules.builtin). */
export async function builtInModules(machine: Machine, modules: readonly string[]): Promise<ReadonlySet<string>> {
  if (modules.length === 0) return new Set();
  const signs = modules.map((name) => ({ name, paths: [`/sys/module/${canonical(name)}`, ...(otherSigns[canonical(name)] ?? [])] }));
  // It ends with 2 where one of them is not there, and still names the others.
  const { stdout } = await machine.host.run({ argv: ['ls', '-d', ...signs.flatMap(({ paths }) => paths)], env: { LC_ALL: 'C' } });
  const there = new Set(stdout.split('\n').map((line) => line.trim()));
  const builtIn = signs.flatMap(({ name, paths }) => (paths.some((each) => there.has(each)) ? [name] : []));
  const filesystems = modules.includes('overlay') && !builtIn.includes('overlay') ? await readFile(machine, '/proc/filesystems') : null;
  return new Set([...builtIn, ...(/^nodev\s+overlay$/m.test(filesystems ?? '') ? ['overlay'] : [])]);
}

/** A built-in module without parameters has no folder in /sys/module. */
const otherSigns: Readonly<Record<string, readonly string[]>> = { br_netfilter: ['/proc/sys/net/bridge'] };

/** The kernel writes underscores where people may write dashes. */
export function canonical(module: string): string {
  return module.replaceAll('-', '_');
}
