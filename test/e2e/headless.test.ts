import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built program without a terminal, in a home folder of its own. */
function run(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8' };
    execFile(process.execPath, [builtProgram, ...args], { env, cwd: folder, timeout: 90_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

describe('check', () => {
  it('is good on the healthy demo cluster', async () => {
    const { code, stdout, stderr } = await run('check', '--demo', '--output', 'json');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ schemaVersion: 2, context: 'demo', verdict: 'good', counts: { warn: 0, fail: 0, unknown: 0 } });
    expect(report.cluster.version).toMatch(/^v1\.\d+/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('names node, count and device plugin when GPUs are lost', async () => {
    const { code, stdout } = await run('check', '--demo', 'gpu-lost', '--output', 'json');
    const { verdict, checks } = JSON.parse(stdout);
    expect({ code, verdict }).toEqual({ code: 1, verdict: 'failed' });
    const lost = checks.find(({ id, status }: { id: string; status: string }) => id === 'gpu-count' && status === 'fail');
    expect(lost).toMatchObject({ object: 'node/gpu-2', severity: 'critical' });
    expect(lost.message).toMatch(/0 of 8/);
    expect(checks.some(({ id, status }: { id: string; status: string }) => id === 'device-plugin' && status === 'fail')).toBe(true);
  });

  it('says at once that it could not look while the API server refuses', async () => {
    const started = Date.now();
    const { code, stderr } = await run('check', '--demo', 'api-down');
    expect(code).toBe(2);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/refuses connections/);
  });

  it('waits for the API server to recover when told to', async () => {
    const { code, stdout } = await run('check', '--demo', 'api-down', '--wait', '2m', '--output', 'json');
    expect({ code, verdict: JSON.parse(stdout).verdict }).toEqual({ code: 0, verdict: 'good' });
  }, 120_000);

  it('is what happens without a terminal and without a command', async () => {
    const { code, stdout } = await run('--demo');
    expect(code).toBe(0);
    expect(stdout).toMatch(/everything came back/);
  });

  it('says where it looked for a kubeconfig', async () => {
    const { code, stdout, stderr } = await run('check');
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/\.kube\/config/);
  });
});

describe('a demo cluster of its own', () => {
  let demo: ChildProcess;
  const kubeconfig = join(folder, 'demo.kubeconfig');
  let addresses: { server: string; prometheus: string; exporters: { job: string; url: string }[] };

  beforeAll(async () => {
    demo = spawn(process.execPath, [builtProgram, 'demo', '--kubeconfig-out', kubeconfig], { stdio: ['ignore', 'pipe', 'inherit'] });
    addresses = await new Promise((resolve, reject) => {
      let text = '';
      demo.stdout?.on('data', (chunk) => {
        text += String(chunk);
        if (text.includes('\n')) resolve(JSON.parse(text));
      });
      demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
    });
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGTERM');
    expect(await gone).toBe(0);
  });

  it('writes a kubeconfig that only its owner can read', () => {
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    expect(readFileSync(kubeconfig, 'utf8')).toContain('current-context: demo');
  });

  it('lists the same nodes as kubectl', async () => {
    const { code, stdout } = await run('nodes', '--kubeconfig', kubeconfig, '--output', 'json');
    const own = JSON.parse(stdout);
    const kubectl = await new Promise<{ items: { metadata: { name: string }; status: { nodeInfo: { bootID: string } } }[] }>((resolve, reject) =>
      execFile('kubectl', ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'json'], { maxBuffer: 2 ** 26 }, (error, out) =>
        error === null ? resolve(JSON.parse(out)) : reject(error),
      ),
    );
    expect(code).toBe(0);
    expect(own.nodes.map(({ name, bootId }: { name: string; bootId: string }) => [name, bootId]).sort()).toEqual(
      kubectl.items.map(({ metadata, status }) => [metadata.name, status.nodeInfo.bootID]).sort(),
    );
    expect(own.nodes.find(({ name }: { name: string }) => name === 'gpu-1').gpus).toMatchObject({ capacity: 8, allocatable: 8 });
  });

  it('lists the same targets as its Prometheus', async () => {
    const { stdout } = await run('targets', '--kubeconfig', kubeconfig, '--output', 'json');
    const own = JSON.parse(stdout);
    const answer = await fetch(`${addresses.prometheus}/api/v1/targets?state=active`);
    const { data } = JSON.parse(await answer.text());
    const names = (targets: { job: string; instance: string }[]) => targets.map(({ job, instance }) => `${job} ${instance}`).sort();
    expect(names(own.targets)).toEqual(names(data.activeTargets.map(({ labels }: { labels: { job: string; instance: string } }) => labels)));
    expect(own.prometheus.version).toMatch(/^3\./);
  });

  it('serves its exporters to anyone who scrapes', async () => {
    for (const { url } of addresses.exporters) {
      const answer = await fetch(url);
      expect([url, answer.status]).toEqual([url, 200]);
      expect(await answer.text()).toMatch(/^# TYPE /m);
    }
  });

  it('shows a view-only user what it may see, and says what not', async () => {
    const { code, stdout } = await run('check', '--kubeconfig', kubeconfig, '--context', 'demo-viewer', '--output', 'json');
    const { verdict, checks } = JSON.parse(stdout);
    expect({ code, verdict }).toEqual({ code: 2, verdict: 'unknown' });
    const ready = checks.find(({ id }: { id: string }) => id === 'node-ready');
    expect(ready).toMatchObject({ status: 'unknown', message: 'not allowed to list nodes' });
    expect(checks.find(({ id }: { id: string }) => id === 'pods-not-running')).toMatchObject({ status: 'pass' });
  });

  it('lists the contexts there are when one is missing', async () => {
    const { code, stderr } = await run('nodes', '--kubeconfig', kubeconfig, '--context', 'demmo');
    expect(code).toBe(2);
    expect(stderr).toMatch(/no context "demmo".*demo, demo-viewer.*did you mean --context demo/);
  });

  it('asks a Prometheus given by URL', async () => {
    const { stdout } = await run('targets', '--kubeconfig', kubeconfig, '--prometheus', addresses.prometheus, '--output', 'json');
    expect(JSON.parse(stdout).prometheus.url).toBe(addresses.prometheus);
  });
});

describe('gpus', () => {
  it('lists MIG devices with their memory, and processes with their pods, over SSH', async () => {
    const { code, stdout } = await run('gpus', '--demo', 'mig', '--output', 'json');
    const { schemaVersion, gpus } = JSON.parse(stdout);
    expect({ code, schemaVersion }).toEqual({ code: 0, schemaVersion: 1 });
    const cut = gpus.find(({ node, index }: { node: string; index: number }) => node === 'gpu-1' && index === 0);
    expect(cut).toMatchObject({ source: 'ssh', mig: { mode: 'Enabled' }, driverVersion: expect.stringMatching(/^580\./) });
    expect(cut.mig.devices.length).toBeGreaterThan(1);
    for (const { memory } of cut.mig.devices) expect(memory.totalMiB).toBeGreaterThan(0);
    expect(cut.processes.map(({ pod }: { pod: string }) => pod)).toContainEqual(expect.stringMatching(/^ai\/chat-inference-/));
    expect(cut.utilization.gpuPercent).toBeNull();
    expect(cut.unavailable['utilization.gpuPercent']).toBeTruthy();
  });

  it('says which machine cannot be seen, and why', async () => {
    const { code, stdout, stderr } = await run('gpus', '--demo', 'driver-mismatch');
    expect(code).toBe(0);
    expect(stdout).toMatch(/gpu-1 .*A100/);
    expect(stderr).toMatch(/gpu-2.*different versions/);
  });

  it.each([
    ['', /empty/],
    ['<?xml version="1.0"?><nvidia_smi_log><gpu id="0"><product_name>NVIDIA A10', /cut|incomplete|end/i],
    ['No devices were found\n', /no devices/i],
    ['{"not": "nvidia-smi"}', /not/],
  ])('answers a broken document with one sentence: %j', async (text, sentence) => {
    const file = join(folder, 'broken.xml');
    writeFileSync(file, text);
    const { code, stdout, stderr } = await run('gpus', '--nvidia-smi', file, '--output', 'json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(sentence);
  });
});

describe('a settings file with a mistake', () => {
  it('ends every command with the sentence that says what is wrong', async () => {
    const home = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-settings-'));
    const file = join(home, 'gpuk8s-tui', 'config.json');
    const env = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: home };
    const check = () =>
      new Promise<string>((resolve) => execFile(process.execPath, [builtProgram, 'check', '--demo'], { env }, (_error, _stdout, stderr) => resolve(stderr)));
    await check();
    writeFileSync(file, '{"readonly": true}');
    expect(await check()).toMatch(/config\.json are not valid: the file has an unknown key "readonly"/);
    writeFileSync(file, '{"readOnly": tr');
    expect(await check()).toMatch(/cannot read the settings in .*config\.json/);
    rmSync(home, { recursive: true });
  });
});
