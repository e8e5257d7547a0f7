// Runs inside the program under test (node --import): tells how much it holds, moves its clock, and has a fault of its own where one is planted.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const folder = process.env['SOAK_FOLDER'] ?? '.';
const everyMs = Number(process.env['SOAK_EVERY_MS'] ?? '5000');
const planted = process.env['SOAK_PLANTED'] ?? '';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const startedAt = performance.now();

/** What a real jump of the clock moves: the time of day, and nothing that counts from the start. */
let jumped = 0;
const realNow = Date.now;
const now = () => realNow() + jumped;
globalThis.Date = new Proxy(Date, {
  construct: (target, given, asked) => Reflect.construct(target, given.length === 0 ? [now()] : given, asked),
  apply: (target) => new target(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});

setInterval(() => {
  try {
    jumped = Number(readFileSync(join(folder, 'clock'), 'utf8'));
  } catch {
    jumped = 0;
  }
}, 250).unref();

setInterval(() => {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const kinds: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const sample = { pid: process.pid, atMs: performance.now() - startedAt, heapUsed, external, rss, kinds };
  appendFileSync(join(folder, 'samples.jsonl'), `${JSON.stringify(sample)}\n`);
}, everyMs).unref();

const kept: unknown[] = [];
if (planted === 'leak') setInterval(() => kept.push(Array.from({ length: 60_000 }, () => ({ kept: Math.random() }))), 400).unref();
if (planted === 'crash')
  setTimeout(() => {
    throw new Error('a planted crash');
  }, 2_000).unref();
if (planted === 'escape') setTimeout(() => process.stdout.write('\x1b]0;a planted title\x07'), 2_000).unref();
if (planted === 'hang')
  setTimeout(function aPlantedLoop() {
    for (;;) Math.random();
  }, 2_000).unref();
