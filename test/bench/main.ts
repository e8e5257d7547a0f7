// Measures the built program beside kubectl, and beside its own last release: `npm run bench -- [--only GROUP] [--quick] [--churn-minutes N] [--save-baseline]`.
import { rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Bench, prepareBench } from './bench.js';
import { check } from './groups/check.js';
import { evicted } from './groups/evicted.js';
import { idle } from './groups/idle.js';
import { keys } from './groups/keys.js';
import { memory } from './groups/memory.js';
import { sources } from './groups/sources.js';
import { start } from './groups/start.js';
import { surroundings } from './machine.js';
import type { Measurement } from './measurement.js';
import { readBaseline, resultsFile, saveResults } from './results.js';
import { resultsTable } from './table.js';

const groups: Readonly<Record<string, (bench: Bench) => Promise<readonly Measurement[]>>> = { start, idle, keys, memory, check, evicted, sources };

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    'churn-minutes': { type: 'string' },
    'save-baseline': { type: 'boolean', default: false },
  },
});
const unknown = values.only.filter((name) => groups[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`there is no group ${unknown.join(', ')}: there are ${Object.keys(groups).join(', ')}\n`);
  process.exit(2);
}
const loadAtStart = loadavg()[0] ?? 0;
const bench = prepareBench({ quick: values.quick, churnMinutes: Number(values['churn-minutes'] ?? (values.quick ? 0.5 : 1.5)) });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(bench.folder, { recursive: true, force: true });
    process.exit(1);
  });
}
const measurements: Measurement[] = [];
let failed = false;
try {
  for (const [name, measure] of Object.entries(groups)) {
    if (values.only.length > 0 && !values.only.includes(name)) continue;
    bench.say(name);
    try {
      measurements.push(...(await measure(bench)));
      saveResults(surroundings(bench, loadAtStart), measurements, false);
    } catch (error) {
      // What the other groups take minutes to find out is not lost with it.
      bench.say(`${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
      failed = true;
    }
  }
} finally {
  rmSync(bench.folder, { recursive: true, force: true });
}
const made = surroundings(bench, loadAtStart);
process.stdout.write(`\n${resultsTable(made, measurements, readBaseline())}`);
saveResults(made, measurements, values['save-baseline'] && !failed);
bench.say(`all samples in ${resultsFile}`);
process.exit(failed ? 1 : 0);
