import { clean } from '../text/clean.js';
import type { Asker } from './asker.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection-login.js';
import { createGate } from './gate.js';
import type { Host, HostCommand, HostResult } from './host.js';
import { HostError } from './host-error.js';
import { isMissing } from './missing-program.js';
import { createSshMemory, loginMemory, type SshMemory } from './ssh-memory.js';
import { runOver } from './ssh-run.js';
import type { SshTarget } from './ssh-target.js';
import { runWithSudo } from './sudo.js';
import { unlessAborted } from './unless-aborted.js';

export interface SshHostOptions {
  readonly asker: Asker;
  /** For SSH_AUTH_SOCK. */
  readonly env: NodeJS.ProcessEnv;
  /** What hosts share; all hosts of the program by default. */
  readonly memory?: SshMemory;
}

/**
 * A machine over SSH. Connects at the first command and keeps that one connection; when it is lost, the command under way fails with
 * `dropped` and the next one connects anew. A command's time limit starts when the connection stands.
 */
export function connectSsh(target: SshTarget, { asker, env, memory = sharedMemory }: SshHostOptions): Host {
  const closing = new AbortController();
  const login = loginMemory(memory, target);
  const gate = createGate(mostSessions);
  let current: Connection | null = null;
  let opening: Promise<Connection> | null = null;

  const open = (): Promise<Connection> => {
    if (current?.alive()) return Promise.resolve(current);
    current = null;
    opening ??= openConnection(target, { asker, env, memory }, closing.signal)
      .then((connection) => {
        current = connection;
        if (closing.signal.aborted) connection.close();
        return connection;
      })
      .finally(() => {
        opening = null;
      });
    return opening;
  };

  const run = async (command: HostCommand): Promise<HostResult> => {
    const signal = command.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, command.signal]);
    const connection = await unlessAborted(open(), signal, () => givenUp(target));
    const leave = await gate.enter(signal);
    try {
      if (signal.aborted) throw givenUp(target);
      const result = await runOver(connection, target, { ...command, signal });
      const [program = ''] = command.argv;
      if (isMissing(program, result)) throw new HostError('not-found', `there is no ${clean(program, 100)} on ${target.name}`);
      return result;
    } finally {
      leave();
    }
  };

  return {
    name: target.name,
    road: roadOf(target),
    run: (command) => {
      if (command.sudo !== true || !target.sudo || target.user === 'root') return run(command);
      return runWithSudo(command, { host: target.name, user: target.user, asker, memory: login, run });
    },
    close() {
      closing.abort();
      current?.close();
      current = null;
    },
  };
}

const sharedMemory = createSshMemory();

// sshd's MaxSessions is 10; some of it is left to whoever shares the connection's limits.
const mostSessions = 8;

/** `ssh ops@10.0.0.12:22 via bastion` */
function roadOf({ user, address, port, jump }: SshTarget): string {
  const place = address.includes(':') ? `[${address}]` : address;
  const hops: string[] = [];
  for (let hop = jump; hop !== null; hop = hop.jump) hops.unshift(hop.name);
  return `ssh ${user}@${place}:${port}${hops.length === 0 ? '' : ` via ${hops.join(', ')}`}`;
}

function givenUp(target: SshTarget): HostError {
  return new HostError('aborted', `the command on ${target.name} was given up`);
}
