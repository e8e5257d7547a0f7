import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtProgram, type Program, startProgram } from './program.js';

let state: string;
const programs: Program[] = [];

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-state-'));
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.close();
  rmSync(state, { recursive: true, force: true });
});

function start(...args: readonly string[]): Program {
  const program = startProgram(args, { env: { XDG_STATE_HOME: state } });
  programs.push(program);
  return program;
}

/** What `journal` prints, run as a command of its own. */
function journal(output: 'text' | 'json' | 'markdown'): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: state, XDG_STATE_HOME: state, LANG: 'C.UTF-8', TZ: 'UTC' };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [builtProgram, 'journal', '--output', output], { env }, (error, stdout, stderr) =>
      error === null && stderr === '' ? resolve(stdout) : reject(error ?? new Error(stderr)),
    );
  });
}

const journalFile = () => join(state, 'gpuk8s-tui', 'journal.jsonl');
const lines = (): readonly Record<string, unknown>[] =>
  readFileSync(journalFile(), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Begins the fix of the lost GPUs; it takes seconds until they are registered again. */
async function inTheMiddleOfAFix(): Promise<Program> {
  const app = start('--demo', 'gpu-lost');
  await app.waitFor(/its device plugin runs without the nvidia runtime class[\s\S]* f fix/, 30_000);
  app.type('f');
  await app.waitFor(/y does it/);
  app.type('y');
  await app.waitFor((rows) => rows.some((row) => /RUN|VERIFY/.test(row)) && !rows.some((row) => /y does it/.test(row)));
  return app;
}

const title = 'Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin-daemonset';

describe('a program that is killed in the middle of a fix', () => {
  it('leaves a journal that says what was begun; the next start and the journal command say that it was interrupted', async () => {
    const app = await inTheMiddleOfAFix();
    expect(JSON.parse(await journal('json')).entries).toMatchObject([{ title, result: 'running' }]);
    process.kill(app.pid, 'SIGKILL');
    await app.exited;
    expect(lines()).toMatchObject([
      { line: 'begun', title, context: 'demo', operation: { id: 'set-runtime-class' }, plan: [expect.stringMatching(/^PATCH /)] },
    ]);
    expect(statSync(journalFile()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await journal('json'))).toMatchObject({
      unreadable: [],
      entries: [{ title, result: 'interrupted', said: expect.stringContaining('ended in the middle of it'), undo: expect.stringContaining('kubectl') }],
    });
    expect(await journal('text')).toMatch(/! interrupted .* Set runtimeClassName nvidia on daemonset/);
    expect(await journal('markdown')).toMatch(
      /^### \d\d:\d\d:\d\d Set runtimeClassName[\s\S]*^- Result: \*\*interrupted\*\*, the program ended in the middle of it/m,
    );

    const next = start('--demo');
    await next.waitFor(/! interrupted: Set runtimeClassName/, 30_000);
    next.type('9');
    await next.waitFor(/▸9 Journal[\s\S]*Set runtimeClassName nvidia on daemonset.* interrupted /);
    next.type('\r');
    await next.waitFor(/the program ended in the middle of it/);
  }, 90_000);

  it('is no trouble for the next fix, which is journalled after it', async () => {
    const app = await inTheMiddleOfAFix();
    process.kill(app.pid, 'SIGKILL');
    await app.exited;
    const next = await inTheMiddleOfAFix();
    await next.waitFor(/✓ 8 of 8 GPUs of gpu-2 registered/, 60_000);
    await expect.poll(lines, { timeout: 60_000 }).toMatchObject([{ line: 'begun' }, { line: 'begun' }, { line: 'ended', result: 'done' }]);
    expect(JSON.parse(await journal('json')).entries.map(({ result }: { result: string }) => result)).toEqual(['done', 'interrupted']);
  }, 150_000);

  it('was only told to end where it got a SIGTERM: then the journal says that it was cancelled', async () => {
    const app = await inTheMiddleOfAFix();
    process.kill(app.pid, 'SIGTERM');
    expect(await app.exited).toMatchObject({ exitCode: 143 });
    expect(lines()).toMatchObject([
      { line: 'begun', title },
      { line: 'ended', result: 'cancelled' },
    ]);
  }, 90_000);
});
