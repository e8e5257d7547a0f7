import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram, type Program, startProgram } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-test-'));
const kubeconfig = join(folder, 'demo.kubeconfig');
let demo: ChildProcess;
const programs: Program[] = [];

// One cluster without its runtime class, for several programs.
beforeAll(async () => {
  demo = spawn(process.execPath, [builtProgram, 'demo', '--scenario', 'no-runtimeclass', '--kubeconfig-out', kubeconfig], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    demo.stdout?.once('data', resolve);
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
  });
});
afterAll(async () => {
  for (const program of programs.splice(0)) await program.close();
  const gone = new Promise((resolve) => demo.once('exit', resolve));
  demo.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: folder, LANG: 'C.UTF-8' };
  return new Promise((resolve) => {
    execFile(process.execPath, [builtProgram, ...args], { env, timeout: 100_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

/** `check` of the shared cluster's runtime class. */
const check = (...args: readonly string[]) => run('check', '--kubeconfig', kubeconfig, '--no-machines', '--only', 'runtimeclass', ...args);

function start(...args: readonly string[]): Program {
  const program = startProgram(args, { env: { XDG_STATE_HOME: folder } });
  programs.push(program);
  return program;
}

const journal = () =>
  readFileSync(join(folder, 'gpuk8s-tui', 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('who may change nothing', () => {
  it('is offered no fix in a read-only session, and no command does one', async () => {
    const app = start('--kubeconfig', kubeconfig, '--read-only');
    await app.waitFor(/RuntimeClass nvidia/, 30_000);
    expect(app.screen().at(-1)).not.toMatch(/f fix/);
    app.type('f');
    await app.waitFor(/this session is read-only: no "fix" from here/);
    app.type('?');
    const help = await app.waitFor(/Help .* read-only: without the keys that change something/);
    expect(help.join('\n')).not.toMatch(/mend it/);
    const { code, stderr } = await check('--fix', 'safe', '--yes', '--read-only');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('this session is read-only') });
  }, 60_000);

  it('is shown a plan that names the missing rights, and cannot start it', async () => {
    const app = start('--demo', 'evictions', '--context', 'demo-viewer');
    await app.waitFor(/f fix/, 30_000);
    app.type('f');
    const rows = await app.waitFor(/this user may not delete pods/);
    expect(rows.join('\n')).not.toMatch(/(?:y|enter) does it/);
    app.type('y\r');
    const { code, stderr } = await run('check', '--demo', 'evictions', '--context', 'demo-viewer', '--no-machines', '--fix', 'disruptive', '--yes');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^cannot fix evicted \(cluster\): .*: this user may not delete pods in /m);
    expect(() => journal()).toThrow('ENOENT');
  }, 90_000);
});

describe('two programs that mend the same thing at the same time', () => {
  it('do it once: the later one finds it done, and the journal of both is whole', async () => {
    const both = await Promise.all([check('--fix', 'safe', '--yes'), check('--fix', 'safe', '--yes')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const lines = journal();
    const begun = lines.filter(({ line }) => line === 'begun');
    expect(begun.length).toBeGreaterThan(0);
    // Every beginning has its end.
    expect(new Set(lines.filter(({ line }) => line === 'ended').map(({ id }) => id))).toEqual(new Set(begun.map(({ id }) => id)));
    expect(lines.filter(({ result }) => result === 'done').length).toBeGreaterThan(0);
    const again = await check('--fix', 'safe', '--yes');
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: expect.stringContaining('no finding has a fix') });
    expect(journal()).toHaveLength(lines.length);
  }, 120_000);
});
