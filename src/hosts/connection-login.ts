import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type { AuthenticationType, Client, ServerHostKeyAlgorithm } from 'ssh2';
import { dropped, handshakeTrouble, notNow, silence } from './connection-errors.js';
import { createPatience } from './connection-patience.js';
import type { Road } from './connection-road.js';
import { HostError } from './host-error.js';
import { knownKeys, type UnknownKey } from './known-hosts-check.js';
import { type AuthContext, authAttempts } from './ssh-auth.js';
import type { PatientAsker } from './ssh-auth-keys.js';
import type { SshTarget } from './ssh-target.js';

/** An SSH connection that a user is logged in on. */
export interface Connection {
  readonly client: Client;
  alive(): boolean;
  /** A stream to another machine, as that machine sees it from there. */
  forward(address: string, port: number): Promise<Duplex>;
  close(): void;
}

/** How one call went. */
export type LoginOutcome =
  | { readonly status: 'connected'; readonly connection: Connection }
  | { readonly status: 'unknown-key'; readonly unknown: UnknownKey }
  | { readonly status: 'failed'; readonly error: HostError }
  /** Everything was tried. */
  | { readonly status: 'not-let-in'; readonly takes: readonly string[] }
  /** The server ended it during the login. `answered`: a person was asked meanwhile. `error`: it did not say why. */
  | { readonly status: 'hung-up'; readonly takes: readonly string[]; readonly answered: boolean; readonly error: HostError | null };

/** Speaks SSH over a road: checks the host key, logs in. The road is closed with the connection, and when none came about. */
export function logIn(target: SshTarget, road: Road, login: AuthContext, signal: AbortSignal): Promise<LoginOutcome> {
  const keys = knownKeys(target);
  const ssh = new NodeSSH();
  return new Promise((resolve) => {
    let stage: 'handshake' | 'login' | 'done' = 'handshake';
    let keyTrouble: LoginOutcome | null = null;
    let takes: readonly string[] = [];
    let asked = false;
    let live = true;
    let heard = '';
    let tries = 0;
    let farewell: string | null = null;
    const listen = (chunk: Buffer) => {
      heard = `${heard}${chunk.toString('latin1')}`.slice(0, 300);
    };
    const settle = (outcome: LoginOutcome) => {
      if (stage === 'done') return;
      stage = 'done';
      patience.end();
      signal.removeEventListener('abort', giveUp);
      resolve(outcome);
      if (outcome.status !== 'connected') {
        ssh.connection?.end();
        road.close();
      }
    };
    const giveUp = () => settle({ status: 'failed', error: new HostError('aborted', `the connection to ${target.name} was given up`) });
    const patience = createPatience(target.connectTimeoutMs, () =>
      settle({ status: 'failed', error: silence(target, stage === 'login' ? 'does not finish the login' : 'does not speak SSH') }),
    );
    signal.addEventListener('abort', giveUp, { once: true });
    const patiently: PatientAsker['patiently'] = (task) => {
      asked = true;
      return patience.suspended(task);
    };
    const ask: PatientAsker['ask'] = (question) => patiently(() => login.asker.ask(question));
    const attempts = authAttempts(target, login, { ask, patiently });
    const tryNext = async (left: AuthenticationType[] | null, partial: boolean | null) => {
      patience.again();
      tries += 1;
      takes = left ?? takes;
      const { value } = await attempts.next({ left, partial: partial === true });
      return live && stage === 'login' ? (value ?? 'over') : 'late';
    };
    const connecting = ssh.connect({
      sock: road.stream,
      username: target.user,
      // Own time limits: these ones would run while a person thinks.
      readyTimeout: 0,
      keepaliveInterval: target.keepaliveMs,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: hostKeyAlgorithms(keys.types) },
      hostVerifier: (key: Buffer) => {
        const verdict = keys.judge(key);
        if (verdict.status === 'unknown') keyTrouble = { status: 'unknown-key', unknown: verdict.key };
        if (verdict.status === 'refused') keyTrouble = { status: 'failed', error: verdict.error };
        return verdict.status === 'known';
      },
      authHandler: (left, partial, next) => {
        stage = stage === 'handshake' ? 'login' : stage;
        tryNext(left, partial).then(
          (method) => {
            if (method === 'over') settle({ status: 'not-let-in', takes });
            else if (method !== 'late') next(method);
          },
          (error: unknown) => settle({ status: 'failed', error: error instanceof HostError ? error : handshakeTrouble(target, error) }),
        );
      },
    });
    // What matters is told by the client's events below; node-ssh would also give up for one key that the agent cannot use.
    connecting.catch(() => undefined);
    const { connection: client } = ssh;
    if (client === null) return settle({ status: 'failed', error: handshakeTrouble(target, new Error('no connection')) });
    const ended = (error: unknown) => {
      live = false;
      if (keyTrouble !== null) return settle(keyTrouble);
      if (stage === 'login' && farewell !== null) return settle({ status: 'failed', error: notNow(target, farewell) });
      settle(
        stage === 'login'
          ? { status: 'hung-up', takes, answered: asked, error: saidGoodbye(error) ? null : dropped(target, 'during the login') }
          : { status: 'failed', error: handshakeTrouble(target, error, heard) },
      );
    };
    road.stream.on('data', listen);
    client.once('handshake', () => road.stream.off('data', listen));
    // The usual banner comes with the first try. One after that is what PAM says when the key or the password was right and the account may
    // still not log in (sshd's "by PAM account configuration"): while a machine boots or goes down, that is pam_nologin's text.
    client.on('banner', (text) => {
      if (tries > 1) farewell = text;
    });
    client.on('error', (error) => {
      // The agent or a key could not sign: ssh2 goes on with the next one by itself.
      if (error.level === 'agent') return;
      ended(error);
    });
    client.on('close', () => ended(new Error('Connection lost before handshake')));
    client.on('ready', () => {
      if (login.offering !== null) login.memory.keyId = login.offering;
      settle({
        status: 'connected',
        connection: {
          client,
          alive: () => live,
          forward: (address, port) => ssh.forwardOut('127.0.0.1', 0, address, port),
          close() {
            live = false;
            ssh.dispose();
            road.close();
          },
        },
      });
    });
    client.on('close', () => road.close());
  });
}

/** SSH's own disconnect messages carry a number (RFC 4253, 11.1), as the one for too many attempts. */
function saidGoodbye(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** The usual ones but DSA, those of known keys first: a server with several keys then shows one that can be checked. */
function hostKeyAlgorithms(known: readonly string[]): ServerHostKeyAlgorithm[] {
  const rank = (algorithm: ServerHostKeyAlgorithm) => (known.includes(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm) ? 0 : 1);
  return [...usualAlgorithms].sort((a, b) => rank(a) - rank(b));
}

const usualAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];
