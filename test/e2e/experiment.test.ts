import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createKubeClient } from '../../src/kube/http-client.js';
import { at } from '../../src/kube/json.js';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import type { ExperimentState } from '../../src/state/experiments.js';
import { type InferenceService, inferenceService } from '../prometheus/inference-services.js';
import { hasNodeExporter, hasPrometheus, realNodeExporter, realPrometheus } from '../prometheus/real-prometheus.js';
import { builtProgram } from './program.js';

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A demo cluster in a process of its own, and a home folder from which experiments are run on it. */
async function aPlace(...demoOptions: readonly string[]) {
  const home = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-experiment-'));
  folders.push(home);
  const kubeconfig = join(home, 'kubeconfig');
  const env = { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8' };
  const program = (...args: readonly string[]) => {
    const child = spawn(process.execPath, [builtProgram, ...args], { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += String(data);
    });
    child.stderr.on('data', (data) => {
      stderr += String(data);
    });
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
    return { child, ended, said: () => stdout };
  };
  const demo = program('demo', '--kubeconfig-out', kubeconfig, ...demoOptions);
  await until(() => demo.said().includes('\n'), 20_000);
  return {
    home,
    experiment: (...args: readonly string[]) => program('experiment', ...args, ...(args[0] === 'status' ? [] : ['--kubeconfig', kubeconfig])),
    state: (): ExperimentState | null => {
      try {
        return JSON.parse(readFileSync(stateFile(home), 'utf8'));
      } catch {
        return null;
      }
    },
    async replicas(): Promise<unknown> {
      const usable = loadKubeconfig({ env: {}, homeDir: home, kubeconfig });
      if (usable.status !== 'usable') throw new Error('the demo writes a kubeconfig');
      const client = createKubeClient(usable, { env: {} });
      try {
        return at((await client.request('/apis/apps/v1/namespaces/ai/deployments/resnet50-inference')).body, 'spec', 'replicas');
      } finally {
        client.close();
      }
    },
    write(text: string): string {
      const file = join(home, 'replicas.yaml');
      writeFileSync(file, text);
      return file;
    },
  };
}

function stateFile(home: string): string {
  return join(home, '.local/state/gpuk8s-tui/experiments/short.json');
}

async function until(look: () => boolean, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  while (!look()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const short = (dwell: string, warmUp = '1s') => `name: short
workloads: [deployment/ai/resnet50-inference]
phases: [{ replicas: 1, dwell: ${dwell} }, { replicas: 3, dwell: ${dwell} }, { replicas: 8, dwell: ${dwell} }]
warmUp: ${warmUp}
coolDown: 0s
data: { step: 1s }
`;

/** The rows of a CSV by their heads. */
function rowsOf(file: string): readonly Readonly<Record<string, string>>[] {
  const [heads = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => Object.fromEntries(heads.split(',').map((head, index) => [head, line.split(',')[index] ?? ''])));
}

describe('experiment', () => {
  it('killed in phase 2 and run again goes on there, and leaves figures, marks and the replicas as they were', { timeout: 120_000 }, async () => {
    const place = await aPlace();
    const file = place.write(short('3s'));
    const dry = await place.experiment('run', file, '--dry-run').ended;
    expect(dry.stdout).toContain('8 of 8 run');
    expect(place.state()).toBeNull();
    const first = place.experiment('run', file, '--yes');
    await until(() => place.state()?.phase === 1 && place.state()?.stage === 'measuring', 30_000);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(statSync(stateFile(place.home)).mode & 0o777).toBe(0o600);
    const status = await place.experiment('status', file).ended;
    expect(status).toMatchObject({ code: 1, stdout: expect.stringContaining('broke off in phase 2') });
    const again = await place.experiment('run', file, '--yes').ended;
    expect(again.stdout).toContain('goes on in phase 2 of 3');
    expect(again.stderr).toBe('');
    expect(again.code).toBe(0);
    const state = place.state();
    expect(state).toMatchObject({ status: 'done', scaledBack: true });
    expect(state?.marks.map(({ what, phase, replicas }) => `${what} ${phase} ${replicas}`)).toEqual([
      'begin 1 1',
      'end 1 1',
      'begin 2 3',
      'end 2 3',
      'begin 3 8',
      'end 3 8',
    ]);
    for (const { from, to } of state?.phases ?? []) expect((to ?? 0) - (from ?? 0)).toBe(3_000);
    const results = state?.results ?? '';
    expect(readdirSync(results).sort()).toEqual(['experiment.json', 'phase-1.csv', 'phase-2.csv', 'phase-3.csv', 'summary.csv', 'summary.md', 'summary.txt']);
    expect(rowsOf(join(results, 'summary.csv')).map(({ replicas }) => replicas)).toEqual(['1', '3', '8']);
    expect(await place.replicas()).toBe(1);
  });

  it('runs detached, refuses a second one beside it, and is stopped with its replicas put back', { timeout: 120_000 }, async () => {
    const place = await aPlace();
    const file = place.write(short('1h'));
    const started = await place.experiment('run', file, '--yes', '--detach').ended;
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/runs as process \d+; gpuk8s-tui experiment status short/) });
    const second = await place.experiment('run', file, '--yes').ended;
    expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/experiment short runs already \(process \d+/) });
    await until(() => place.state()?.stage === 'measuring', 30_000);
    const stopped = await place.experiment('stop', file).ended;
    expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('experiment short: stopped') });
    expect(place.state()).toMatchObject({ status: 'stopped', scaledBack: true });
  });

  it('is not begun by a user who may not scale, nor in a read-only session', { timeout: 60_000 }, async () => {
    const place = await aPlace();
    const file = place.write(short('3s'));
    const viewer = await place.experiment('run', file, '--yes', '--context', 'demo-viewer').ended;
    expect(viewer).toMatchObject({ code: 1, stdout: expect.stringContaining('✗ this user may not patch deployments.apps/scale in ai') });
    const readOnly = await place.experiment('run', file, '--yes', '--read-only').ended;
    expect(readOnly).toMatchObject({ code: 1, stdout: expect.stringContaining('✗ this session is read-only') });
    expect(place.state()).toBeNull();
  });
});

describe.skipIf(!hasPrometheus || !hasNodeExporter)('experiment with a real Prometheus', () => {
  /** More replicas answer more, and quicker. */
  const loads: Readonly<Record<number, readonly [number, number]>> = { 1: [50, 0.2], 3: [150, 0.06], 8: [400, 0.02] };

  async function follow(service: InferenceService, state: () => ExperimentState | null, over: () => boolean) {
    let loaded = 0;
    while (!over()) {
      const now = state();
      const replicas = now?.phases[now.phase]?.replicas ?? 0;
      const load = loads[replicas];
      if (load !== undefined && replicas !== loaded) {
        loaded = replicas;
        service.load(...load);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('says what each phase answered, killed and resumed in phase 2', { timeout: 180_000 }, async () => {
    await using service = await inferenceService();
    await using node = await realNodeExporter();
    const labels = { namespace: 'ai', pod: 'resnet50-inference-6c9d7b5f4-qq7rz', app: 'resnet50-inference' };
    const jobs = [
      { job: 'inference', targets: [{ address: service.address, labels }] },
      { job: 'node-exporter', targets: [{ address: node.address, labels: { node: 'controlplane' } }] },
    ];
    await using prometheus = await realPrometheus({ onlyJobs: true, jobs });
    const place = await aPlace('--prometheus', prometheus.url);
    const file = place.write(short('6s', '3s'));
    service.load(50, 0.2);
    let over = false;
    const following = follow(service, place.state, () => over);
    const first = place.experiment('run', file, '--yes');
    await until(() => place.state()?.phase === 1 && place.state()?.stage === 'measuring', 60_000);
    first.child.kill('SIGKILL');
    await first.ended;
    const again = await place.experiment('run', file, '--yes').ended;
    over = true;
    await following;
    expect(again).toMatchObject({ code: 0, stderr: '' });
    const { results = '' } = place.state() ?? {};
    const summary = rowsOf(join(results, 'summary.csv'));
    expect(summary.map(({ replicas }) => replicas)).toEqual(['1', '3', '8']);
    const rates = summary.map((row) => Number(row['requests [1/s]']));
    const [least = 0, middle = 0, most = 0] = rates;
    // 50, 150 and 400 a second were asked for; a starved machine sends fewer, never more.
    expect(least).toBeGreaterThan(20);
    expect(least).toBeLessThan(65);
    expect(middle).toBeGreaterThan(75);
    expect(middle).toBeLessThan(190);
    expect(most).toBeGreaterThan(200);
    expect(most).toBeLessThan(500);
    // The buckets that requests of 200, 60 and 20 ms lie in: 0.1 to 0.25, 0.05 to 0.075 and 0.01 to 0.025.
    const p95 = summary.map((row) => Number(row['p95 [s]']));
    expect(p95.map((seconds) => [0.025, 0.075, 0.25].find((bound) => seconds <= bound))).toEqual([0.25, 0.075, 0.025]);
    for (const row of summary) expect(Number(row['CPU [%]'])).toBeGreaterThan(0);
    const rows = rowsOf(join(results, 'phase-3.csv'));
    expect(rows.length).toBeGreaterThanOrEqual(6);
    for (const row of rows) expect([row['phase'], row['name'], row['replicas']]).toEqual(['3', 'High', '8']);
    expect(Number(rows.at(-1)?.['ai/resnet50-inference p95 [s]'])).toBeLessThan(0.03);
    expect(Number(rows.at(-1)?.['cpu_util [%]'])).toBeGreaterThan(0);
  });
});
