import { clean } from '../text/clean.js';
import type { Asker } from './asker.js';
import type { HostCommand, HostResult } from './host.js';
import { HostError } from './host-error.js';
import { isMissing } from './missing-program.js';

export interface SudoContext {
  readonly host: string;
  readonly user: string;
  readonly asker: Asker;
  /** Kept in memory while the program runs. */
  readonly memory: { sudoPassword: string | null };
  /** Runs a command as the user itself. */
  readonly run: (command: HostCommand) => Promise<HostResult>;
}

/**
 * Runs a command as root. First without a password; where sudo wants one it is asked for once, proven with `sudo -v` and handed over on
 * stdin, in front of the command's own. Rejects with HostError `sudo` where sudo refuses.
 */
export async function runWithSudo(command: HostCommand, context: SudoContext): Promise<HostResult> {
  const held = holdBack(command.onOutput);
  const first = await context.run({ ...asRoot(command, ['-n']), ...(held === null ? {} : { onOutput: held.onOutput }) }).catch((error: unknown) => {
    throw error instanceof HostError && error.kind === 'not-found' ? noSudo(context, error) : error;
  });
  refuseMissing(first, command, context);
  const refusal = refusalOf(first, context);
  if (refusal === null) {
    held?.release();
    return first;
  }
  if (refusal !== 'needs-password') throw refusal;
  const password = await provenPassword(command, context);
  // -k: a password that sudo does not need, because it remembers an earlier one, would reach the command as input.
  const second = await context.run(asRoot({ ...command, stdin: `${password}\n${command.stdin ?? ''}` }, ['-k', '-S', '-p', '']));
  refuseMissing(second, command, context);
  const still = refusalOf(second, context);
  if (still === null) return second;
  context.memory.sudoPassword = null;
  throw still === 'needs-password' ? wrongPassword(context) : still;
}

async function provenPassword(command: HostCommand, context: SudoContext): Promise<string> {
  const { memory, host, user, asker } = context;
  if (memory.sudoPassword !== null) return memory.sudoPassword;
  for (const again of ['', 'That was not the password. ']) {
    const answer = await asker.ask({ id: `sudo:${user}@${host}`, host, kind: 'sudo-password', text: `${again}Password of ${user} for sudo on ${host}` });
    if (answer === null) {
      throw new HostError('sudo', `sudo on ${host} wants the password of ${user}, which was not given`, {
        fix: `give the password when asked, or allow sudo without one: ${withoutPassword(user)}`,
      });
    }
    // Tried by itself first: with a wrong one sudo would take the command's input for further guesses.
    const proof = await context.run({
      argv: ['sudo', '-k', '-S', '-p', '', '-v'],
      stdin: `${answer}\n`,
      env: plainEnglish,
      ...(command.signal === undefined ? {} : { signal: command.signal }),
    });
    if (proof.exitCode === 0) {
      memory.sudoPassword = answer;
      return answer;
    }
    const refusal = refusalOf(proof, context);
    if (refusal !== 'needs-password') throw refusal ?? new HostError('sudo', `sudo on ${host} failed: ${lastLine(proof.stderr)}`);
  }
  throw wrongPassword(context);
}

const plainEnglish = { LC_ALL: 'C' };

function asRoot({ sudo: _sudo, ...command }: HostCommand, options: readonly string[]): HostCommand {
  const env = Object.entries(command.env ?? {}).map(([name, value]) => `${name}=${value}`);
  return { ...command, argv: ['sudo', ...options, '--', ...(env.length === 0 ? [] : ['env', ...env]), ...command.argv], env: plainEnglish };
}

/** Why sudo itself did not run the command; null where it did. Texts of sudo 1.8 to 1.9 and sudo-rs, in English. */
function refusalOf({ exitCode, stderr }: HostResult, { host, user }: SudoContext): HostError | 'needs-password' | null {
  if (exitCode === 0 || exitCode === null) return null;
  if (exitCode !== 1) return null;
  if (/you must have a tty|a terminal is required/i.test(stderr)) {
    return new HostError('sudo', `sudo on ${host} insists on a terminal (requiretty)`, {
      fix: `put "Defaults:${user} !requiretty" into sudoers there (visudo)`,
    });
  }
  if (/is not in the sudoers file|may not run sudo|is not allowed to (execute|run)|I'm sorry .*\. I'm afraid I can't do that/i.test(stderr)) {
    return new HostError('sudo', `${user} may not use sudo for this on ${host}: ${lastLine(stderr)}`, { fix: withoutPassword(user) });
  }
  if (/account (validation failure|or password is expired|has expired)/i.test(stderr)) {
    return new HostError('sudo', `sudo on ${host} refuses: ${lastLine(stderr)}`, { fix: `renew the password of ${user} there` });
  }
  const wants =
    /^sudo(-rs)?: .*(a password is required|interactive authentication is required|no password was provided|incorrect (password|authentication) attempt|authentication failed)|^Sorry, try again/im;
  return wants.test(stderr) ? 'needs-password' : null;
}

function refuseMissing(result: HostResult, { argv: [program = ''] }: HostCommand, { host }: SudoContext): void {
  if (isMissing(program, result)) throw new HostError('not-found', `there is no ${clean(program, 100)} on ${host}`);
}

function noSudo({ host }: SudoContext, cause: HostError): HostError {
  return new HostError('sudo', `there is no sudo on ${host}`, { fix: 'install sudo, or log in as root (user: root)', cause });
}

function wrongPassword({ host, user }: SudoContext): HostError {
  return new HostError('sudo', `the password of ${user} for sudo on ${host} is wrong`, { fix: 'refresh, or try it again, to be asked once more' });
}

function withoutPassword(user: string): string {
  return `echo '${user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user} (as root there)`;
}

function lastLine(text: string): string {
  return clean(text.trim().split('\n').at(-1) ?? '', 300);
}

/** Keeps the complaint of a first try from whoever watches the output: held until it is clear that the command itself speaks. */
function holdBack(onOutput: HostCommand['onOutput']): { readonly onOutput: NonNullable<HostCommand['onOutput']>; release(): void } | null {
  if (onOutput === undefined) return null;
  let held: [string, 'stdout' | 'stderr'][] | null = [];
  const release = () => {
    const pieces = held ?? [];
    held = null;
    for (const [text, stream] of pieces) onOutput(text, stream);
  };
  return {
    onOutput(text, stream) {
      if (held === null) return onOutput(text, stream);
      held.push([text, stream]);
      if (!/^sudo(-rs)?:/m.test(text)) release();
    },
    release,
  };
}
