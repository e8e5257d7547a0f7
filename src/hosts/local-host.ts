import { type ChildProcess, spawn } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { clean } from '../text/clean.js';
import { type Asker, silentAsker } from './asker.js';
import { captureOutput } from './captured-output.js';
import type { Host, HostCommand, HostResult } from './host.js';
import { HostError } from './host-error.js';
import { runWithSudo } from './sudo.js';

export interface LocalHostOptions {
  /** Default: the machine's own name. */
  readonly name?: string;
  /** Asked for the sudo password; nobody by default. */
  readonly asker?: Asker;
  readonly env?: NodeJS.ProcessEnv;
}

/** This machine. */
export function localHost({ name = hostname(), asker = silentAsker(false), env = process.env }: LocalHostOptions = {}): Host {
  const closing = new AbortController();
  const memory = { sudoPassword: null };
  const { uid, username } = userInfo();
  const run = (command: HostCommand) => {
    const signal = command.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, command.signal]);
    return runHere({ ...command, signal }, name, env);
  };
  return {
    name,
    road: 'this machine',
    run: (command) => (command.sudo === true && uid !== 0 ? runWithSudo(command, { host: name, user: username, asker, memory, run }) : run(command)),
    close: () => closing.abort(),
  };
}

const usualTimeoutMs = 30_000;
const usualMaxBytes = 16 * 1024 * 1024;
// What a command gets to tidy up before it is killed.
const graceMs = 500;

function runHere(command: HostCommand, host: string, baseEnv: NodeJS.ProcessEnv): Promise<HostResult> {
  const { argv, env, stdin, signal, onOutput, timeoutMs = usualTimeoutMs, maxBytes = usualMaxBytes } = command;
  const [program, ...args] = argv;
  if (program === undefined) return Promise.reject(new RangeError('there is no command to run'));
  const shown = clean(program, 100);
  const started = performance.now();
  const stdout = captureOutput(maxBytes, (text) => onOutput?.(text, 'stdout'));
  const stderr = captureOutput(maxBytes, (text) => onOutput?.(text, 'stderr'));
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new HostError('aborted', `"${shown}" on ${host} was given up`));
    // A process group of its own, so that what the command starts ends with it.
    const child = spawn(program, args, { detached: true, stdio: 'pipe', env: { ...baseEnv, ...env } });
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
        endGroup(child);
        // What a grandchild still writes is of no interest, and must not keep us waiting.
        child.stdout.destroy();
        child.stderr.destroy();
        reject(error);
      });
    const abort = () => stop(new HostError('aborted', `"${shown}" on ${host} was given up`));
    const timer = setTimeout(
      () =>
        stop(
          new HostError('timeout', `"${shown}" on ${host} did not end within ${timeoutMs < 1000 ? `${timeoutMs} ms` : `${Math.round(timeoutMs / 1000)} s`}`),
        ),
      timeoutMs,
    );
    signal?.addEventListener('abort', abort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => over || stdout.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => over || stderr.write(chunk));
    // A command need not read what it is given.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => finish(() => reject(startTrouble(error, shown, host))));
    child.on('close', (exitCode, endedBy) =>
      finish(() => resolve({ exitCode, signal: endedBy, stdout: stdout.text(), stderr: stderr.text(), tookMs: performance.now() - started })),
    );
    child.stdin.end(stdin);
  });
}

function startTrouble(error: Error, program: string, host: string): HostError {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new HostError('not-found', `there is no ${program} on ${host}`, { cause: error });
  return new HostError('not-found', `${program} cannot be started on ${host}: ${code === 'EACCES' ? 'it is not executable' : clean(error.message, 200)}`, {
    cause: error,
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // Ended meanwhile, or it runs as root.
    }
  };
  send('SIGTERM');
  setTimeout(() => send('SIGKILL'), graceMs).unref();
}
