import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { eachAtOnce } from '../../../src/kube/each-at-once.js';
import { createKubeClient } from '../../../src/kube/http-client.js';
import { at } from '../../../src/kube/json.js';
import { loadKubeconfig } from '../../../src/kube/kubeconfig.js';
import { deletion } from '../../../src/operations/clean/pods-deleter.js';
import { readEndedPods } from '../../../src/operations/clean/pods-list.js';
import { podPath } from '../../../src/operations/cluster-reading.js';
import type { Bench } from '../bench.js';
import { type DemoProcess, startDemo, withDemo } from '../demo-process.js';
import { collect, interleaved, type Samples } from '../interleaved.js';
import { atMost, atMostTimes, type Measurement, measurement, median } from '../measurement.js';
import { overviewMarks } from '../overview.js';
import { timed } from '../peers.js';
import { memoryOf } from '../usage.js';

const run = promisify(execFile);

/** Clearing evicted pods, beside kubectl and beside the server's own limit; and opening the Overview while they lie about. */
export async function evicted(bench: Bench): Promise<readonly Measurement[]> {
  const opened = await openings(bench);
  const sizes = bench.quick ? [10_000] : [10_000, 50_000];
  const cleared: Measurement[] = [];
  for (const pods of sizes) {
    bench.say(`clearing ${pods.toLocaleString('en')} evicted pods`);
    cleared.push(...(await (pods > 10_000 ? clearing(bench, pods, 1, [32]) : clearing(bench, pods, bench.fewRounds, [16, 32]))));
  }
  return [...cleared, ...opened];
}

async function clearing(bench: Bench, pods: number, rounds: number, atOnce: readonly number[]): Promise<readonly Measurement[]> {
  const samples = collect();
  const fresh = (use: (demo: DemoProcess) => Promise<void>) => () => withDemo(bench, ['--scenario', 'evictions', '--pods', String(pods)], use);
  const { kubectl } = bench;
  const all = '--field-selector=status.phase=Failed -A --wait=false'.split(' ');
  await interleaved(rounds, [
    ...atOnce.map((many) => fresh(async (demo) => samples.add(`bare-${many}`, await bareLoop(demo, many)))),
    fresh((demo) => cleanEvicted(bench, demo, pods, samples)),
    ...(kubectl === null ? [] : [fresh(async ({ env }) => samples.add('kubectl', (await timed([kubectl, 'delete', 'pods', ...all], env)).ms / 1000))]),
  ]);
  const words = `${pods.toLocaleString('en')} evicted pods`;
  const line = (name: string, what: string) => ({ id: `evicted/${pods}-${name}`, what: `${what}, ${words}`, unit: 's', samples: samples.of(name) }) as const;
  const [best] = [...atOnce].sort((a, b) => median(samples.of(`bare-${a}`)) - median(samples.of(`bare-${b}`)));
  const bare = measurement({ ...line(`bare-${best}`, `a bare loop of the same deletes, ${best} at once`), id: `evicted/${pods}-bare` });
  const peer = kubectl === null ? null : measurement(line('kubectl', 'kubectl delete --wait=false'));
  return [
    bare,
    ...(peer === null ? [] : [peer]),
    measurement(line('own', 'clean evicted: the deletes'), { against: bare, bar: atMostTimes(1.25) }),
    measurement(line('wall', 'clean evicted with start, list and look afterwards'), peer === null ? {} : { against: peer }),
    measurement({ ...line('memory', 'clean evicted, most memory'), unit: 'MB' }, pods > 10_000 ? {} : { bar: atMost(150, 'MB') }),
  ];
}

async function cleanEvicted({ program }: Bench, { env }: DemoProcess, pods: number, samples: Samples): Promise<void> {
  const [command, ...words] = program;
  const started = performance.now();
  const running = run(command, [...words, 'clean', 'evicted', '-A', '--yes', '--output', 'json'], { env });
  const peak = mostMemory(running.child.pid ?? 0);
  const { stdout } = await running;
  samples.add('wall', (performance.now() - started) / 1000);
  samples.add('memory', peak());
  const summary: unknown = JSON.parse(stdout);
  if (at(summary, 'deleted') !== pods) throw new Error(`${String(at(summary, 'deleted'))} of ${pods} pods were deleted`);
  samples.add('own', Number(at(summary, 'durationSeconds')));
}

/** Looks again and again, as nothing is to be seen of a process that has ended. */
function mostMemory(pid: number): () => number {
  let most = 0;
  const timer = setInterval(() => {
    try {
      most = memoryOf(pid).peak || most;
    } catch {
      clearInterval(timer);
    }
  }, 100);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** Seconds for the deletes alone, so many at once over connections that are kept. */
async function bareLoop({ kubeconfig }: DemoProcess, atOnce: number): Promise<number> {
  const config = loadKubeconfig({ text: readFileSync(kubeconfig, 'utf8'), env: {}, homeDir: '/nowhere' });
  if (config.status !== 'usable') throw new Error(JSON.stringify(config));
  const client = createKubeClient(config, { env: {} });
  const pods = (await readEndedPods(client)).filter(({ reason }) => reason === 'Evicted');
  const started = performance.now();
  await eachAtOnce(pods, atOnce, ({ namespace, name, uid }) => client.request(podPath(namespace, name), deletion(uid)));
  client.close();
  return (performance.now() - started) / 1000;
}

/** The Overview of the same cluster with none, many and very many dead pods. */
async function openings(bench: Bench): Promise<readonly Measurement[]> {
  const dead = bench.quick ? [0, 10_000] : [0, 10_000, 50_000];
  bench.say('the Overview with dead pods lying about');
  const samples = collect();
  const demos: DemoProcess[] = [];
  try {
    for (const pods of dead) demos.push(await startDemo(bench, ['--scenario', 'evictions', '--pods', String(pods)]));
    for (const demo of demos) await overviewMarks(bench.program, demo);
    await interleaved(
      bench.rounds,
      demos.map((demo, index) => async () => samples.add(String(dead[index]), (await overviewMarks(bench.program, demo)).whole)),
    );
  } finally {
    for (const demo of demos) await demo.close();
  }
  const without = measurement({ id: 'evicted/overview-0', what: 'whole Overview without dead pods', unit: 'ms', samples: samples.of('0') });
  return [
    without,
    ...dead
      .filter((pods) => pods > 0)
      .map((pods) =>
        measurement(
          { id: `evicted/overview-${pods}`, what: `whole Overview with ${pods.toLocaleString('en')} dead pods`, unit: 'ms', samples: samples.of(String(pods)) },
          { against: without, ...(pods === 10_000 ? { bar: atMostTimes(1.2) } : {}) },
        ),
      ),
  ];
}
