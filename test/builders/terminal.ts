import { PassThrough, Writable } from 'node:stream';
import xterm from '@xterm/headless';

/** A terminal in memory: what a program writes to `stdout` is drawn on a real emulator's screen, what is typed arrives at its `stdin`. */
export interface FakeTerminal {
  readonly stdin: PassThrough;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** All that was written to stdout and stderr, escape sequences and all. */
  readonly written: { readonly stdout: () => string; readonly stderr: () => string };
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** The rows as a person sees them, without blanks at their ends. */
  screen(): Promise<string>;
  /** Waits until the screen passes; fails with the last screen after the deadline. */
  until(passes: (screen: string) => boolean, what?: string): Promise<string>;
  /** Rows pushed off the top of the screen: none, unless a frame was taller than the terminal. */
  scrolledOff(): number;
  /** Rows that are the continuation of the one above: none, unless a row was wider than the terminal. */
  wrapped(): number;
  rawMode(): boolean;
  /** Whether the alternate screen is open. */
  alternate(): Promise<boolean>;
}

const deadlineMs = 15_000;

export function aTerminal(columns = 80, rows = 24): FakeTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  let out = '';
  let errors = '';
  let raw = false;
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => {
      raw = on;
    },
    ref: () => undefined,
    unref: () => undefined,
  });
  const stdout = new FakeOutput(columns, rows, (text) => {
    out += text;
    // A terminal's line discipline turns a line feed into carriage return and line feed.
    emulator.write(text.replaceAll(/\r?\n/g, '\r\n'));
  });
  const stderr = new FakeOutput(columns, rows, (text) => {
    errors += text;
  });
  const screen = async () => {
    await new Promise<void>((resolve) => emulator.write('', resolve));
    return lines(emulator)
      .map((line) => line?.translateToString(true) ?? '')
      .join('\n');
  };
  return {
    stdin,
    stdout,
    stderr,
    written: { stdout: () => out, stderr: () => errors },
    type: (keys) => stdin.write(keys),
    resize(newColumns, newRows) {
      stdout.columns = newColumns;
      stdout.rows = newRows;
      emulator.resize(newColumns, newRows);
      stdout.emit('resize');
    },
    screen,
    async until(passes, what = 'the screen expected') {
      const end = Date.now() + deadlineMs;
      for (;;) {
        const shown = await screen();
        if (passes(shown)) return shown;
        if (Date.now() > end) throw new Error(`never saw ${what}:\n${shown}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    scrolledOff: () => emulator.buffer.active.baseY,
    wrapped: () => lines(emulator).filter((line) => line?.isWrapped === true).length,
    rawMode: () => raw,
    async alternate() {
      await screen();
      return emulator.buffer.active.type === 'alternate';
    },
  };
}

function lines(emulator: InstanceType<typeof xterm.Terminal>) {
  const { active } = emulator.buffer;
  return Array.from({ length: emulator.rows }, (_, row) => active.getLine(active.baseY + row));
}

class FakeOutput extends Writable {
  readonly isTTY = true;

  constructor(
    public columns: number,
    public rows: number,
    private readonly onText: (text: string) => void,
  ) {
    super({ decodeStrings: false });
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.onText(String(chunk));
    done();
  }
}
