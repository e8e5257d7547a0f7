import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseXml } from '@rgrove/parse-xml';
import { afterAll, describe, expect, it } from 'vitest';
import { builtProgram, startProgram } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built program without a terminal, in a home folder that all tests here share. */
function run(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8' };
    execFile(process.execPath, [builtProgram, ...args], { env, cwd: folder, timeout: 200_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('check --fix', () => {
  it('shows the exact change and makes none without --yes', async () => {
    const { code, stdout, stderr } = await run('check', '--demo', 'no-runtimeclass', '--fix', 'safe', '--output', 'json');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^would fix runtimeclass \(cluster\): .*\(safe\)\n {9}\w+ \/apis\/node\.k8s\.io\/v1\/runtimeclasses/);
    expect(stderr).toMatch(/nothing was changed: --yes runs the fix above\n$/);
    expect(JSON.parse(stdout).fixes).toMatchObject([{ check: 'runtimeclass', result: 'planned' }]);
    expect((await run('journal')).stdout).toMatch(/nothing was done from here yet/);
  });

  it('mends a cluster without its runtime class, and journals it', async () => {
    const { code, stdout, stderr } = await run('check', '--demo', 'no-runtimeclass', '--fix', 'safe', '--yes');
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d fix runtimeclass .*\n.*\n\d\d:\d\d:\d\d done: /);
    expect(stdout).toMatch(/^✓ good/);
    expect(code).toBe(0);
    const journal = JSON.parse((await run('journal', '--output', 'json', '--since', '1h', '--context', 'demo')).stdout);
    expect(journal).toMatchObject({
      schemaVersion: 1,
      unreadable: [],
      entries: [{ operation: { id: 'apply-runtime-class' }, result: 'done', context: 'demo' }],
    });
    expect((await run('journal', '--output', 'markdown')).stdout).toMatch(/^# Journal\n\n## \d{4}-\d\d-\d\d, \w+day\n\n### \d\d:\d\d:\d\d Create RuntimeClass/);
  }, 120_000);
});

describe('check of a cluster that comes back', () => {
  it('prints each step that gets done, and ends with 0 when all is back', async () => {
    const { code, stderr } = await run('check', '--demo', 'rebooting', '--wait', '3m');
    expect(code).toBe(0);
    for (const step of ['kubelet', 'API server', 'node Ready', 'device plugin', 'GPUs registered', 'workloads'])
      expect(stderr).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d gpu-2 ${step} (?:by )?\\+\\d:\\d\\d`, 'm'));
    expect(stderr).toMatch(/seen over SSH: kubelet/);
    expect(stderr).toMatch(/ good after \d+s\n$/);
  }, 200_000);

  it('draws its way back on a terminal', async () => {
    const program = startProgram(['check', '--demo', 'rebooting', '--wait', '3m'], { columns: 100, rows: 40 });
    await program.waitFor(/… gpu-2 .*\n {2}. SSH/, 30_000);
    const rows = await program.waitFor(/✓ SSH answers .*\n(.*\n)* {2}✓ containerd/, 60_000);
    expect(rows.filter((row) => row.includes('… gpu-2 '))).toHaveLength(1);
    await program.close();
  }, 120_000);
});

describe('check for other programs', () => {
  it('writes JUnit and Prometheus files', async () => {
    const junit = join(folder, 'check.xml');
    expect((await run('check', '--demo', 'gpu-lost', '--no-machines', '--output', 'junit', '--output-file', junit)).code).toBe(1);
    const xml = readFileSync(junit, 'utf8');
    expect(() => parseXml(xml)).not.toThrow();
    expect(xml).toMatch(/<testcase classname="gpuk8s-tui.gpu-count" name="node\/gpu-2" time="0">\n {6}<failure type="critical" message="gpu-2: 0 of 8/);
    const metrics = join(folder, 'check.prom');
    expect((await run('check', '--demo', '--no-machines', '--output', 'prometheus', '--output-file', metrics)).code).toBe(0);
    expect(readFileSync(metrics, 'utf8')).toMatch(/^gpuk8s_check_verdict\{context="demo"\} 0$/m);
  });

  it('says that --yes alone says yes to nothing', async () => {
    const { code, stderr } = await run('check', '--demo', '--yes');
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'gpuk8s-tui: --yes says yes to nothing: add --fix safe or --fix disruptive\n' });
  });
});
