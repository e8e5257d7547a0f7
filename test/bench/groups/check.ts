import type { Bench } from '../bench.js';
import { type DemoProcess, withDemo } from '../demo-process.js';
import { collect, interleaved, type Samples } from '../interleaved.js';
import { type Measurement, measurement } from '../measurement.js';
import { timed } from '../peers.js';

/** `check` without a terminal, beside kubectl reading the same objects as JSON. */
export async function check(bench: Bench): Promise<readonly Measurement[]> {
  const small = await withDemo(bench, [], (demo) => checkOn(bench, demo, bench.rounds));
  const large = await withDemo(bench, ['--nodes', '100', '--pods', '10000'], (demo) => checkOn(bench, demo, bench.fewRounds));
  return [...lines(small, 'small', '3 nodes'), ...lines(large, 'large', '100 nodes, 10,000 pods')];
}

async function checkOn(bench: Bench, { env }: DemoProcess, rounds: number): Promise<Samples> {
  const samples = collect();
  const [command, ...words] = bench.program;
  const { kubectl } = bench;
  const run =
    (name: string, args: readonly [string, ...string[]], codes: readonly number[] = [0]) =>
    async () => {
      const { ms, processorMs } = await timed(args, env, codes);
      samples.add(name, ms);
      samples.add(`${name}-processor`, processorMs);
    };
  await interleaved(rounds, [
    run('check', [command, ...words, 'check', '--no-machines'], [0, 1]),
    run('machines', [command, ...words, 'check'], [0, 1]),
    ...(kubectl === null ? [] : [run('kubectl', [kubectl, 'get', 'nodes,pods', '-A', '-o', 'json'])]),
  ]);
  return samples;
}

function lines(samples: Samples, size: string, words: string): readonly Measurement[] {
  const line = (name: string, what: string) => ({ id: `check/${size}-${name}`, what: `${what}, ${words}`, unit: 'ms', samples: samples.of(name) }) as const;
  const hasPeer = samples.of('kubectl').length > 0;
  const peer = hasPeer ? measurement(line('kubectl', 'kubectl get nodes,pods -A -o json')) : null;
  const peerProcessor = hasPeer ? measurement(line('kubectl-processor', 'its processor time')) : null;
  const against = (other: Measurement | null) => (other === null ? {} : { against: other });
  return [
    ...(peer === null ? [] : [peer]),
    ...(peerProcessor === null ? [] : [peerProcessor]),
    measurement(line('check', 'check --no-machines'), against(peer)),
    measurement(line('check-processor', 'its processor time'), against(peerProcessor)),
    measurement(line('machines', 'check, the machines over SSH too'), against(peer)),
  ];
}
