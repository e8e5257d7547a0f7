// Feeds changed copies of real answers to every parser: `npm run fuzz -- --seconds 60 [--seed N] [--planted]`. Exit 1 where one crashes, hangs, or lets through what a screen must not get.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { planted } from './planted.js';
import { targets } from './targets.js';
import type { Fault, FuzzWork } from './worker.js';

/** Of an input of at most 64 KB nothing may take so long. */
const hangMs = 5_000;
const mostCharacters = 64 * 1024;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    planted: { type: 'boolean', default: false },
  },
});
const names = (values.planted ? planted : targets).map(({ name }) => name);
const endsAt = Date.now() + Number(values.seconds) * 1000;
const folder = join(process.cwd(), 'build', 'fuzz');
const faults = new Map<string, Fault>();
process.stdout.write(`${names.length} parsers, seed ${values.seed}, ${values.seconds} s\n`);
const counts = await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, (_, index) => fuzz(Number(values.seed) + index, index)));
for (const fault of faults.values()) report(fault);
process.stdout.write(`${counts.reduce((sum, count) => sum + count, 0)} inputs, ${faults.size === 0 ? 'no fault' : `${faults.size} faults`}\n`);
process.exit(faults.size === 0 ? 0 : 1);

/** One worker after another until the time is over: one that hangs is ended and followed by the next. Resolves to the number of inputs. */
async function fuzz(seed: number, first: number): Promise<number> {
  let tried = 0;
  for (let round = 0; Date.now() < endsAt; round += 1) tried += await untilHang(seed + 1000 * round, first + round);
  return tried;
}

async function untilHang(seed: number, first: number): Promise<number> {
  const now = new SharedArrayBuffer(12 + 2 * mostCharacters);
  const head = new Int32Array(now, 0, 3);
  const work: FuzzWork = { seed, first, withPlanted: values.planted, now };
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: work });
  worker.on('message', (fault: Fault) => note(fault));
  const died = new Promise<'died'>((resolve) => {
    worker.once('error', (error) => {
      note(current(now, 'crash', `the worker died: ${error instanceof Error ? error.message : String(error)}`));
      resolve('died');
    });
  });
  let last = 0;
  let lastAt = Date.now();
  for (;;) {
    const ended = await Promise.race([died, new Promise<'look'>((resolve) => setTimeout(resolve, 200, 'look'))]);
    const count = Atomics.load(head, 0);
    if (count !== last) [last, lastAt] = [count, Date.now()];
    const hangs = count > 0 && Date.now() - lastAt > hangMs;
    if (hangs) note(current(now, 'hang', `no answer within ${hangMs / 1000} s`));
    if (hangs || ended === 'died' || Date.now() > endsAt) {
      await worker.terminate();
      return count;
    }
  }
}

function current(now: SharedArrayBuffer, kind: Fault['kind'], why: string): Fault {
  const [, target = 0, length = 0] = new Int32Array(now, 0, 3);
  const characters = new Uint16Array(now, 12).subarray(0, length);
  const input = Array.from(characters, (code) => String.fromCharCode(code)).join('');
  return { target: names[target] ?? '', kind, why, input };
}

function note(fault: Fault): void {
  const key = `${fault.target} ${fault.kind} ${fault.kind === 'crash' ? fault.why : ''}`;
  if (!faults.has(key)) faults.set(key, fault);
}

function report({ target, kind, why, input }: Fault): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${target.replace(/\W+/g, '-')}-${createHash('sha256').update(input).digest('hex').slice(0, 8)}.txt`);
  writeFileSync(file, input);
  process.stdout.write(`${kind}: ${target}: ${why}\n  input of ${input.length} characters in ${file}\n`);
}
