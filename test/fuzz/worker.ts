import { parentPort, workerData } from 'node:worker_threads';
import { mutated, seeded } from './mutate.js';
import { planted } from './planted.js';
import { targets } from './targets.js';
import { unsafeText } from './unsafe-text.js';

/** What a worker is given: where it writes what it is about to try, so that a hang can be told from outside. */
export interface FuzzWork {
  readonly seed: number;
  readonly first: number;
  readonly withPlanted: boolean;
  /** Int32: counter, target, length; then the text in UTF-16. */
  readonly now: SharedArrayBuffer;
}

export interface Fault {
  readonly target: string;
  readonly kind: 'crash' | 'raw text' | 'hang';
  readonly why: string;
  readonly input: string;
}

/** Of a mistake in the program, not of one in its input: those are sentences in an Error of ours. */
const mistakes = [TypeError, ReferenceError, RangeError, SyntaxError];

const work: FuzzWork = workerData;
const all = work.withPlanted ? planted : targets;
const head = new Int32Array(work.now, 0, 3);
const text = new Uint16Array(work.now, 12);
const random = seeded(work.seed);
const told = new Set<string>();

for (let turn = work.first; ; turn += 1) {
  const index = turn % all.length;
  const target = all[index];
  if (target === undefined) break;
  const input = mutated(target.seeds, random, text.length);
  for (let at = 0; at < input.length; at += 1) text[at] = input.charCodeAt(at);
  head[1] = index;
  head[2] = input.length;
  Atomics.add(head, 0, 1);
  const fault = faultOf(() => target.parse(input));
  if (fault === null) continue;
  // The same mistake is told once, with the first input that showed it.
  const key = `${target.name} ${fault.kind} ${fault.kind === 'crash' ? fault.why : ''}`;
  if (told.has(key)) continue;
  told.add(key);
  parentPort?.postMessage({ target: target.name, input, ...fault });
}

function faultOf(parse: () => unknown): Pick<Fault, 'kind' | 'why'> | null {
  try {
    const unsafe = unsafeText(parse());
    return unsafe === null ? null : { kind: 'raw text', why: JSON.stringify(unsafe.slice(0, 200)) };
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'crash', why: `threw ${String(error)}` };
    if (mistakes.some((mistake) => error instanceof mistake))
      return { kind: 'crash', why: `${error.name}: ${error.message} ${error.stack?.split('\n')[1]?.trim() ?? ''}` };
    const unsafe = unsafeText(error.message);
    return unsafe === null ? null : { kind: 'raw text', why: `its error says ${JSON.stringify(unsafe.slice(0, 200))}` };
  }
}
