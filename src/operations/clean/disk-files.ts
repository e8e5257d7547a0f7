import type { Look } from './disk-look.js';
import { Unmeasured } from './disk-look.js';

export interface FoundFile {
  readonly path: string;
  /** What it takes on the disk, by blocks. */
  readonly bytes: number;
}

/**
 * Files below some folders that pass find's tests, with their blocks; folders that are not there hold none. Other file systems below them do not count, and neither do
 * names with line breaks, which no list of lines can tell. Rejects with Unmeasured.
 */
export async function filesBelow(look: Look, folders: readonly string[], tests: readonly string[]): Promise<readonly FoundFile[]> {
  const argv = ['find', ...folders, ...searched(tests), '-exec', 'stat', '-c', '%b %n', '--', '{}', '+'];
  const stdout = await look.ask(argv, { heavy: true, timeoutMs: 60_000, alsoDone: onlyMissing });
  return stdout.split('\n').flatMap((line) => {
    const [, blocks, path = ''] = /^(\d+) (\/.*)$/.exec(line) ?? [];
    return blocks === undefined ? [] : [{ path, bytes: Number(blocks) * 512 }];
  });
}

/** The same search, deleting: find does not follow links that somebody puts in its way. */
export function deletionBelow(folders: readonly string[], tests: readonly string[]): readonly string[] {
  return ['find', ...folders, ...searched(tests), '-delete'];
}

/** Folders right below one, with all that they take. Rejects with Unmeasured. */
export async function foldersBelow(look: Look, folder: string, tests: readonly string[] = []): Promise<readonly FoundFile[]> {
  const argv = ['find', folder, '-xdev', '-mindepth', '1', '-maxdepth', '1', '-type', 'd', ...tests, '-exec', 'du', '-xsk', '--', '{}', '+'];
  const stdout = await look.ask(argv, { heavy: true, timeoutMs: 120_000, alsoDone: onlyMissing });
  return stdout.split('\n').flatMap((line) => {
    const [, kilobytes, path = ''] = /^(\d+)\t(\/.*)$/.exec(line) ?? [];
    return kilobytes === undefined || !isRightBelow(path, folder) ? [] : [{ path, bytes: Number(kilobytes) * 1024 }];
  });
}

/** Those of the paths that are there. */
export async function existing(look: Look, paths: readonly string[]): Promise<readonly string[]> {
  const stdout = await look.ask(['stat', '-L', '-c', '%n', '--', ...paths], { alsoDone: onlyMissing });
  const there = new Set(stdout.split('\n'));
  return paths.filter((path) => there.has(path));
}

export function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

function searched(tests: readonly string[]): readonly string[] {
  return ['-xdev', '-type', 'f', '!', '-path', '*\n*', ...tests];
}

/** Something that is not there, or went while it was looked at, is no failure. */
function onlyMissing(exitCode: number, stderr: string): boolean {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  if (lines.some((line) => /permission denied/i.test(line))) throw new Unmeasured('needs root');
  return exitCode === 1 && lines.every((line) => /No such file or directory/i.test(line));
}

function isRightBelow(path: string, folder: string): boolean {
  const name = path.slice(folder.length + 1);
  return path.startsWith(`${folder}/`) && name !== '' && !name.includes('/') && name !== '.' && name !== '..';
}
