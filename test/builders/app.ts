import { Console } from 'node:console';
import type { Session } from '../../src/session.js';
import { type StartOptions, startApp } from '../../views/start.js';
import { now } from './snapshot.js';
import { aTerminal, type FakeTerminal } from './terminal.js';

/** The whole app on a terminal in memory, at the builders' moment. `ended` is its exit code, when it ends. */
export interface RunningApp extends FakeTerminal {
  readonly ended: Promise<number>;
  /** Ends it as `ctrl-c` does. */
  close(): Promise<number>;
}

export function anApp(
  session: Session | Promise<Session>,
  options: Partial<StartOptions> & { readonly columns?: number; readonly rows?: number } = {},
): RunningApp {
  const { columns, rows, ...rest } = options;
  const terminal = aTerminal(columns, rows);
  const { stdin, stdout, stderr } = terminal;
  const ended = startApp(async () => session, { env: { LANG: 'C.UTF-8' }, clock: () => now, stdin, stdout, stderr, ...rest });
  return {
    ...terminal,
    ended,
    close() {
      terminal.type('\x03');
      return ended;
    },
  };
}

// Vitest's console has no Console, which Ink needs to keep what is printed from going through the picture.
Object.assign(globalThis.console, { Console });
