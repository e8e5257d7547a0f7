import { isSea } from 'node:sea';

/** The words that start this program once more, to which its arguments are added: the one file that it is, or Node and its script. */
export function ownCommand(): readonly string[] {
  return isSea() ? [process.execPath] : [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}
