import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { type DemoProcess, withDemo } from '../demo-process.js';
import { atMost, type Measurement, measurement, quantile } from '../measurement.js';
import { isWhole, openProgram } from '../overview.js';
import type { TimedTerminal } from '../terminal.js';

const rates = [0, 200, 2000];
const keysPerRound = 40;

/** From a key to the frame that shows what it did, with 10,000 pods, while so many of them change each second. */
export async function keys(bench: Bench): Promise<readonly Measurement[]> {
  const lines: Measurement[] = [];
  for (const rate of rates) {
    bench.say(`keys with ${rate} events/s`);
    const args = ['--nodes', '100', '--pods', '10000', ...(rate === 0 ? [] : ['--churn', String(rate)])];
    const samples = await withDemo(bench, args, (demo) => keysOn(bench, demo));
    const what = (which: string) => `${which}, 10,000 pods, ${rate.toLocaleString('en')} watch events/s`;
    const bar = rate === 200 ? { bar: atMost(33, 'ms') } : {};
    lines.push(
      measurement({ id: `keys/${rate}-p50`, what: what('key to frame, p50'), unit: 'ms', samples }),
      measurement({ id: `keys/${rate}-p95`, what: what('key to frame, p95'), unit: 'ms', samples }, { value: quantile(samples, 0.95), ...bar }),
    );
  }
  return lines;
}

async function keysOn(bench: Bench, demo: DemoProcess): Promise<readonly number[]> {
  const terminal = openProgram(bench, demo);
  try {
    await terminal.seen(isWhole);
    await pause(2000);
    const samples: number[] = [];
    for (let round = 0; round < bench.rounds; round += 1) samples.push(...(await oneRound(terminal)));
    return samples;
  } finally {
    await terminal.close();
  }
}

/** Through a long list, and from screen to screen. */
async function oneRound(terminal: TimedTerminal): Promise<readonly number[]> {
  const samples: number[] = [];
  const press = async (key: string, wanted: (rows: readonly string[]) => boolean) => {
    const started = performance.now();
    const seen = terminal.seen(wanted);
    terminal.type(key);
    samples.push((await seen) - started);
    // As a person types, and at another moment between two flushes each time.
    await pause(50 + Math.random() * 100);
  };
  for (const [key, title] of [
    ['2', 'Nodes'],
    ['6', 'Workloads'],
  ] as const) {
    await press(key, (rows) => rows.some((row) => row.startsWith(`╭─ ${title} `)));
    for (let step = 0; step < keysPerRound / 2 - 2; step += 1) {
      const before = cursor(terminal.rows());
      await press(step < keysPerRound / 4 ? 'j' : 'k', (rows) => cursor(rows) !== before);
    }
    await press('1', (rows) => rows.some((row) => row.startsWith('╭─ Recovery')));
  }
  return samples;
}

/** Where the cursor is in a list: the tabs have the same sign. */
function cursor(rows: readonly string[]): number {
  return rows.findIndex((row, index) => index > 1 && row.includes('▸'));
}
