import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNodes } from '../../src/cli/nodes.js';
import { clean } from '../../src/text/clean.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aNode, collection } from '../builders/snapshot.js';
import { written } from '../cli/written.js';
import { isHalfCleaned, sequences, survivors } from './hostile/planted.js';
import { type PoisonedWorld, poisonedWorld } from './hostile/poisoned-world.js';
import { type Program, startProgram } from './program.js';

const [enter, esc, tab, down, end] = ['\r', '\x1b', '\t', '\x06', 'G'] as const;
const more = [down, down, down, down, end];

/** Keys, and what is waited for between them. */
type Walk = readonly (string | RegExp)[];

/** One page after the other. */
const pages: Readonly<Record<string, Walk>> = {
  'overview, findings and one of them': ['1', enter, ...more, 'g', enter, ...more, esc, esc],
  'a plan': ['1', 'f', /CONFIRM|blocked/, ...more, esc],
  nodes: ['2', enter, ...more, esc, 'j', enter, ...more, esc, 'j', enter, ...more, 'y', /apiVersion/, ...more, esc, esc, 'd', esc],
  GPUs: ['3', enter, ...more, esc, tab, enter, ...more, esc, 'G', enter, ...more, esc, 'v', '>', ...more, esc],
  monitoring: ['4', enter, ...more, esc, tab, enter, ...more, esc, tab, enter, ...more, esc, tab, enter, esc],
  latency: ['5', enter, 'h', ...more, esc],
  workloads: ['6', enter, ...more, 'l', /zq-megabyte/, ...more, 'g', esc, esc, 'y', /apiVersion/, ...more, esc, 's', esc],
  cleanup: ['7', /Evicted/, enter, ...more, esc, tab, enter, ...more, esc],
  setup: ['8', /zq-profile/, enter, /zq-step-title/, ...more, 'g', enter, ...more, esc, 'v', ...more, esc, 'a', ...more, esc, 'e', ...more, esc, esc, esc],
  journal: ['9', /zq-title/, enter, ...more, esc],
  'palette, contexts, settings and help': [':', 'ctx ', esc, ':settings', enter, ...more, esc, '?', esc, '/zq', enter, esc],
};

/** The words by which hostile text was seen on its way: each is planted in another place, and must be seen on some page. */
const shown = [
  ...[
    'zq-annotation',
    'zq-condition',
    'zq-container',
    'zq-context',
    'zq-event',
    'zq-image',
    'zq-kubeletversion',
    'zq-log',
    'zq-megabyte',
    'zq-reason',
    'zq-why',
  ],
  ...['zq-label', 'zq-scrapeurl', 'zq-severity', 'zq-summary', 'zq-version', 'zq-warning'],
  ...['zq-certificates', 'zq-instructions', 'zq-kernel', 'zq-mounted', 'zq-pretty', 'zq-process', 'zq-product', 'zq-prompt', 'zq-serial', 'zq-xids'],
  ...['zq-input', 'zq-long', 'zq-plan', 'zq-said', 'zq-title', 'zq-undo', 'zq-where', 'zq-who'],
  ...['zq-book-title', 'zq-broken', 'zq-other', 'zq-profile-title', 'zq-script', 'zq-step-title', 'zq-step-why', 'zq-words'],
];

/** What prints foreign text without the app. */
const commands = [
  'check',
  'check --output json',
  'check --output junit',
  'check --output prometheus',
  'nodes',
  'nodes --output json',
  'targets',
  'targets --output json',
  'gpus',
  'gpus --output json',
  'latency',
  'latency --output json',
  'journal',
  'journal --output json',
  'journal --output markdown',
  'clean evicted -A --dry-run',
  'setup list',
  'setup list --output json',
  'setup show zq-book',
  'setup show zq-here',
  'setup show zq-here --output json',
  'setup status',
  'setup status --output json',
  'setup plan zq-book',
  'setup plan zq-book --format script',
  'setup run zq-book --yes',
];

describe('hostile text from everywhere', { timeout: 300_000 }, () => {
  let world: PoisonedWorld;
  beforeAll(async () => {
    world = await poisonedWorld('xid-79');
  });
  afterAll(() => world.close());

  it('reaches the terminal from no screen, and breaks none', async () => {
    const app = startProgram([], { env: { HOME: world.home } });
    const walker = walkerOn(app);
    await app.waitFor(/zq-context.* ready .* targets [\s\S]*asks something: 3/, 60_000);
    await walker.walk('the question', ['3', /zq-prompt[\s\S]*enter answer/, 'secret', /▸ \*{6}/, enter]);
    await app.waitFor((rows) => !rows.some((row) => /zq-prompt|asks something/.test(row)));
    for (const [page, keys] of Object.entries(pages)) await walker.walk(page, keys);
    app.type('\x03');
    await app.exited;
    expect([...walker.seen]).toEqual(expect.arrayContaining([...shown]));
    expect(survivors(app.output())).toEqual([]);
  });

  it('reaches it neither from a plan that runs nor from what it says', async () => {
    const broken = await poisonedWorld('swap-on');
    try {
      const app = startProgram([], { env: { HOME: broken.home } });
      const walker = walkerOn(app);
      await app.waitFor(/gpu-1 has swap on[\s\S]*Fix: Turn swap off/, 60_000);
      await walker.walk('the cause and its fix', [
        '1',
        enter,
        enter,
        /zq-unit/,
        ...more,
        esc,
        'f',
        /CONFIRM/,
        ...more,
        'y',
        /VERIFY/,
        ...more,
        esc,
        esc,
        '9',
        /Switch swap off/,
        enter,
        ...more,
        esc,
      ]);
      app.type('\x03');
      await app.exited;
      expect([...walker.seen]).toEqual(expect.arrayContaining(['zq-unit', 'zq-file']));
      expect(survivors(app.output())).toEqual([]);
    } finally {
      await broken.close();
    }
  });

  it.concurrent.each(commands)('is cleaned by %s', { timeout: 120_000 }, async (words) => {
    const command = startProgram(words.split(' '), { env: { HOME: world.home }, columns: 200, rows: 60 });
    await command.exited;
    expect(command.output()).toContain('zq-');
    expect(survivors(command.output())).toEqual([]);
  });
});

describe('the search for what survives', () => {
  it('finds it where a session hands text on as it came', async () => {
    const uncleaned = () =>
      aSession(aLab({ nodes: collection(...Object.values(sequences).map((sequence, place) => aNode({ name: `n${place}${sequence}` }))) }));
    const app = anApp(uncleaned(), { columns: 120, rows: 40 });
    app.type('2');
    await app.until((screen) => screen.includes('n19'));
    await app.close();
    // Ink lets colours through, and drops the rest as it lays text out.
    expect(survivors(app.written.stdout())).toContainEqual(expect.stringContaining('4242'));
    const out = written();
    await runNodes(uncleaned(), { output: 'json' }, out);
    const found = survivors(out.text()).join('\n');
    for (const mark of ['202e', '200b', '009b', 'HOSTILE']) expect(found).toContain(mark);
  });

  it.each(Object.entries(sequences))('finds %s', (_, sequence) => {
    expect(survivors(`\x1b[2mgpu-1\x1b[22m ${sequence} Ready`)).not.toEqual([]);
    expect(survivors(`\x1b[2mgpu-1\x1b[22m ${clean(sequence)} Ready`)).toEqual([]);
  });
});

/** Goes through pages, and looks at each picture on the way. */
function walkerOn(app: Program) {
  const seen = new Set<string>();
  const look = async (what: string) => {
    await settled(app.output);
    const rows = app.screen();
    const picture = `${what}\n${rows.join('\n')}`;
    for (const [word] of picture.matchAll(/zq-[a-z-]+?(?=[.…]|zq-)/g)) seen.add(word);
    expectWhole(rows, picture);
    // YAML writes all there is, in its own escapes.
    if (!/^╭─ \w+\/\S+ ─/.test(rows[2] ?? '')) expect(isHalfCleaned(picture), picture).toBe(false);
  };
  return {
    seen,
    async walk(page: string, keys: Walk) {
      for (const [place, key] of keys.entries()) {
        if (typeof key === 'string') app.type(key);
        else await app.waitFor(key, 60_000);
        await look(
          `${page} after ${JSON.stringify(
            keys
              .slice(0, place + 1)
              .map(String)
              .join(' '),
          )}`,
        );
      }
    },
  };
}

/** The picture stands: nothing was written for a moment. */
async function settled(output: () => string): Promise<void> {
  for (let last = -1; output().length !== last; ) {
    last = output().length;
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
}

/** Header above, footer below, and each box closed where it should be. */
function expectWhole(rows: readonly string[], picture: string): void {
  expect(rows[0], picture).toMatch(/ \d\d:\d\d:\d\d$/);
  expect(rows[1], picture).toMatch(/^[ ▸]1 Overview/);
  expect(rows.at(-1), picture).toMatch(/\S/);
  for (const row of rows.slice(2, -2)) if (/^[│╭╰]/.test(row)) expect(row, picture).toMatch(/^.{119}[│╮╯]$/);
}
