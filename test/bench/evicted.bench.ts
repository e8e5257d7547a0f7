import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eachAtOnce } from '../../src/kube/each-at-once.js';
import { createKubeClient } from '../../src/kube/http-client.js';
import { at } from '../../src/kube/json.js';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import { deletion } from '../../src/operations/clean/pods-deleter.js';
import { readEndedPods } from '../../src/operations/clean/pods-list.js';
import { podPath } from '../../src/operations/cluster-reading.js';
import { builtProgram } from '../e2e/program.js';

const run = promisify(execFile);
const pods = 10_000;
const hasKubectl = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'kubectl')));

test(`clean evicted deletes ${pods} pods within 1.25 times a bare loop of the same deletes, in less than half of kubectl's time, with less than 150 MB`, async () => {
  const bare = Math.min(...(await eachAtOnce([16, 32], 1, bareLoop)));
  const runs = await eachAtOnce([1, 2], 1, cleanEvicted);
  const own = {
    wall: Math.min(...runs.map(({ wall }) => wall)),
    seconds: Math.min(...runs.map(({ seconds }) => seconds)),
    megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
  };
  const kubectl = hasKubectl ? await withDemo(kubectlDelete) : null;
  const others = kubectl === null ? '' : `, kubectl ${kubectl.toFixed(1)} s`;
  process.stdout.write(
    `bare loop ${bare.toFixed(1)} s, own ${own.seconds.toFixed(1)} s (${own.wall.toFixed(1)} s with start, list and look), ${own.megabytes.toFixed(0)} MB${others}\n`,
  );
  expect(own.seconds).toBeLessThan(bare * 1.25);
  expect(own.megabytes).toBeLessThan(150);
  if (kubectl !== null) expect(own.wall).toBeLessThan(kubectl / 2);
}, 300_000);

/** The program, in a process of its own. */
function cleanEvicted(): Promise<{ readonly wall: number; readonly seconds: number; readonly megabytes: number }> {
  return withDemo(async (kubeconfig, home) => {
    const args = ['-v', process.execPath, builtProgram, '--kubeconfig', kubeconfig, 'clean', 'evicted', '-A', '--yes', '--output', 'json'];
    const started = performance.now();
    const { stdout, stderr } = await run('/usr/bin/time', args, { env: { ...process.env, HOME: home, XDG_STATE_HOME: home } });
    const wall = (performance.now() - started) / 1000;
    const summary: unknown = JSON.parse(stdout);
    expect(at(summary, 'deleted')).toBe(pods);
    return { wall, seconds: Number(at(summary, 'durationSeconds')), megabytes: Number(/Maximum resident set size \(kbytes\): (\d+)/.exec(stderr)?.[1]) / 1024 };
  });
}

/** Seconds for the deletes alone, so many at once. */
function bareLoop(atOnce: number): Promise<number> {
  return withDemo(async (kubeconfig) => {
    const config = loadKubeconfig({ text: readFileSync(kubeconfig, 'utf8'), env: {}, homeDir: '/nowhere' });
    if (config.status !== 'usable') throw new Error(JSON.stringify(config));
    const client = createKubeClient(config, { env: {} });
    const evicted = (await readEndedPods(client)).filter(({ reason }) => reason === 'Evicted');
    const started = performance.now();
    await eachAtOnce(evicted, atOnce, ({ namespace, name, uid }) => client.request(podPath(namespace, name), deletion(uid)));
    client.close();
    return (performance.now() - started) / 1000;
  });
}

async function kubectlDelete(kubeconfig: string): Promise<number> {
  const words = 'delete pods --field-selector=status.phase=Failed -A --grace-period=0 --force --wait=false';
  const started = performance.now();
  await run('kubectl', ['--kubeconfig', kubeconfig, ...words.split(' ')], { maxBuffer: 2 ** 26 });
  return (performance.now() - started) / 1000;
}

/** A demo cluster in a process of its own, with as many evicted pods. */
async function withDemo<T>(use: (kubeconfig: string, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-bench-'));
  const kubeconfig = join(folder, 'config');
  const args = [builtProgram, 'demo', '--scenario', 'evictions', '--pods', String(pods), '--kubeconfig-out', kubeconfig];
  const demo = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  try {
    for await (const _ of createInterface({ input: demo.stdout })) break;
    return await use(kubeconfig, folder);
  } finally {
    demo.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
