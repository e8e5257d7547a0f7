import type { HostResult } from './host.js';

/**
 * Whether a shell (dash, bash, busybox, zsh, fish), `timeout` or sudo says that this very program is not there. Exit code 127 alone does not tell: a script ends
 * with it too when something in it is missing.
 */
export function isMissing(program: string, { exitCode, stderr }: Pick<HostResult, 'exitCode' | 'stderr'>): boolean {
  if (exitCode !== 127 && !(exitCode === 1 && stderr.startsWith('sudo: '))) return false;
  const name = program.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `(^|[\\s:])${name}: (command )?not found|command not found: ${name}$|unknown command:? '?${name}'?|failed to run command .${name}.: No such file|${name}: No such file or directory`,
    'im',
  ).test(stderr);
}
