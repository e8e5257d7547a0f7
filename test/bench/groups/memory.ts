import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { type DemoProcess, withDemo } from '../demo-process.js';
import { collect, type Samples } from '../interleaved.js';
import { atMost, type Measurement, measurement, median } from '../measurement.js';
import { isWhole, openProgram } from '../overview.js';
import { memoryOf } from '../usage.js';

const sizes = [100, 10_000, 50_000, 100_000];
const settleMs = 5_000;

/** What the program holds after its Overview is whole, and the most it held until then, from small clusters to very large ones; and whether it grows while pods change. */
export async function memory(bench: Bench): Promise<readonly Measurement[]> {
  const samples = collect();
  for (const pods of bench.quick ? sizes.slice(0, 2) : sizes) {
    bench.say(`memory with ${pods.toLocaleString('en')} pods`);
    // The demo's own pods come on top of what is asked for only where that is less than they are.
    const rounds = pods <= 10_000 ? bench.rounds : pods <= 50_000 ? bench.fewRounds : 1;
    await withDemo(bench, ['--pods', String(pods)], async (demo) => {
      for (let round = 0; round < rounds; round += 1) await loaded(bench, demo, pods, samples);
    });
  }
  return [...lines(samples), ...(await churned(bench))];
}

async function loaded(bench: Bench, demo: DemoProcess, pods: number, samples: Samples): Promise<void> {
  const terminal = openProgram(bench, demo);
  try {
    await terminal.seen(isWhole, 300_000);
    await pause(settleMs);
    const { megabytes, peak } = memoryOf(terminal.pid);
    samples.add(`${pods}-after`, megabytes);
    samples.add(`${pods}-peak`, peak);
  } finally {
    await terminal.close();
  }
}

function lines(samples: Samples): readonly Measurement[] {
  const known = sizes.filter((pods) => samples.of(`${pods}-after`).length > 0);
  const each = known.flatMap((pods) => {
    const words = `${pods.toLocaleString('en')} pods`;
    const judged = pods === 10_000;
    return [
      measurement(
        { id: `memory/${pods}-after`, what: `after load, ${words}`, unit: 'MB', samples: samples.of(`${pods}-after`) },
        judged ? { bar: atMost(150, 'MB') } : {},
      ),
      measurement(
        { id: `memory/${pods}-peak`, what: `peak, ${words}`, unit: 'MB', samples: samples.of(`${pods}-peak`) },
        judged ? { bar: atMost(220, 'MB') } : {},
      ),
    ];
  });
  const most = known.at(-1);
  if (most === undefined || most <= 10_000) return each;
  const base = median(samples.of('10000-after'));
  const slope = samples.of(`${most}-after`).map((megabytes) => ((megabytes - base) * 1024) / (most - 10_000));
  return [
    ...each,
    measurement(
      { id: 'memory/per-pod', what: `each further pod, from 10,000 to ${most.toLocaleString('en')}`, unit: 'KB', samples: slope },
      { bar: atMost(1.5, 'KB') },
    ),
  ];
}

/** The most of each tenth of the time, as what is not collected yet comes and goes. */
async function churned(bench: Bench): Promise<readonly Measurement[]> {
  bench.say(`memory over ${bench.churnMinutes} min of 200 changes a second`);
  const held = await withDemo(bench, ['--pods', '10000', '--churn', '200'], async (demo) => {
    const terminal = openProgram(bench, demo);
    try {
      await terminal.seen(isWhole, 300_000);
      await pause(settleMs);
      const tenths: number[] = [];
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const looks: number[] = [];
        for (let look = 0; look < 20; look += 1) {
          await pause((bench.churnMinutes * 60_000) / 200);
          looks.push(memoryOf(terminal.pid).megabytes);
        }
        tenths.push(median(looks));
      }
      return tenths;
    } finally {
      await terminal.close();
    }
  });
  const what = `under 200 changes a second for ${bench.churnMinutes} min, 10,000 pods`;
  // What the engine still makes room for in its first minutes is no growth: from the third tenth on it has to stay.
  const growth = median(held.slice(-3)) - median(held.slice(2, 5));
  return [
    measurement({ id: 'memory/churn', what, unit: 'MB', samples: held }),
    measurement({ id: 'memory/churn-growth', what: `growth ${what}`, unit: 'MB', samples: [growth] }, { bar: atMost(10, 'MB') }),
  ];
}
