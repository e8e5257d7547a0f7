import type { ClientChannel } from 'ssh2';
import { clean } from '../text/clean.js';
import { captureOutput } from './captured-output.js';
import { dropped, machine, messageOf } from './connection-errors.js';
import type { Connection } from './connection-login.js';
import type { HostCommand, HostResult } from './host.js';
import { HostError } from './host-error.js';
import { commandLine } from './shell-quote.js';
import type { SshTarget } from './ssh-target.js';

export const usualTimeoutMs = 30_000;
export const usualMaxBytes = 16 * 1024 * 1024;

/** Runs a command on an open connection. Rejects with HostError. */
export function runOver(connection: Connection, target: SshTarget, command: HostCommand): Promise<HostResult> {
  const { argv, env, stdin, signal, onOutput, timeoutMs = usualTimeoutMs, maxBytes = usualMaxBytes } = command;
  const program = clean(argv[0] ?? '', 100);
  const started = performance.now();
  const stdout = captureOutput(maxBytes, (text) => onOutput?.(text, 'stdout'));
  const stderr = captureOutput(maxBytes, (text) => onOutput?.(text, 'stderr'));
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | null = null;
    let over = false;
    const finish = (end: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      end();
    };
    const stop = (error: HostError) =>
      finish(() => {
        if (channel !== null) endFarSide(connection, channel);
        reject(error);
      });
    const abort = () => stop(new HostError('aborted', `"${program}" on ${target.name} was given up`));
    const timer = setTimeout(() => stop(new HostError('timeout', `"${program}" on ${target.name} did not end within ${seconds(timeoutMs)}`)), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const opened = (error: Error | undefined, opened: ClientChannel) => {
      if (error) return finish(() => reject(connection.alive() ? noSession(target, error) : dropped(target, `while "${program}" was being started`)));
      channel = opened;
      if (over) return endFarSide(connection, opened);
      let exit: { readonly code: number | null; readonly signal: string | null } | null = null;
      opened.on('data', (chunk: Buffer) => over || stdout.write(chunk));
      opened.stderr.on('data', (chunk: Buffer) => over || stderr.write(chunk));
      opened.on('exit', (code: number | null, name?: string) => {
        exit = { code, signal: name ?? null };
      });
      opened.on('error', () => undefined);
      opened.on('close', () =>
        finish(() => {
          if (exit === null && !connection.alive()) return reject(dropped(target, `while "${program}" ran`));
          const result = { exitCode: exit?.code ?? null, signal: exit?.signal ?? null, stdout: stdout.text(), stderr: stderr.text() };
          return resolve({ ...result, tookMs: performance.now() - started });
        }),
      );
      opened.end(stdin);
    };
    try {
      connection.client.exec(commandLine(target.user === 'root' ? endingByItself(argv, timeoutMs) : argv, env), opened);
    } catch (error) {
      finish(() => reject(error instanceof RangeError ? error : dropped(target, `before "${program}" could start`)));
    }
  });
}

function noSession(target: SshTarget, error: Error): HostError {
  return new HostError(
    'unreachable',
    `${machine(target)} runs no command for ${target.user}: ${clean(messageOf(error).replace(/^\(SSH\) Channel open failure: /, ''), 300)}`,
    {
      fix: 'allow sessions for this user in sshd_config there (MaxSessions, ForceCommand)',
      cause: error,
    },
  );
}

/** sshd passes no signals on to what root runs (it would need a process without privileges for that), so there the command gets its time limit along where `timeout` exists. */
function endingByItself(argv: readonly string[], timeoutMs: number): readonly string[] {
  const script = 'if command -v timeout >/dev/null 2>&1; then exec timeout -k 1 "$0" "$@"; fi; exec "$@"';
  // Later than our own limit, which is the one that tells.
  return ['sh', '-c', script, String(Math.ceil(timeoutMs / 1000) + 1), ...argv];
}

/** Asks the far side to end the command, then insists; closing the channel alone leaves a command alive that writes nothing. */
function endFarSide(connection: Connection, channel: ClientChannel): void {
  sendSignal(connection, channel, 'TERM');
  setTimeout(() => {
    sendSignal(connection, channel, 'KILL');
    if (connection.alive()) channel.close();
  }, graceMs).unref();
}

const graceMs = 500;

/** ssh2's Channel sends signals only while our side is still writing, but RFC 4254 (6.9) knows no such limit; its protocol object below sends them. */
function sendSignal({ client, alive }: Connection, { outgoing }: ClientChannel, name: string): void {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!alive() || typeof outgoing !== 'object' || outgoing === null || !('id' in outgoing) || !('state' in outgoing)) return;
  if (typeof protocol !== 'object' || protocol === null || !('signal' in protocol) || typeof protocol.signal !== 'function') return;
  if (outgoing.state === 'open' || outgoing.state === 'eof') Reflect.apply(protocol.signal, protocol, [outgoing.id, name]);
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
