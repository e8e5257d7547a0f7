import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.js';

/** What lies below folders of a machine: by path what it is, whom it belongs to, and what is in it; with `times` also when that was last written. */
export function contentsOf(machine: Machine, folders: readonly string[], { times = false } = {}): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const enter = (path: string) => {
    const file = join(machine.root, path);
    const is = lstatSync(file);
    const own = `${(is.mode & 0o7777).toString(8)} ${is.uid}:${is.gid}`;
    if (is.isSymbolicLink()) found.set(path, `link to ${readlinkSync(file)}`);
    else if (is.isDirectory()) {
      found.set(path, `folder ${own}`);
      for (const name of readdirSync(file).sort()) enter(`${path}/${name}`);
    } else if (is.isFile())
      found.set(path, `file ${own} ${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)}${times ? ` ${is.mtimeMs}` : ''}`);
  };
  for (const folder of folders) enter(folder);
  return found;
}

/** Paths where two looks differ, each with what it was and what it is. */
export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) =>
    before.get(path) === after.get(path) ? [] : [`${path}: ${before.get(path) ?? 'not there'} -> ${after.get(path) ?? 'not there'}`],
  );
}
