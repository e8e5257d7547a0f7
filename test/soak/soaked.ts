import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { type IBuffer, Terminal } from '@xterm/headless';
import { rawOutput } from './raw-output.js';
import type { Sample } from './trend.js';
import { whereItIs } from './where-it-is.js';

/** One life of the program under test, in a terminal of its own. */
export interface Soaked {
  screen(): readonly string[];
  readonly columns: number;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Moves its time of day away from the real one. */
  jumpClock(ms: number): void;
  /** All that it wrote so far. */
  readonly characters: number;
  /** The first thing it wrote that a terminal must not get, or wrote where it must not. */
  readonly raw: string | null;
  samples(): readonly Sample[];
  /** Where its JavaScript stands, for one that seems to hang; it is of no use afterwards. */
  whereItIs(): Promise<readonly string[]>;
  readonly ended: Ending | null;
  readonly exited: Promise<Ending>;
  close(): Promise<void>;
}

export interface Ending {
  readonly exitCode: number;
  readonly stderr: string;
  /** What is not as it was on the terminal; empty where all is. */
  readonly left: readonly string[];
}

export interface SoakedOptions {
  /** The folder of gpuk8s-tui.js. */
  readonly dist: string;
  readonly home: string;
  readonly sampleEveryMs: number;
  readonly planted: string;
}

export const firstSize = { columns: 120, rows: 40 } as const;

/** Its errors go to a file, and a shell around it reads the terminal's settings before and after: both would be lost otherwise. */
const script = 'stty -a >"$SOAK_FOLDER/before"; "$@" 2>"$SOAK_FOLDER/stderr"; code=$?; stty -a >"$SOAK_FOLDER/after"; exit $code';

export async function startSoaked({ dist, home, sampleEveryMs, planted }: SoakedOptions): Promise<Soaked> {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-soaked-'));
  const inside = join(import.meta.dirname, '..', '..', 'test', 'soak', 'inside.ts');
  const { columns, rows } = firstSize;
  const inspectPort = await freePort();
  const pty = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, `--inspect-port=${inspectPort}`, '--import', inside, join(dist, 'gpuk8s-tui.js')], {
    cols: columns,
    rows,
    name: 'xterm-256color',
    cwd: home,
    env: {
      ...userEnv(home),
      TERM: 'xterm-256color',
      SOAK_FOLDER: folder,
      SOAK_EVERY_MS: String(sampleEveryMs),
      SOAK_PLANTED: planted,
    },
  });
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0, logLevel: 'off' });
  const output = rawOutput();
  let raw: string | null = null;
  let recent = '';
  let ended: Ending | null = null;
  pty.onData((piece) => {
    raw ??= output.take(piece);
    recent = (recent + piece).slice(-2000);
    terminal.write(piece, () => {
      // Once it has left its own screen it is about to end, and what is typed then is echoed by the terminal itself.
      if (ended !== null || raw !== null || terminal.buffer.active.type !== 'alternate') return;
      const beside = textOn(terminal.buffer.normal);
      if (beside !== '') raw = `${JSON.stringify(beside.slice(0, 300))} stands beside the alternate screen after ${JSON.stringify(recent)}`;
    });
  });
  const exited = new Promise<Ending>((resolve) => {
    pty.onExit(({ exitCode }) => {
      terminal.write('', () => {
        ended = { exitCode, stderr: textOf(folder, 'stderr'), left: notRestored() };
        resolve(ended);
      });
    });
  });
  const screen = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
  };
  const samples = () =>
    textOf(folder, 'samples.jsonl')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line): Sample => JSON.parse(line));
  const notRestored = () => {
    const modes = output.modes();
    const settings = (file: string) => textOf(folder, file).replace(/rows \d+; columns \d+;/, '');
    return [
      ...(terminal.buffer.active.type === 'alternate' ? ['the alternate screen is open'] : []),
      ...(modes.get('?25') === false ? ['the cursor is hidden'] : []),
      ...['?2004', '?2026'].flatMap((mode) => (modes.get(mode) === true ? [`mode ${mode} is on`] : [])),
      ...(settings('before') === settings('after') ? [] : [`stty says ${settings('after')}`]),
      ...(screen().join('').trim() === '' ? [] : ['something stands on the screen']),
    ];
  };
  return {
    screen,
    get columns() {
      return terminal.cols;
    },
    type(keys) {
      if (ended === null) pty.write(keys);
    },
    resize(newColumns, newRows) {
      if (ended !== null) return;
      terminal.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
    },
    jumpClock: (ms) => writeFileSync(join(folder, 'clock'), String(ms)),
    get characters() {
      return output.characters;
    },
    get raw() {
      return raw;
    },
    samples,
    async whereItIs() {
      const pid = samples().at(-1)?.pid;
      return pid === undefined ? ['it has not told its process id'] : whereItIs(pid, inspectPort);
    },
    get ended() {
      return ended;
    },
    exited,
    async close() {
      // The shell leads a group of its own: it and the program in it, nothing else.
      if (ended === null) killGroup(pty.pid);
      await exited;
      terminal.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself, and the news of it is on its way.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function textOn(buffer: IBuffer): string {
  return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '')
    .join('\n')
    .trim();
}

/** What a person's shell would give a program, with nothing of this one's. Whatever is typed into the settings, Prometheus is found. */
export function userEnv(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', GPUK8S_TUI_PROMETHEUS: 'monitoring/prometheus-operated:9090' };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function textOf(folder: string, file: string): string {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
