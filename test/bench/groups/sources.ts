import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { makeReport } from '../../../src/checks/report.js';
import { checkJson } from '../../../src/cli/check-json.js';
import { matchLine } from '../../../src/diagnosis/match.js';
import { places } from '../../../src/diagnosis/signature.js';
import { parseNvidiaSmi } from '../../../src/gpu/nvidia-smi.js';
import { readSignatures } from '../../../src/signature-files.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { now } from '../../builders/snapshot.js';
import { demoMachine } from '../../demo/machines/demo-machine.js';
import type { Bench } from '../bench.js';
import { withDemo } from '../demo-process.js';
import { collect } from '../interleaved.js';
import { aLargeCluster } from '../large-cluster.js';
import { atMost, type Measurement, measurement } from '../measurement.js';
import { mixedLogs } from '../mixed-logs.js';
import { timed } from '../peers.js';

/** What is read apart from the API: machines over SSH, nvidia-smi's documents, logs; and the report made of all of it. */
export async function sources(bench: Bench): Promise<readonly Measurement[]> {
  return [await probing(bench), ...(await documents(bench)), await logs(bench), ...reports(bench)];
}

/** All of `gpuk8s-tui gpus` on fifty machines: start, nodes, log-ins, probes, nvidia-smi, table. */
async function probing(bench: Bench): Promise<Measurement> {
  bench.say('probing 50 machines over SSH');
  const [command, ...words] = bench.program;
  const samples = await withDemo(bench, ['--nodes', '50'], async ({ env }) => {
    const seconds: number[] = [];
    for (let round = 0; round < bench.rounds; round += 1) seconds.push((await timed([command, ...words, 'gpus'], env)).ms / 1000);
    return seconds;
  });
  return measurement({ id: 'sources/probe-50', what: 'gpus of 50 machines over SSH, from start to table', unit: 's', samples });
}

/** What a machine with eight GPUs prints, each time with other readings, as documents differ from one to the next. */
async function documents(bench: Bench): Promise<readonly Measurement[]> {
  bench.say('parsing nvidia-smi documents');
  const { stdout } = await demoMachine('gpu-1').run('nvidia-smi -q -x');
  const seconds: number[] = [];
  // In batches of a hundred, each told as what a thousand would take.
  for (let batch = 0; batch < 10; batch += 1) {
    const texts = Array.from({ length: 100 }, (_, index) => stdout.replace(/<gpu_temp>\d+ C/g, `<gpu_temp>${30 + ((index + batch) % 50)} C`));
    const started = performance.now();
    for (const text of texts) if (parseNvidiaSmi(text).status !== 'ok') throw new Error('a document could not be read');
    seconds.push((performance.now() - started) / 100);
  }
  const kilobytes = Math.round(stdout.length / 1024);
  return [measurement({ id: 'sources/nvidia-smi-1000', what: `1,000 nvidia-smi documents of 8 GPUs (${kilobytes} KB each)`, unit: 's', samples: seconds })];
}

/** Every signature looked for in every line, wherever it may stand. */
async function logs(bench: Bench): Promise<Measurement> {
  bench.say('matching signatures on 100 MB of logs');
  const everywhere = readSignatures().map((signature) => ({ ...signature, where: new Set(places) }));
  const file = join(bench.folder, 'mixed.log');
  await pipeline(mixedLogs(100), createWriteStream(file));
  const megabytes = statSync(file).size / 1e6;
  const seconds: number[] = [];
  for (let round = 0; round < bench.fewRounds; round += 1) {
    let matches = 0;
    const started = performance.now();
    for await (const line of createInterface({ input: createReadStream(file) })) matches += matchLine(everywhere, line, 'pod-log').length;
    seconds.push((performance.now() - started) / 1000);
    if (matches < 1000) throw new Error(`only ${matches} known failures were found`);
  }
  const what = `all ${everywhere.length} signatures on ${megabytes.toFixed(0)} MB of logs`;
  return measurement({ id: 'sources/signatures', what, unit: 's', samples: seconds }, { bar: atMost(10, 's') });
}

/** From the snapshot to the text of `check --output json`, with all objects new and with none. */
function reports(bench: Bench): readonly Measurement[] {
  const cluster = aLargeCluster();
  const samples = collect();
  for (let round = 0; round < 8 * bench.rounds; round += 1) {
    samples.add('anew', reportMs(changed(cluster)));
    samples.add('again', reportMs(cluster));
  }
  const line = (name: string, what: string) => ({ id: `sources/report-${name}`, what, unit: 'ms', samples: samples.of(name) }) as const;
  return [
    measurement(line('anew', 'check report of 100 nodes, 10,000 pods, all changed'), { bar: atMost(100, 'ms') }),
    measurement(line('again', 'check report of 100 nodes, 10,000 pods, none changed')),
  ];
}

function reportMs(snapshot: ClusterSnapshot): number {
  const started = performance.now();
  JSON.stringify(checkJson(snapshot, makeReport(snapshot, {}, now), null), null, 2);
  return performance.now() - started;
}

/** New slices with other objects in them, so that nothing worked out before can be used again. */
function changed(snapshot: ClusterSnapshot): ClusterSnapshot {
  const { pods } = snapshot;
  if (pods.value === null) throw new Error('no pods');
  return { ...snapshot, pods: { ...pods, value: new Map([...pods.value].map(([key, pod]) => [key, { ...pod }])) } };
}
