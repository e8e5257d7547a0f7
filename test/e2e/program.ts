import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';

/** The built program in a terminal of its own. */
export interface Program {
  /** The rows as a person sees them, without trailing blanks. */
  screen(): readonly string[];
  /** Resolves with the rows once they match; rejects with the last picture when they do not within `ms`. */
  waitFor(wanted: RegExp | ((rows: readonly string[]) => boolean), ms?: number): Promise<readonly string[]>;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  readonly pid: number;
  /** Everything the program wrote, raw. */
  output(): string;
  /** Whether the terminal shows the alternate screen. */
  onAlternateScreen(): boolean;
  readonly exited: Promise<{ readonly exitCode: number; readonly signal: number | undefined }>;
  /** Ends it if it still runs. */
  close(): Promise<void>;
}

export interface ProgramOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the built program. */
  readonly command?: string;
  /** Gets what is written while it is written. */
  readonly onOutput?: (data: string) => void;
}

export const builtProgram = join(import.meta.dirname, '..', '..', 'dist', 'gpuk8s-tui.js');

/** Starts the built program in a pty, with a home folder of its own and no kubeconfig unless `env` has one. */
export function startProgram(
  args: readonly string[],
  { columns = 120, rows = 40, env = {}, command = process.execPath, onOutput = () => {} }: ProgramOptions = {},
): Program {
  const home = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-home-'));
  const pty: IPty = spawn(command, command === process.execPath ? [builtProgram, ...args] : [...args], {
    cols: columns,
    rows,
    name: 'xterm-256color',
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env },
  });
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  let output = '';
  const waiting = new Set<() => void>();
  pty.onData((data) => {
    output += data;
    onOutput(data);
    terminal.write(data, () => {
      for (const check of [...waiting]) check();
    });
  });
  // The program asks the terminal what it can do; the answers go back as a real terminal would send them.
  terminal.onData((answer) => pty.write(answer));
  let running = true;
  const exited = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      running = false;
      rmSync(home, { recursive: true, force: true });
      resolve({ exitCode, signal });
      // What the terminal has not taken in yet is taken in before anyone looks.
      terminal.write('', () => {
        for (const check of [...waiting]) check();
      });
    });
  });
  const screen = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
  };
  return {
    screen,
    waitFor(wanted, ms = 15_000) {
      const matches = typeof wanted === 'function' ? wanted : (shown: readonly string[]) => wanted.test(shown.join('\n'));
      return new Promise((resolve, reject) => {
        const check = () => {
          const shown = screen();
          if (!matches(shown)) return;
          waiting.delete(check);
          clearTimeout(timer);
          resolve(shown);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`not seen within ${ms} ms: ${String(wanted)}\n${screen().join('\n')}${running ? '' : '\n[the program has ended]'}`));
        }, ms);
        waiting.add(check);
        check();
      });
    },
    type: (keys) => pty.write(keys),
    resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    pid: pty.pid,
    output: () => output,
    onAlternateScreen: () => terminal.buffer.active.type === 'alternate',
    exited,
    async close() {
      if (running) pty.kill('SIGKILL');
      await exited;
      terminal.dispose();
    },
  };
}
