import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of processor time that a process has used so far, in all of its threads that live. */
export function processorSeconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadNanoseconds(pid, thread), 0) / 1e9;
}

function threadNanoseconds(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** Seconds of processor time of all children that have ended: the kernel counts in hundredths. */
export function endedChildrenSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** What a process holds in memory now, and the most it ever did, in MB. */
export function memoryOf(pid: number): { readonly megabytes: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { megabytes: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}
