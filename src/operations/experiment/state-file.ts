import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { journalFolder } from '../../journal/journal.js';
import type { ExperimentState } from '../../state/experiments.js';
import { parseState, stateDocument } from './state-document.js';

/** Where experiments keep their state: a file for each name, readable by its owner alone. */
export interface ExperimentFiles {
  readonly folder: string;
  /** What is kept of the experiment; null where there is none. Rejects with a sentence where the file cannot be understood. */
  read(name: string): Promise<ExperimentState | null>;
  /** All that can be read. */
  readAll(): Promise<readonly ExperimentState[]>;
  /** Readers see the old state or the new one, also after a kill or a power cut. Rejects with a sentence. */
  write(state: ExperimentState): Promise<void>;
  /** Where a detached run writes what it has to say. */
  logFile(name: string): string;
  /** Asks whoever carries the experiment out to end it and put the replicas back. */
  askToStop(name: string): Promise<void>;
  isAskedToStop(name: string): Promise<boolean>;
  forgetStop(name: string): Promise<void>;
}

export function experimentFiles(env: NodeJS.ProcessEnv, homeDir: string): ExperimentFiles {
  const folder = join(journalFolder(env, homeDir), 'experiments');
  const fileOf = (name: string) => join(folder, `${name}.json`);
  const stopOf = (name: string) => join(folder, `${name}.stop`);
  const read = async (name: string) => {
    const document = await readFile(fileOf(name), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw new Error(`cannot read ${fileOf(name)}: ${codeOf(error)}`);
    });
    if (document === null) return null;
    const state = parseState(document);
    if (typeof state !== 'string') return state;
    throw new Error(`cannot understand ${fileOf(name)} (${state}): look at the workload's replicas yourself, then remove the file`);
  };
  return {
    folder,
    read,
    async readAll() {
      const names = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
      const states = await Promise.all(names.map((name) => read(name).catch(() => null)));
      return states.filter((state) => state !== null).sort((a, b) => b.startedAt - a.startedAt);
    },
    async write(state) {
      const file = fileOf(state.spec.name);
      const beside = `${file}.${process.pid}.tmp`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const handle = await open(beside, 'w', 0o600);
        try {
          await handle.writeFile(stateDocument(state));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(beside, file);
      } catch (error) {
        await rm(beside, { force: true });
        throw new Error(`cannot keep the experiment's state in ${file}: ${codeOf(error) === 'ENOSPC' ? 'the disk is full' : codeOf(error)}`);
      }
    },
    logFile: (name) => join(folder, `${name}.log`),
    async askToStop(name) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await (await open(stopOf(name), 'w', 0o600)).close();
    },
    isAskedToStop: (name) =>
      stat(stopOf(name)).then(
        () => true,
        () => false,
      ),
    forgetStop: (name) => rm(stopOf(name), { force: true }),
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
