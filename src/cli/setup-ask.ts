import type { Asker } from '../hosts/asker.js';
import { clean } from '../text/clean.js';
import { secretVariable } from './setup-choice.js';

/** Where a person can be asked: stdin and stderr, where both are a terminal. */
export interface AskingTerminal {
  /** One line; what is typed is shown only where `hidden` is false. Null when the person declines. */
  ask(prompt: string, hidden: boolean): Promise<string | null>;
}

/** Null where nobody can be asked. */
export function askingTerminal(): AskingTerminal | null {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(prompt, hidden) {
      // One question at a time.
      const answer = last.then(() => readLine(prompt, hidden));
      last = answer;
      return answer;
    },
  };
}

/** Asks the person at the terminal for host keys, passphrases and passwords; the same question once. Without a terminal, nobody. */
export function terminalAsker(terminal: AskingTerminal | null, acceptNewHostKeys: boolean): Asker {
  const asked = new Map<string, Promise<string | null>>();
  return {
    ask({ id, kind, text }) {
      if (kind === 'host-key' && acceptNewHostKeys) return Promise.resolve('yes');
      if (terminal === null) return Promise.resolve(null);
      const known = asked.get(id);
      if (known !== undefined) return known;
      const answer =
        kind === 'host-key'
          ? terminal.ask(`${clean(text, 1000)} Go on? [yes/no] `, false).then((typed) => (typed?.trim() === 'yes' ? 'yes' : null))
          : terminal.ask(`${clean(text, 1000)} `, true);
      asked.set(id, answer);
      // A wrong password is asked for again.
      void answer.finally(() => asked.delete(id));
      return answer;
    },
  };
}

/** Secrets from the environment, else from the person at the terminal. Those that nobody gives are left out. */
export async function secretsFor(
  wanted: readonly { readonly name: string; readonly title: string }[],
  env: NodeJS.ProcessEnv,
  terminal: AskingTerminal | null,
): Promise<Readonly<Record<string, string>>> {
  const secrets: Record<string, string> = {};
  for (const { name, title } of wanted) {
    const given = env[secretVariable(name)] ?? (await terminal?.ask(`${clean(title, 200)} (${name}): `, true)) ?? '';
    if (given !== '') secrets[name] = given;
  }
  return secrets;
}

function readLine(prompt: string, hidden: boolean): Promise<string | null> {
  const { stdin, stderr } = process;
  return new Promise((resolve) => {
    let typed = '';
    const end = (answer: string | null) => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      resolve(answer);
    };
    const onData = (data: Buffer) => {
      for (const key of data.toString('utf8')) {
        if (key === '\r' || key === '\n') return end(typed);
        if (key === '\x04') return end(null);
        if (key === '\x03') {
          end(null);
          process.kill(process.pid, 'SIGINT');
          return;
        }
        if (key === '\x7f' || key === '\b') {
          if (typed !== '' && !hidden) stderr.write('\b \b');
          typed = [...typed].slice(0, -1).join('');
        } else if (key >= ' ') {
          typed += key;
          if (!hidden) stderr.write(key);
        }
      }
    };
    stderr.write(prompt);
    stdin.setRawMode(true);
    stdin.on('data', onData);
    stdin.resume();
  });
}
