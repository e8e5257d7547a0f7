import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Folders of a control group of its own, one in each hierarchy that systemd looks at: two machines in one group would take each other's
 * services for their own. Empty where there are none to be made; nspawn then says itself what it lacks.
 */
export function makeControlGroup(name: string): readonly string[] {
  const own = new Map(
    readFileSync('/proc/self/cgroup', 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':'))
      .map(([, controllers = '', ...path]) => [controllers, path.join(':')]),
  );
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, mount = '', type, options = ''] = line.split(' ');
      if (type !== 'cgroup2' && !(type === 'cgroup' && options.split(',').includes('name=systemd'))) return [];
      const folder = join(mount, own.get(type === 'cgroup2' ? '' : 'name=systemd') ?? '/', name);
      try {
        mkdirSync(folder);
        return [folder];
      } catch {
        return [];
      }
    });
}

/** Removes them with the groups that a machine made in them, which must be empty by now. */
export function removeControlGroup(folders: readonly string[]): void {
  for (const folder of folders) removeDeep(folder);
}

function removeDeep(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeDeep(join(folder, entry.name));
    rmdirSync(folder);
  } catch {
    // Gone already, or a process is still ending; an empty group costs nothing.
  }
}
