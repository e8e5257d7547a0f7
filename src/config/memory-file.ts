import { renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import Conf from 'conf';
import { type ContextMemory, type Memory, nothingRemembered } from './memory.js';
import { parseContextMemory, parseMemory } from './memory-document.js';
import { mergedMemory } from './memory-merge.js';

/**
 * Opens memory.json in the XDG state folder, mode 0600. It is read when first asked for. A file that cannot be understood is set aside and told of:
 * what was remembered is a comfort, never a reason not to start.
 */
export function openMemory(env: NodeJS.ProcessEnv): Memory {
  const folder = join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'gpuk8s-tui');
  const file = join(folder, 'memory.json');
  let problem: string | null = null;
  // What each caller knew last: what differs from it is new, all else may have been changed by another program meanwhile.
  const known = new Map<string, ContextMemory>();

  const open = () => new Conf<Record<string, unknown>>({ cwd: folder, configName: 'memory', configFileMode: 0o600 });

  const read = (): ReadonlyMap<string, ContextMemory> | null => {
    try {
      const contexts = parseMemory(open().store);
      if (typeof contexts !== 'string') return contexts;
      problem = setAside(file, contexts);
    } catch (error) {
      if (error instanceof SyntaxError) problem = setAside(file, 'it is no JSON');
      else {
        problem = `what was seen at earlier visits cannot be read from ${file}: ${sentence(error)}`;
        return null;
      }
    }
    return new Map();
  };

  return {
    context(name) {
      const memory = read()?.get(name) ?? nothingRemembered;
      known.set(name, memory);
      return memory;
    },
    keep(name, memory) {
      const stored = read();
      if (stored === null) return;
      const merged = mergedMemory({ before: known.get(name) ?? nothingRemembered, ours: memory, stored: stored.get(name) ?? nothingRemembered });
      known.set(name, memory);
      try {
        open().store = { contexts: Object.fromEntries(new Map([...stored, [name, merged]])) };
      } catch (error) {
        problem = `what was seen cannot be kept in ${file}: ${sentence(error)}`;
      }
    },
    problem() {
      const told = problem;
      problem = null;
      return told;
    },
  };
}

/** A memory for this process only; every context begins with what the document says (the shape of one context in memory.json). */
export function memoryFrom(document: unknown): Memory {
  const parsed = parseContextMemory(document);
  const contexts = new Map<string, ContextMemory>();
  const first = typeof parsed === 'string' ? nothingRemembered : parsed;
  return {
    context: (name) => contexts.get(name) ?? first,
    keep: (name, memory) => void contexts.set(name, memory),
    problem: () => (typeof parsed === 'string' ? `the memory cannot be used: ${parsed}` : null),
  };
}

/** Renames a file that cannot be understood, so that it can be looked at; says what was done in one sentence. */
function setAside(file: string, why: string): string {
  const aside = `${file}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
  try {
    renameSync(file, aside);
    return `what was seen at earlier visits cannot be read (${why}): ${file} was set aside as ${aside}`;
  } catch (error) {
    return `what was seen at earlier visits cannot be read from ${file} (${why}), nor can the file be set aside: ${sentence(error)}`;
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
