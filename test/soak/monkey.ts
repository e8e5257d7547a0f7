import { bindings } from '../../views/keys.js';
import type { Soaked } from './soaked.js';

/** Presses keys that nobody thought about. */
export interface Monkey {
  /** One thing that hands do: a key, a word, a paste, a corner of the window. */
  turn(soaked: Soaked): void;
  readonly keys: number;
}

/** What ends the program or takes the terminal from it is left out: that is looked at when the soak ends. */
const leftOut = new Set(['q', 'ctrl-c', 'ctrl-z', '!']);
const keys = [...new Set(bindings.flatMap((binding) => binding.keys))].filter((key) => !leftOut.has(key));

const special: Readonly<Record<string, string>> = {
  ...{ enter: '\r', esc: '\x1b', tab: '\t', 'shift-tab': '\x1b[Z', space: ' ', backspace: '\x7f', delete: '\x1b[3~' },
  ...{ up: '\x1b[A', down: '\x1b[B', right: '\x1b[C', left: '\x1b[D', pgdn: '\x1b[6~', pgup: '\x1b[5~', home: '\x1b[H', end: '\x1b[F' },
};

// None of these words holds a q: where nothing is being typed it would leave.
const words = ['/gpu', '/!ready', '/[', '/(a+)+$', '/HOSTILE', '0', '3', '99999999999', 'ai/x=0.2', 'true', 'gpu-1,gpu-2', '-', '日本語', '👩‍🚀', 'ops'];
const commands = [
  'nodes',
  'gpus',
  'monitoring',
  'latency',
  'workloads',
  'cleanup',
  'setup',
  'journal',
  'overview',
  'settings',
  'experiment',
  'help',
  'new setup',
];
const contexts = ['ctx demo', 'ctx demo-viewer', 'ctx nowhere', 'experiment /nonexistent'];
const oddities = [
  '\x1b[200~pasted\ntext\x1b[201~',
  '\x1b[99~',
  '\x1b[<0;5;5M',
  '\x1bOP',
  'jjjjjjjjjj',
  'x'.repeat(3000),
  '\x1b[I',
  '\x1b[O',
  '\u0000',
  '\x1b\x1b\x1b',
];
const sizes = [
  ...([
    [1, 1],
    [2, 40],
    [300, 2],
    [40, 12],
    [79, 24],
    [80, 23],
  ] as const),
  ...([
    [80, 24],
    [80, 24],
    [100, 30],
    [120, 40],
    [120, 40],
    [160, 50],
    [220, 60],
    [300, 100],
  ] as const),
];

export function createMonkey(random: () => number): Monkey {
  const confirmed = new Set<string>();
  let pressed = 0;
  const pick = <T>(from: readonly T[], otherwise: T): T => from[Math.floor(random() * from.length)] ?? otherwise;
  const type = (soaked: Soaked, text: string) => {
    pressed += 1;
    soaked.type(text);
  };
  return {
    get keys() {
      return pressed;
    },
    turn(soaked) {
      const confirmation = confirmationOn(soaked.screen());
      if (confirmation !== null) {
        // Nothing is confirmed twice: the cluster would only be worn out by it.
        const isNew = !confirmed.has(confirmation.what);
        confirmed.add(confirmation.what);
        for (const keys of isNew && random() < 0.7 ? confirmation.keys : ['\x1b']) type(soaked, keys);
        return;
      }
      // A setting or two may change, but not all of them: nothing would be left to look at.
      if (soaked.screen().some((row) => row.startsWith('╭─ Settings')) && random() < 0.7) {
        type(soaked, '\x1b');
        return;
      }
      const choice = random();
      if (choice < 0.62) type(soaked, bytesOf(pick(keys, 'j')));
      else if (choice < 0.72) type(soaked, pick(['1', '2', '3', '4', '5', '6', '7', '8', '9'], '1'));
      else if (choice < 0.8) type(soaked, `${pick(words, 'gpu')}${pick(['\r', '\x1b', ''], '')}`);
      else if (choice < 0.88) type(soaked, `:${pick(commands, 'nodes')}\r`);
      else if (choice < 0.885) type(soaked, `:${pick(contexts, 'ctx demo')}\r`);
      else if (choice < 0.93) type(soaked, pick(oddities, 'j'));
      else if (choice < 0.96) type(soaked, '\x1b');
      else {
        const [columns, rows] = random() < 0.3 ? [1 + Math.floor(random() * 300), 1 + Math.floor(random() * 100)] : pick(sizes, [120, 40]);
        soaked.resize(columns, rows);
      }
    },
  };
}

/** What a plan on the screen waits for: which plan it is, and the keys that carry it out. */
function confirmationOn(rows: readonly string[]): { readonly what: string; readonly keys: readonly string[] } | null {
  const asking = rows.findLast((row) => /\b(?:enter|y) does it\b|\benter, then type |^│ type \S+: /.test(row));
  if (asking === undefined) return null;
  const what = (rows.find((row) => /^╭/.test(row)) ?? '').replace(/[─╮╭]+/g, ' ').trim();
  const [, name] = /\benter, then type (\S+)/.exec(asking) ?? [];
  const [, typing] = /^│ type (\S+): /.exec(asking) ?? [];
  if (typing !== undefined) return { what: `${what}, typed`, keys: [typing, '\r'] };
  if (name !== undefined) return { what, keys: ['\r', name, '\r'] };
  return { what, keys: [/\by does it/.test(asking) ? 'y' : '\r'] };
}

function bytesOf(key: string): string {
  const known = special[key];
  if (known !== undefined) return known;
  const [, letter] = /^ctrl-([a-z])$/.exec(key) ?? [];
  return letter === undefined ? key : String.fromCharCode(letter.charCodeAt(0) - 0x60);
}
