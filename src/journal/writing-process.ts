import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The program that wrote a line, told apart from another one that got its number later. */
export interface WritingProcess {
  readonly host: string;
  readonly pid: number;
  /** Boot id of the machine and the process's start in clock ticks since that boot; null where there is no /proc. */
  readonly started: string | null;
}

/** This program. */
export function ownProcess(): WritingProcess {
  own ??= { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  return own;
}

let own: WritingProcess | null = null;

/** Whether it still runs; 'unknown' for one on another machine. */
export function isRunning({ host, pid, started }: WritingProcess): boolean | 'unknown' {
  if (host !== hostname()) return 'unknown';
  if (started !== null) return startOf(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** proc_pid_stat(5): the command name in brackets may hold anything; after it the state is the first field and the start time the twentieth. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = ''] = fields;
    // Ended, and only not yet collected by its parent.
    if (state === 'Z' || state === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}
