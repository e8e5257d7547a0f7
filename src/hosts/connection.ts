import type { Duplex } from 'node:stream';
import { clean } from '../text/clean.js';
import type { Asker } from './asker.js';
import { dropped, messageOf, notLetIn, silence, socketTrouble } from './connection-errors.js';
import { type Connection, logIn } from './connection-login.js';
import { directRoad, type Road } from './connection-road.js';
import { HostError } from './host-error.js';
import { acceptHostKey } from './known-hosts-check.js';
import type { AuthContext } from './ssh-auth.js';
import { loginMemory, type SharedJump, type SshMemory } from './ssh-memory.js';
import type { SshTarget } from './ssh-target.js';
import { unlessAborted } from './unless-aborted.js';

export interface ConnectionContext {
  readonly asker: Asker;
  readonly env: NodeJS.ProcessEnv;
  readonly memory: SshMemory;
}

/**
 * Connects and logs in; questions go to the asker, and time does not run while a person thinks. Rejects with HostError.
 * A server that hangs up in the middle (too many keys, or the person took their time) is called again where there is something new to say.
 */
export async function openConnection(target: SshTarget, context: ConnectionContext, signal: AbortSignal): Promise<Connection> {
  const login: AuthContext = {
    asker: context.asker,
    env: context.env,
    unlocked: context.memory.unlocked,
    memory: loginMemory(context.memory, target),
    problem: (text) => problems.push(text),
    offered: new Set(),
    offering: null,
  };
  const problems: string[] = [];
  for (let call = 1; ; call += 1) {
    const before = login.offered.size;
    const outcome = await logIn(target, await roadTo(target, context, signal), login, signal);
    if (outcome.status === 'connected') return outcome.connection;
    if (signal.aborted) throw givenUp(target);
    if (outcome.status === 'unknown-key') await acceptHostKey(target, outcome.unknown, context.asker);
    else if (outcome.status === 'hung-up' && call < mostCalls && (outcome.answered || login.offered.size > before)) {
      // A key that a person just unlocked deserves the call that it missed.
      if (outcome.answered && login.offering !== null) login.offered.delete(login.offering);
    } else if (outcome.status === 'failed') throw outcome.error;
    else if (outcome.status === 'hung-up' && outcome.error !== null) throw outcome.error;
    else throw notLetIn(target, outcome.takes, login.offered.size, problems);
  }
}

// Servers take six attempts per call (MaxAuthTries); this is enough for an agent with some fifty keys.
const mostCalls = 10;

async function roadTo(target: SshTarget, context: ConnectionContext, signal: AbortSignal): Promise<Road> {
  try {
    return target.jump === null ? await directRoad(target, signal) : await throughJump(target, target.jump, context, signal);
  } catch (error) {
    throw error instanceof HostError ? error : socketTrouble(target, error);
  }
}

/** All machines behind a jump host share one connection to it: fifty at once would run into its limit for starting ones (MaxStartups). */
async function throughJump(target: SshTarget, jump: SshTarget, context: ConnectionContext, signal: AbortSignal): Promise<Road> {
  const shared = sharedJump(jump, context);
  shared.users += 1;
  const release = once(() => {
    shared.users -= 1;
    if (shared.users === 0) shared.close();
  });
  try {
    const connection = await unlessAborted(shared.opening, signal, () => givenUp(target));
    const stream = await forwarded(connection, target, jump, signal);
    const close = () => {
      stream.destroy();
      release();
    };
    stream.once('close', release);
    stream.on('error', () => undefined);
    return { stream, close };
  } catch (error) {
    release();
    throw error;
  }
}

function sharedJump(jump: SshTarget, context: ConnectionContext): SharedJump {
  const { jumps } = context.memory;
  const key = JSON.stringify(jump);
  const there = jumps.get(key);
  if (there?.usable()) return there;
  const giveUp = new AbortController();
  let connection: Connection | null = null;
  let failed = false;
  const forget = () => {
    if (jumps.get(key) === shared) jumps.delete(key);
  };
  const opening = openConnection(jump, context, giveUp.signal).then(
    (opened) => {
      connection = opened;
      return opened;
    },
    (error: unknown) => {
      failed = true;
      forget();
      throw error;
    },
  );
  const shared: SharedJump = {
    users: 0,
    opening,
    usable: () => !failed && (connection === null || connection.alive()),
    close() {
      forget();
      giveUp.abort();
      connection?.close();
    },
  };
  jumps.set(key, shared);
  return shared;
}

function forwarded(connection: Connection, target: SshTarget, jump: SshTarget, signal: AbortSignal): Promise<Duplex> {
  const opening = connection.forward(target.address, target.port);
  return new Promise((resolve, reject) => {
    let late = false;
    const fail = (error: unknown) => {
      late = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      reject(error);
    };
    const giveUp = () => fail(givenUp(target));
    const timer = setTimeout(() => fail(silence(target, `does not answer by way of ${jump.name}`)), target.connectTimeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    opening.then(
      (stream) => {
        if (late) return stream.destroy();
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        return resolve(stream);
      },
      (error: unknown) => fail(forwardTrouble(target, jump, error)),
    );
  });
}

function forwardTrouble(target: SshTarget, jump: SshTarget, error: unknown): HostError {
  const reason = error instanceof Error && 'reason' in error ? error.reason : null;
  // Without a reason it was not refused: the connection to the jump host itself ended.
  if (reason === null) return dropped(jump, `on the way to ${target.name}`);
  const place = `${target.address} port ${target.port}`;
  if (reason === prohibited) {
    return new HostError('unreachable', `${jump.name} does not pass connections on to ${place}`, {
      fix: `allow AllowTcpForwarding and PermitOpen in sshd_config of ${jump.name}`,
      cause: error,
    });
  }
  const said = clean(messageOf(error).replace(/^\(SSH\) Channel open failure: /, ''), 300);
  return new HostError('unreachable', `${jump.name} cannot connect to ${place}: ${said}`, {
    fix: `check from ${jump.name} that the machine is up`,
    cause: error,
  });
}

// SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1).
const prohibited = 1;

function givenUp(target: SshTarget): HostError {
  return new HostError('aborted', `the connection to ${target.name} was given up`);
}

function once(task: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    task();
  };
}
