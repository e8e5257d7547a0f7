import type { Bench } from '../bench.js';
import { type DemoProcess, withDemo } from '../demo-process.js';
import { collect, interleaved, type Samples } from '../interleaved.js';
import { atMost, atMostTimes, type Measurement, measurement } from '../measurement.js';
import { overviewMarks } from '../overview.js';
import { timed } from '../peers.js';

/** From the start of the program to its first frame and to a whole Overview, beside kubectl on the same server. */
export async function start(bench: Bench): Promise<readonly Measurement[]> {
  const small = await withDemo(bench, [], (demo) => startOn(bench, demo));
  const large = await withDemo(bench, ['--nodes', '100', '--pods', '10000'], (demo) => startOn(bench, demo));
  return [...lines(small, 'small', '3 nodes', true), ...lines(large, 'large', '100 nodes, 10,000 pods', false)];
}

async function startOn(bench: Bench, demo: DemoProcess): Promise<Samples> {
  const samples = collect();
  const opened = (name: string, command: readonly [string, ...string[]]) => async () => {
    const { firstFrame, nodesAndPods, whole, processorMs } = await overviewMarks(command, demo);
    samples.add(`${name}-first-frame`, firstFrame);
    samples.add(`${name}-nodes-and-pods`, nodesAndPods);
    samples.add(`${name}-whole`, whole);
    samples.add(`${name}-processor`, processorMs);
  };
  const { kubectl, binary } = bench;
  // The first start compiles the program, as it does for every user once.
  await overviewMarks(bench.program, demo);
  if (binary !== null) await overviewMarks([binary], demo);
  await interleaved(bench.rounds, [
    async () => samples.add('node', (await timed([process.execPath, '-e', '0'], demo.env)).ms),
    opened('npm', bench.program),
    ...(binary === null ? [] : [opened('file', [binary])]),
    ...(kubectl === null ? [] : kubectlRuns(kubectl, demo, samples)),
  ]);
  return samples;
}

function kubectlRuns(kubectl: string, { env }: DemoProcess, samples: Samples): readonly (() => Promise<void>)[] {
  return [
    async () => samples.add('kubectl-nodes', (await timed([kubectl, 'get', 'nodes'], env)).ms),
    async () => {
      const nodes = await timed([kubectl, 'get', 'nodes'], env);
      samples.add('kubectl-both', nodes.ms + (await timed([kubectl, 'get', 'pods', '-A'], env)).ms);
    },
  ];
}

function lines(samples: Samples, size: string, words: string, judged: boolean): readonly Measurement[] {
  const line = (name: string, what: string) => ({ id: `start/${size}-${name}`, what: `${what}, ${words}`, unit: 'ms', samples: samples.of(name) }) as const;
  const has = (name: string) => samples.of(name).length > 0;
  const floor = measurement(line('node', 'node -e 0'));
  const nodes = has('kubectl-nodes') ? measurement(line('kubectl-nodes', 'kubectl get nodes')) : null;
  const both = has('kubectl-both') ? measurement(line('kubectl-both', 'kubectl get nodes && kubectl get pods -A')) : null;
  const against = both === null ? {} : { against: both };
  const ways = [['npm', 'from npm'] as const, ...(has('file-whole') ? [['file', 'single file'] as const] : [])];
  return [
    floor,
    ...(nodes === null ? [] : [nodes]),
    ...(both === null ? [] : [both]),
    ...ways.flatMap(([name, way]) => [
      measurement(line(`${name}-first-frame`, `first frame, ${way}`), { against: floor, bar: atMost(200, 'ms') }),
      measurement(line(`${name}-nodes-and-pods`, `nodes, GPUs and pods shown, ${way}`), against),
      measurement(line(`${name}-whole`, `whole Overview, ${way}`), { ...against, ...(judged && both !== null ? { bar: atMostTimes(1) } : {}) }),
      measurement(line(`${name}-processor`, `processor time until then, ${way}`)),
    ]),
  ];
}
