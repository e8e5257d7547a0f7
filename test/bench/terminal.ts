import { spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';

/** A program in a terminal whose every byte is timed. */
export interface TimedTerminal {
  readonly pid: number;
  /** performance.now() just before it was started. */
  readonly startedAt: number;
  rows(): readonly string[];
  /** When the bytes came (performance.now()) after which the picture was as wanted. Rejects with the last picture. */
  seen(wanted: (rows: readonly string[]) => boolean, ms?: number): Promise<number>;
  type(keys: string): void;
  /** How many bytes it has written so far. */
  bytes(): number;
  /** Leaves it with ctrl-c. */
  close(): Promise<void>;
}

/** Starts a command in a terminal of 120×40. */
export function openTerminal([command, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string>>): TimedTerminal {
  const startedAt = performance.now();
  const pty = spawn(command, args, { cols: 120, rows: 40, name: 'xterm-256color', cwd: env['HOME'] ?? '/', env: { ...env, TERM: 'xterm-256color' } });
  const terminal = new Terminal({ cols: 120, rows: 40, allowProposedApi: true });
  const waiting = new Set<(at: number) => void>();
  let bytes = 0;
  let running = true;
  pty.onData((data) => {
    const at = performance.now();
    bytes += Buffer.byteLength(data);
    terminal.write(data, () => {
      for (const check of [...waiting]) check(at);
    });
  });
  terminal.onData((answer) => pty.write(answer));
  const exited = new Promise<void>((resolve) => {
    pty.onExit(() => {
      running = false;
      resolve();
    });
  });
  const rows = () => Array.from({ length: 40 }, (_, row) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)?.translateToString(true) ?? '');
  return {
    pid: pty.pid,
    startedAt,
    rows,
    seen(wanted, ms = 120_000) {
      return new Promise((resolve, reject) => {
        const check = (at: number) => {
          if (!wanted(rows())) return;
          waiting.delete(check);
          clearTimeout(timer);
          resolve(at);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`not seen within ${ms} ms${running ? '' : ', and the program has ended'}:\n${rows().join('\n')}`));
        }, ms);
        waiting.add(check);
      });
    },
    type: (keys) => pty.write(keys),
    bytes: () => bytes,
    async close() {
      // Left as a person leaves it: only a program that ends by itself keeps the code that was compiled for the next start.
      const killing = setTimeout(() => pty.kill('SIGKILL'), 5_000);
      if (running) pty.write('\x03');
      await exited;
      clearTimeout(killing);
      terminal.dispose();
    },
  };
}
