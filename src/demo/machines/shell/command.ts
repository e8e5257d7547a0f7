import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';

/** A program of the demo's machines: answers from the machine's state at that moment, and may change it. */
export type Command = (host: MachineHost, argv: readonly string[], call: Call) => CommandResult;

export interface Call {
  readonly stdin: string;
  readonly root: boolean;
}

export function said(stdout: string): CommandResult {
  return { stdout, stderr: '', exitCode: 0 };
}

export function failed(stderr: string, exitCode: number): CommandResult {
  return { stdout: '', stderr, exitCode };
}

/** The words of a command that are no options; everything after `--` is none. `withValue` are options whose next word belongs to them. */
export function operands(argv: readonly string[], withValue: readonly string[] = []): string[] {
  const words: string[] = [];
  for (let place = 0; place < argv.length; place++) {
    const word = argv[place] ?? '';
    if (word === '--') return [...words, ...argv.slice(place + 1)];
    if (withValue.includes(word)) place += 1;
    else if (!word.startsWith('-') || word === '-') words.push(word);
  }
  return words;
}

/** The values of an option in all the ways to write it: `-p A`, `-pA`, `--property=A,B`. */
export function optionValues(argv: readonly string[], short: string, long: string): string[] {
  return argv.flatMap((word, place) => {
    if (word === short || word === long) return (argv[place + 1] ?? '').split(',');
    if (word.startsWith(`${long}=`)) return word.slice(long.length + 1).split(',');
    return word.startsWith(short) && !word.startsWith('--') && word.length > short.length ? word.slice(short.length).split(',') : [];
  });
}
