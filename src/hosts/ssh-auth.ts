import type { AnyAuthMethod, AuthenticationType, KeyboardInteractiveCallback, Prompt } from 'ssh2';
import { clean } from '../text/clean.js';
import type { Asker } from './asker.js';
import { type KeyContext, type OfferedKey, offeredKeys, type PatientAsker } from './ssh-auth-keys.js';
import type { SshTarget } from './ssh-target.js';

/** What a server said to the last attempt: the ways it still takes, and whether that attempt was one of several it wants. */
export interface AuthAnswer {
  readonly left: readonly AuthenticationType[] | null;
  readonly partial: boolean;
}

/** What is remembered about logging in to one machine, in memory only. */
export interface LoginMemory {
  /** The key that let us in last: offered first the next time. */
  keyId: string | null;
  password: string | null;
  sudoPassword: string | null;
}

export interface AuthContext extends Omit<KeyContext, 'asker'> {
  readonly asker: Asker;
  readonly memory: LoginMemory;
  /** Keys that this login has offered already; grows. */
  readonly offered: Set<string>;
  /** Set to the key that is being offered. */
  offering: string | null;
}

/** Attempts to log in, one after the other, with questions to `asker`: none (which tells what the server takes), keys, keyboard-interactive, password. */
export async function* authAttempts(target: SshTarget, context: AuthContext, asker: PatientAsker): AsyncGenerator<AnyAuthMethod, void, AuthAnswer> {
  const username = target.user;
  let answer = yield { type: 'none', username };
  const keys = await keysInOrder(target, context, asker);
  // Servers that want several proofs say `partial` after each good one.
  for (let proofs = 0; proofs < 4; proofs += 1) {
    let progressed = false;
    for (const key of keys) {
      if (progressed || !takes(answer, 'publickey')) break;
      if (context.offered.has(key.id)) continue;
      context.offered.add(key.id);
      const agent = await key.agent();
      if (agent === null) continue;
      context.offering = key.id;
      answer = yield { type: 'agent', username, agent };
      context.offering = null;
      progressed = answer.partial;
    }
    for (const type of ['keyboard-interactive', 'password'] as const) {
      if (progressed || !takes(answer, type)) continue;
      const passwords = passwordSource(target, context, asker);
      for (let attempt = 1; attempt <= mostPasswords && !progressed && passwords.going() && takes(answer, type); attempt += 1) {
        if (type === 'password') {
          const password = await passwords.next(`Password of ${username} on ${target.name}`, false);
          if (password === null) break;
          answer = yield { type, username, password };
        } else answer = yield { type, username, prompt: interactive(target, passwords) };
        progressed = answer.partial;
        // Refused without a question: there is nothing that a second attempt could change.
        if (!passwords.used()) break;
        if (!progressed) passwords.wrong();
      }
      // The person has said no, or the passwords are wrong: the second way would only ask for the same one.
      if (!progressed && passwords.asked()) return;
    }
    if (!progressed) return;
  }
}

// As many as OpenSSH's NumberOfPasswordPrompts.
const mostPasswords = 3;

async function keysInOrder(target: SshTarget, context: AuthContext, asker: PatientAsker): Promise<readonly OfferedKey[]> {
  const keys = await offeredKeys(target, { ...context, asker });
  const { keyId } = context.memory;
  return [...keys.filter(({ id }) => id === keyId), ...keys.filter(({ id }) => id !== keyId)];
}

function takes({ left }: AuthAnswer, method: AuthenticationType): boolean {
  return left === null || left.includes(method);
}

interface PasswordSource {
  /** The remembered password first, then what the person says; null when they decline. */
  next(text: string, oneTime: boolean): Promise<string | null>;
  /** Whether the server wanted anything yet. */
  used(): boolean;
  wrong(): void;
  going(): boolean;
  asked(): boolean;
}

function passwordSource({ name, user }: SshTarget, { memory, problem }: AuthContext, asker: Asker): PasswordSource {
  let declined = false;
  let used = false;
  let asked = false;
  let failed = false;
  return {
    async next(text, oneTime) {
      used = true;
      if (!oneTime && memory.password !== null) return memory.password;
      asked = true;
      const again = failed ? 'That was not right. ' : '';
      const answer = await asker.ask({ id: `password:${user}@${name}`, host: name, kind: 'password', text: `${again}${text}` });
      if (answer === null) {
        declined = true;
        problem('no password was given');
      } else if (!oneTime) memory.password = answer;
      return answer;
    },
    wrong() {
      failed = true;
      memory.password = null;
      if (!declined) problem('the password is wrong');
    },
    used: () => used,
    going: () => !declined,
    asked: () => asked,
  };
}

type Interactive = (name: string, instructions: string, language: string, prompts: Prompt[], finish: KeyboardInteractiveCallback) => void;

function interactive(target: SshTarget, passwords: PasswordSource): Interactive {
  return (_name, instructions, _language, prompts, finish) => {
    const answerAll = async () => {
      const answers: string[] = [];
      for (const { prompt } of prompts) {
        const words = [instructions, prompt].map((text) => clean(text, 300).trim()).filter((text) => text !== '');
        const oneTime = !/password/i.test(prompt) || /one.?time|otp/i.test(prompt);
        const answer = await passwords.next(`${target.user} on ${target.name}: ${words.join(' ')}`, oneTime);
        if (answer === null) break;
        answers.push(answer);
      }
      return answers;
    };
    answerAll().then(finish, () => finish([]));
  };
}
