import type { ParsedKey } from 'ssh2';
import type { Connection } from './connection-login.js';
import type { LoginMemory } from './ssh-auth.js';
import type { SshTarget } from './ssh-target.js';

/** What the hosts of one running program share. Lives in memory only and ends with the program. */
export interface SshMemory {
  /** Private keys unlocked with a passphrase, by file. */
  readonly unlocked: Map<string, Promise<ParsedKey | null>>;
  /** Connections to jump hosts. */
  readonly jumps: Map<string, SharedJump>;
  readonly logins: Map<string, LoginMemory>;
}

export interface SharedJump {
  users: number;
  readonly opening: Promise<Connection>;
  usable(): boolean;
  close(): void;
}

export function createSshMemory(): SshMemory {
  return { unlocked: new Map(), jumps: new Map(), logins: new Map() };
}

/** What is remembered about logging in there: a reconnect then needs no questions. */
export function loginMemory({ logins }: SshMemory, target: SshTarget): LoginMemory {
  const key = `${target.user}@${target.address}:${target.port}`;
  const known = logins.get(key) ?? { keyId: null, password: null, sudoPassword: null };
  logins.set(key, known);
  return known;
}
