import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Folders of a control group of its own, one in each hierarchy that systemd looks at: two machines in one group would take each other's
 * services for their own. Empty where there are none to be made; nspawn then says itself what it lacks.
 */
export function makeControlGroup(name: string): readonly string[] {
  return ownGroups().flatMap((parent) => {
    const folder = join(parent, name);
    try {
      mkdirSync(folder);
      return [folder];
    } catch {
      return [];
    }
  });
}

/** Groups that a run which was killed has left behind, by the start of their names. */
export function controlGroupsOf(prefix: string): readonly string[] {
  return ownGroups().flatMap((parent) => {
    const children = existsSync(parent) ? readdirSync(parent) : [];
    return children.filter((name) => name.startsWith(prefix)).map((name) => join(parent, name));
  });
}

/** The group that this process is in, once for each of those hierarchies. */
function ownGroups(): readonly string[] {
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
      return [join(mount, own.get(type === 'cgroup2' ? '' : 'name=systemd') ?? '/')];
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
