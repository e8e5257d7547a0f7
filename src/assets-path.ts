import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The program's `assets` folder: the first folder at or above this module with both `package.json` and `assets/`. The module lies at a
 * different depth in the sources and in the bundle, so the way up is searched and not counted. Throws where there is none.
 */
export function assetsPath(...below: readonly string[]): string {
  found ??= search(dirname(fileURLToPath(import.meta.url)));
  return join(found, ...below);
}

let found: string | undefined;

function search(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'assets'))) return join(folder, 'assets');
    if (dirname(folder) === folder)
      throw new Error(`The program's assets folder is missing: looked in every folder from ${start} up. Install the program again.`);
  }
}
