import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { type DemoProcess, withDemo } from '../demo-process.js';
import { atMost, type Measurement, measurement, quantile } from '../measurement.js';
import { isWhole, openProgram } from '../overview.js';
import { openTerminal, type TimedTerminal } from '../terminal.js';

const rates = [0, 200, 2000];
const keysPerRound = 20;
const parts = [
  ['p50', 0.5],
  ['p95', 0.95],
] as const;

/** From a key to the frame that shows what it did, with 10,000 pods, while so many of them change each second. */
export async function keys(bench: Bench): Promise<readonly Measurement[]> {
  const lines: Measurement[] = [];
  for (const rate of rates) {
    bench.say(`keys with ${rate} events/s`);
    const args = ['--nodes', '100', '--pods', '10000', ...(rate === 0 ? [] : ['--churn', String(rate)])];
    const { own, bare } = await withDemo(bench, args, (demo) => keysOn(bench, demo));
    for (const [name, part] of parts) {
      const words = `${name}, 10,000 pods, ${rate.toLocaleString('en')} watch events/s`;
      const against = measurement(
        { id: `keys/${rate}-bare-${name}`, what: `key to echo by a bare Node program, ${words}`, unit: 'ms', samples: bare },
        { value: quantile(bare, part) },
      );
      const judged = rate === 200 && name === 'p95' ? { bar: atMost(33, 'ms') } : {};
      lines.push(
        against,
        measurement(
          { id: `keys/${rate}-${name}`, what: `key to frame, ${words}`, unit: 'ms', samples: own },
          { value: quantile(own, part), against, ...judged },
        ),
      );
    }
  }
  return lines;
}

async function keysOn(bench: Bench, demo: DemoProcess): Promise<{ readonly own: readonly number[]; readonly bare: readonly number[] }> {
  const terminal = openProgram(bench, demo);
  const echo = openTerminal([process.execPath, '-e', echoing], demo.env);
  try {
    await Promise.all([terminal.seen(isWhole, 300_000), echo.seen((rows) => rows[0] === 'ready')]);
    await pause(2000);
    const own: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < bench.rounds; round += 1) {
      own.push(...(await oneRound(terminal)));
      bare.push(...(await echoed(echo, round)));
    }
    return { own, bare };
  } finally {
    await terminal.close();
    await echo.close();
  }
}

/** What any program of Node takes at least, on this machine and at this moment. */
const echoing = `process.stdin.setRawMode(true);
  process.stdout.write('ready');
  process.stdin.on('data', (key) => key[0] === 3 ? process.exit() : process.stdout.write('\\x1b[2J\\x1b[H' + key));`;

async function echoed(echo: TimedTerminal, round: number): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let key = 0; key < keysPerRound; key += 1)
    await press(echo, String.fromCharCode(97 + ((key + round) % 26)), samples, (rows, typed) => rows[0] === typed);
  return samples;
}

async function press(terminal: TimedTerminal, key: string, samples: number[], wanted: (rows: readonly string[], key: string) => boolean): Promise<void> {
  const started = performance.now();
  const seen = terminal.seen((rows) => wanted(rows, key));
  terminal.type(key);
  samples.push((await seen) - started);
  // As a person types, and at another moment between two flushes each time.
  await pause(50 + Math.random() * 100);
}

/** Through a long list, and from screen to screen. */
async function oneRound(terminal: TimedTerminal): Promise<readonly number[]> {
  const samples: number[] = [];
  for (const [key, title] of [
    ['2', 'Nodes'],
    ['6', 'Workloads'],
  ] as const) {
    await press(terminal, key, samples, (rows) => rows.some((row) => row.startsWith(`╭─ ${title} `)));
    for (let step = 0; step < keysPerRound / 2 - 2; step += 1) {
      const before = cursor(terminal.rows());
      await press(terminal, step < keysPerRound / 4 ? 'j' : 'k', samples, (rows) => cursor(rows) !== before);
    }
    await press(terminal, '1', samples, (rows) => rows.some((row) => row.startsWith('╭─ Recovery')));
  }
  return samples;
}

/** Where the cursor is in a list: the tabs have the same sign. */
function cursor(rows: readonly string[]): number {
  return rows.findIndex((row, index) => index > 1 && row.includes('▸'));
}
