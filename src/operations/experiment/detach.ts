import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { isRunning, ownProcess } from '../../journal/writing-process.js';
import { ownCommand } from '../../own-command.js';
import { clean } from '../../text/clean.js';
import type { ExperimentFiles } from './state-file.js';

export interface Detached {
  /** `systemd unit gpuk8s-tui-experiment-replicas`, `process 4711`. */
  readonly how: string;
  readonly pid: number;
}

/**
 * Starts this program with these arguments so that it outlives the terminal, the login and the caller. Under the user's own systemd where that stays when the user has gone (lingering is enabled), else as a process of its own
 * session. Resolves once it carries the experiment out; rejects with what it said where it does not.
 */
export async function startDetached(name: string, args: readonly string[], files: ExperimentFiles, waitMs = 30_000): Promise<Detached> {
  const log = files.logFile(name);
  await mkdir(dirname(log), { recursive: true, mode: 0o700 });
  const command = [...ownCommand(), ...args];
  const before = (await files.read(name).catch(() => null))?.process ?? null;
  const unit = (await lingers()) ? await underSystemd(name, command, log) : null;
  const child = unit === null ? asProcess(command, log) : null;
  const deadline = Date.now() + waitMs;
  for (;;) {
    const state = await files.read(name).catch(() => null);
    const own = state?.process ?? null;
    const isNew = own !== null && (before === null || own.pid !== before.pid || own.started !== before.started);
    if (own !== null && isNew && own.pid !== ownProcess().pid && (unit !== null || own.pid === child?.pid)) {
      return { how: unit === null ? `process ${own.pid}` : `systemd unit ${unit}`, pid: own.pid };
    }
    const ended = child !== null && isRunning({ host: ownProcess().host, pid: child.pid ?? 0, started: null }) === false;
    if (child?.exitCode !== null && child?.exitCode !== undefined) throw new Error(await lastWords(log));
    if (ended || Date.now() > deadline) throw new Error(await lastWords(log));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Without lingering the user's systemd ends with the last login, and takes its units with it. */
async function lingers(): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('loginctl', ['show-user', String(process.getuid?.() ?? ''), '--property=Linger', '--value'], {
      timeout: 5_000,
    });
    return stdout.trim() === 'yes';
  } catch {
    return false;
  }
}

async function underSystemd(name: string, command: readonly string[], log: string): Promise<string | null> {
  const unit = `gpuk8s-tui-experiment-${name}-${Date.now().toString(36)}`;
  // By name only: the values are taken from the environment, and stand on no command line.
  const variables = Object.keys(process.env).filter((variable) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(variable) && !ofTheTerminal.test(variable));
  const options = [
    '--user',
    '--collect',
    `--unit=${unit}`,
    `--working-directory=${process.cwd()}`,
    `--property=StandardOutput=append:${log}`,
    `--property=StandardError=append:${log}`,
  ];
  try {
    await promisify(execFile)('systemd-run', [...options, ...variables.map((variable) => `--setenv=${variable}`), '--', ...command], { timeout: 15_000 });
    return unit;
  } catch {
    return null;
  }
}

function asProcess(command: readonly string[], log: string) {
  const file = openSync(log, 'a', 0o600);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { detached: true, stdio: ['ignore', file, file], cwd: process.cwd() });
  child.unref();
  closeSync(file);
  return child;
}

async function lastWords(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n');
  const said = clean(lines.at(-1) ?? '', 400).replace(/^gpuk8s-tui: /, '');
  return `the experiment did not start${said === '' ? '' : `: ${said}`} (${log})`;
}

const ofTheTerminal = /^(?:_|TERM|COLUMNS|LINES|SHLVL|PWD|OLDPWD|INVOCATION_ID|JOURNAL_STREAM|NOTIFY_SOCKET|XDG_SESSION_.*|SSH_(?:TTY|CLIENT|CONNECTION))$/;
