// Lets the built program live through an hour of everything that can go wrong: `npm run soak -- --minutes 10 [--seed N] [--dist FOLDER] [--planted leak|crash|escape|hang]`. Exit 1 where it is the worse for it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    dist: { type: 'string', default: join(import.meta.dirname, '..', '..', 'dist') },
    planted: { type: 'string', default: '' },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
say(`${values.minutes} min of ${values.dist}, seed ${values.seed}`);
const { troubles, frames } = await soak({ minutes: Number(values.minutes), seed: Number(values.seed), dist: values.dist, planted: values.planted, say });
if (troubles.length > 0) for (const frame of frames) say(`\n${frame}`);
for (const trouble of troubles) say(`\n✗ ${trouble}`);
say(troubles.length === 0 ? 'no fault' : `${troubles.length} faults with seed ${values.seed}`);
process.exit(troubles.length === 0 ? 0 : 1);
