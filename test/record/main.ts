// Records a visit of the built program and draws it: `node test/run.ts record/main.ts [--again] [--program FILE] [--still SECONDS --out FILE]`. `--again` draws the cast that is there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { animated } from './animation.js';
import { castSeconds, readCast, writeCast } from './asciicast.js';
import { recorded } from './recording.js';
import { posterAt, story } from './story.js';

const root = process.cwd();
const pictures = join(root, 'assets', 'pictures');
const { values } = parseArgs({
  options: {
    again: { type: 'boolean', default: false },
    program: { type: 'string', default: join(root, 'dist', 'gpuk8s-tui.js') },
    still: { type: 'string' },
    out: { type: 'string', default: join(pictures, 'reboot.svg') },
  },
});
const file = join(pictures, 'reboot.cast');
if (!values.again)
  writeFileSync(file, writeCast(await recorded(story, 'gpuk8s-tui after a power cut: verdict, cause, plan, fix, and all is back', values.program)));
const cast = readCast(readFileSync(file, 'utf8'));
const drawing = await animated(cast, values.still === undefined ? posterAt(cast) : Number(values.still));
writeFileSync(values.out, drawing);
process.stdout.write(`${castSeconds(cast).toFixed()} s, ${cast.events.length} events, ${Math.round(drawing.length / 1000)} kB: ${values.out}\n`);
