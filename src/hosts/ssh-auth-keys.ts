import ssh2, { type BaseAgent, type OpenSSHAgent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { clean } from '../text/clean.js';
import type { Asker } from './asker.js';
import { fingerprint } from './known-hosts-check.js';
import { isParsedKey, readKeyFile, unlockKey } from './ssh-keys.js';
import type { SshTarget } from './ssh-target.js';

/** A key that can be offered to a server. Its secret part is touched only when the server wants it. */
export interface OfferedKey {
  /** SHA256 fingerprint; the file's name where the public part is locked too. */
  readonly id: string;
  readonly label: string;
  /** For ssh2's `agent` method; null where the key turned out to be of no use. */
  agent(): Promise<BaseAgent | null>;
}

/** An asker that stops the clock while a person thinks. */
export interface PatientAsker extends Asker {
  /** Stops the clock for what another login asks on behalf of this one too. */
  patiently<T>(task: () => Promise<T>): Promise<T>;
}

export interface KeyContext {
  readonly asker: PatientAsker;
  readonly env: NodeJS.ProcessEnv;
  /** Keys unlocked in this session, by file. */
  readonly unlocked: Map<string, Promise<ParsedKey | null>>;
  /** Collects what a person should know when nothing lets us in. */
  readonly problem: (text: string) => void;
}

/** In OpenSSH's order: the agent's keys whose files are named, the agent's other keys, key files that the agent does not have. */
export async function offeredKeys(target: SshTarget, context: KeyContext): Promise<readonly OfferedKey[]> {
  const files = target.identityFiles.map((file) => ({ file, content: readKeyFile(file) }));
  const fileKeys = files.flatMap(({ file, content }) => {
    if (content.status === 'missing') {
      if (target.identityFilesChosen) context.problem(`${file} does not exist`);
      return [];
    }
    if (content.status === 'unusable') {
      context.problem(content.why);
      return [];
    }
    const key = content.status === 'usable' ? content.key : content.publicKey;
    return [{ file, content, publicKey: key, id: key === null ? file : idOf(key) }];
  });
  const socket = target.identityAgent ?? context.env['SSH_AUTH_SOCK'] ?? 'none';
  const held = socket === 'none' || socket === '' ? [] : await agentKeys(socket, context);
  const named = new Set(fileKeys.map(({ id }) => id));
  const inAgent = new Set(held.map(({ id }) => id));
  return [
    ...held.filter(({ id }) => named.has(id)),
    ...(target.identitiesOnly ? [] : held.filter(({ id }) => !named.has(id))),
    ...fileKeys
      .filter(({ id }) => !inAgent.has(id))
      .map(({ file, content, publicKey, id }): OfferedKey => {
        const unlock = () => (content.status === 'usable' ? Promise.resolve(content.key) : unlocked(file, content.content, target, context));
        return {
          id,
          label: file,
          agent: async () => {
            const shown = publicKey ?? (await unlock());
            return shown === null ? null : new FileKey(shown, unlock);
          },
        };
      }),
  ];
}

function idOf(key: ParsedKey): string {
  return fingerprint(key.getPublicSSH());
}

/** An agent that hangs must not hold up the login. */
const agentTimeoutMs = 3000;

async function agentKeys(socket: string, { problem }: KeyContext): Promise<readonly OfferedKey[]> {
  const agent = new ssh2.OpenSSHAgent(socket);
  const keys = await new Promise<readonly ParsedKey[]>((resolve) => {
    const timer = setTimeout(() => {
      problem(`the agent at ${socket} does not answer`);
      resolve([]);
    }, agentTimeoutMs);
    agent.getIdentities((error, found) => {
      clearTimeout(timer);
      if (error) problem(`the agent at ${socket} cannot be asked`);
      resolve((found ?? []).flatMap((key) => (isParsedKey(key) ? [key] : [])));
    });
  });
  return keys.map((key) => ({ id: idOf(key), label: `${clean(key.comment, 100) || key.type} of the agent`, agent: async () => new AgentKey(key, agent) }));
}

/** Asks at most three times, as OpenSSH does, and once for all hosts that want the same key. */
function unlocked(file: string, content: Buffer, target: SshTarget, context: KeyContext): Promise<ParsedKey | null> {
  const known = context.unlocked.get(file);
  if (known !== undefined) return context.asker.patiently(() => known);
  const asking = (async () => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const again = attempt === 1 ? '' : 'That was not the passphrase. ';
      const answer = await context.asker.ask({
        id: `passphrase:${file}`,
        host: target.name,
        kind: 'passphrase',
        text: `${again}Passphrase of the key ${file}`,
      });
      if (answer === null) break;
      const key = unlockKey(content, answer);
      if (key !== null) return key;
    }
    context.problem(`${file} is locked with a passphrase`);
    return null;
  })();
  context.unlocked.set(file, asking);
  // Only what worked is kept: a person who declined may be asked at the next attempt.
  const forget = () => context.unlocked.delete(file);
  asking.then((key) => key ?? forget(), forget);
  return asking;
}

/** One of the agent's keys as an agent of its own, so that the keys can be offered one at a time. */
class AgentKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #agent: OpenSSHAgent;

  constructor(key: ParsedKey, agent: OpenSSHAgent) {
    super();
    this.#key = key;
    this.#agent = agent;
  }

  getIdentities(done: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    done(undefined, [this.#key]);
  }

  sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}

/** A key file as an agent: its passphrase is asked for only after the server said that it wants this key. */
class FileKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #shown: ParsedKey;
  readonly #unlock: () => Promise<ParsedKey | null>;

  constructor(shown: ParsedKey, unlock: () => Promise<ParsedKey | null>) {
    super();
    this.#shown = shown;
    this.#unlock = unlock;
  }

  getIdentities(done: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    done(undefined, [this.#shown]);
  }

  sign(_key: ParsedKey, data: Buffer, options: SigningRequestOptions | SignCallback, done?: SignCallback): void {
    const answer = typeof options === 'function' ? options : done;
    const hash = typeof options === 'function' ? undefined : options.hash;
    this.#unlock().then(
      (key) => {
        if (key === null) return answer?.(new Error('locked'));
        const signature: unknown = key.sign(data, hash);
        return Buffer.isBuffer(signature) ? answer?.(undefined, signature) : answer?.(new Error('the key cannot sign'));
      },
      (error: unknown) => answer?.(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
