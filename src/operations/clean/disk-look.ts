import { HostError } from '../../hosts/host-error.js';
import { clean } from '../../text/clean.js';
import { hasProgram, type Machine } from '../machine-reading.js';
import type { World } from '../operation.js';

/** One look at a machine's disks, as root where that can be had, and out of the way of what works there. */
export interface Look {
  readonly machine: Machine;
  /** The node that the machine is. */
  readonly node: string;
  readonly world: World;
  /** Bytes that the journal keeps. */
  readonly keepJournal: number;
  /** What a program answered. Rejects with Unmeasured: not installed, needs root, took too long, failed. */
  ask(argv: readonly string[], options?: AskOptions): Promise<string>;
}

export interface AskOptions {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Reads much of the disk: waits for everybody else. */
  readonly heavy?: boolean;
  /** Exit codes besides 0 whose answer counts. */
  readonly alsoDone?: (exitCode: number, stderr: string) => boolean;
}

/** Why something could not be measured, in a few words: `docker: not installed`, `needs root`. */
export class Unmeasured extends Error {}

/** Journal entries beyond this go. */
export const usualJournalBytes = 500 * 2 ** 20;

export async function startLook(machine: Machine, node: string, world: World, keepJournal = usualJournalBytes): Promise<Look> {
  // A machine without these programs is asked all the same.
  const isPolite = await hasProgram(machine, ['ionice', '--version']);
  return {
    machine,
    node,
    world,
    keepJournal,
    async ask(argv, { timeoutMs = 30_000, env = {}, heavy = false, alsoDone = () => false } = {}) {
      const [program = ''] = argv;
      const command = { argv: heavy && isPolite ? ['ionice', '-c3', 'nice', '-n19', ...argv] : argv, env: { LC_ALL: 'C', ...env }, sudo: true, timeoutMs };
      const { exitCode, stdout, stderr } = await machine.host.run(command).catch((error: unknown) => {
        throw asUnmeasured(error, program);
      });
      if (exitCode === 0 || (exitCode !== null && alsoDone(exitCode, stderr))) return stdout;
      // `env` and `ionice` say it for the program that they were to start.
      if (exitCode === 127 && /no such file|not found/i.test(stderr)) throw new Unmeasured(`${program}: not installed`);
      if (/permission denied|are you root|must be root/i.test(stderr)) throw new Unmeasured('needs root');
      throw new Unmeasured(`${program}: ${saidLast(stderr) || `ended with ${exitCode ?? 'a signal'}`}`);
    },
  };
}

function asUnmeasured(error: unknown, program: string): Error {
  if (!(error instanceof HostError)) return error instanceof Error ? error : new Error(String(error));
  switch (error.kind) {
    case 'not-found':
      return new Unmeasured(`${program}: not installed`);
    case 'sudo':
      return new Unmeasured(`needs root: ${error.message}`);
    case 'timeout':
      return new Unmeasured(`${program} took too long`);
    default:
      return error;
  }
}

/** The last line that says something; Go programs put their level and a counter in front of it. */
export function saidLast(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return clean(line.replace(/^(?:FATA|ERRO)\[\d+\]\s*/, '').replace(/^time="[^"]*" level=\w+ msg="?/, ''), 200);
}
