import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { builtProgram, startProgram } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built program without a terminal, in a home folder that all tests here share. */
function run(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8' };
    execFile(process.execPath, [builtProgram, ...args], { env, cwd: folder, timeout: 100_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('scale', () => {
  it('foretells without changing anything, and does with --yes what it foretold', async () => {
    const foretold = await run('scale', 'deployment/resnet50-inference', '--replicas', '8', '--dry-run', '--demo', '--output', 'json');
    expect(foretold.code).toBe(0);
    expect(JSON.parse(foretold.stdout)).toMatchObject({
      workloads: [{ namespace: 'ai', from: 1, to: 8, forecast: { ready: 8, pending: 0 } }],
      result: 'planned',
    });
    const done = await run('scale', 'deployment/resnet50-inference', '-n', 'ai', '--replicas', '12', '--yes', '--demo');
    expect(done.stderr).toMatch(/as foretold: 8 of 12 Ready; 4 Pending: 0\/3 nodes are available: 3 Insufficient nvidia.com\/gpu$/m);
    expect(done.code).toBe(0);
    const journal = JSON.parse((await run('journal', '--output', 'json', '--since', '1h')).stdout);
    expect(journal).toMatchObject({ entries: [{ operation: { id: 'scale', input: { replicas: '12' } }, result: 'done' }] });
  }, 120_000);

  it('refuses numbers that are none, and sessions that may only look', async () => {
    expect(await run('scale', 'deployment/resnet50-inference', '--replicas', '-1', '--demo')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the least is 0'),
    });
    expect((await run('scale', 'deployment/resnet50-inference', '--replicas', '1000000', '--yes', '--demo')).stderr).toContain(
      'all nodes together take 330 pods at most',
    );
    expect(await run('scale', 'deployment/resnet50-inference', '--replicas', '3', '--yes', '--demo', '--read-only')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('this session is read-only'),
    });
    expect((await run('scale', 'deployment/resnet50-inference', '--replicas', '3', '--yes', '--demo', '--context', 'demo-viewer')).stderr).toContain(
      'this user may not patch deployments.apps/scale in ai',
    );
  }, 120_000);

  it('goes in the app from the list to the proof', async () => {
    const program = startProgram(['--demo', 'time-sliced', '--screen', 'workloads'], { columns: 80, rows: 24 });
    await program.waitFor(/resnet50-inference +5\/5/, 30_000);
    program.type('/resnet\r');
    await program.waitFor(/Workloads 1 of/);
    program.type('s');
    await program.waitFor(/offered: baseline 1/);
    program.type('8');
    await program.waitFor(/✓ 8 of 8 pods Ready/);
    program.type('\r');
    await program.waitFor(/done when +8 of 8 pods of deployment/);
    program.type('\r');
    await program.waitFor(/✓ done, and seen/, 60_000);
    program.type('\x1b');
    await program.waitFor(/resnet50-inference +8\/8/);
    await program.close();
  }, 120_000);
});
