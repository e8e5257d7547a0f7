import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Templates by their names: the program's, and a person's own beside them. One of the program's is never replaced by another of its name. */
export class TemplateFolders {
  readonly #folders: readonly string[];
  readonly #read = new Map<string, string | null>();

  constructor(ours: readonly string[], own: string | null) {
    this.#folders = own === null ? ours : [...ours, own];
  }

  /** Null where there is none. */
  read(name: string): string | null {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const text = this.#folders.map((folder) => textOf(join(folder, name))).find((found) => found !== null) ?? null;
    this.#read.set(name, text);
    return text;
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
