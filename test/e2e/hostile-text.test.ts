import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../src/demo/cluster.js';
import type { SshServer } from '../hosts/ssh-server.js';
import { isHalfCleaned, survivors } from './hostile/planted.js';
import { type PoisonedApi, poisonedApi } from './hostile/poisoned-api.js';
import { poisonedHome } from './hostile/poisoned-home.js';
import { poisonedMachines } from './hostile/poisoned-machines.js';
import { startProgram } from './program.js';

let cluster: DemoCluster;
let api: PoisonedApi;
let machines: ReadonlyMap<string, SshServer>;
let home: string;

beforeAll(async () => {
  cluster = await startDemoCluster({ scenario: 'xid-79' });
  const [, authority = ''] = /certificate-authority-data: (\S+)/.exec(cluster.kubeconfig) ?? [];
  api = await poisonedApi(cluster.server, Buffer.from(authority, 'base64').toString());
  machines = await poisonedMachines(cluster.ssh);
  home = poisonedHome(cluster, api.url, machines);
});
afterAll(async () => {
  for (const machine of machines.values()) machine.close();
  api.close();
  await cluster.close();
  rmSync(home, { recursive: true, force: true });
});

const [enter, esc, tab, down, end] = ['\r', '\x1b', '\t', '\x06', 'G'] as const;
const more = [down, down, down, down, down, down, end];

/** Keys, one page after the other. */
const pages: Readonly<Record<string, readonly string[]>> = {
  'overview, findings and one of them': ['1', enter, ...more, 'g', enter, ...more, esc, esc],
  'a plan': ['1', 'f', ...more, esc],
  nodes: ['2', enter, ...more, esc, 'j', enter, ...more, esc, 'j', enter, ...more, 'y', ...more, esc, esc, 'd', esc],
  GPUs: ['3', enter, ...more, esc, tab, enter, ...more, esc, 'G', enter, ...more, esc, 'v', '>', ...more, esc],
  monitoring: ['4', enter, ...more, esc, tab, enter, ...more, esc, tab, enter, ...more, esc, tab, enter, esc],
  latency: ['5', enter, 'h', ...more, esc],
  workloads: ['6', enter, ...more, 'l', ...more, 'g', esc, esc, 'l', end, esc, 'y', ...more, esc, 's', esc],
  cleanup: ['7', enter, ...more, esc, tab, enter, ...more, esc],
  setup: ['8', enter, ...more, esc, 'n', ...more, enter, enter, esc, esc, esc],
  journal: ['9', enter, ...more, esc],
  'palette, contexts, settings and help': [':', 'ctx ', esc, ':settings', enter, ...more, esc, '?', esc, '/zq', enter, esc],
};

describe('hostile text from everywhere', { timeout: 300_000 }, () => {
  it('reaches the terminal from no screen, and breaks none', async () => {
    const app = startProgram([], { env: { HOME: home } });
    const seen = new Set<string>();
    const look = async (what: string) => {
      await settled(app.output);
      const rows = app.screen();
      for (const [word] of rows.join('\n').matchAll(/zq-[a-z-]+/g)) seen.add(word);
      expectWhole(rows, what);
      if (!/^╭─ \w+\/\S+ ─/.test(rows[2] ?? '')) expect(isHalfCleaned(rows.join('\n')), `${what}\n${rows.join('\n')}`).toBe(false);
    };
    await app.waitFor(/zq-context.* ready .* targets [\s\S]*asks something: 3/, 60_000);
    app.type('3');
    await app.waitFor(/zq-prompt[\s\S]*enter answer/);
    await look('the question');
    app.type('secret');
    await app.waitFor(/▸ \*{6}/);
    app.type(enter);
    await app.waitFor((rows) => !rows.some((row) => /zq-prompt|asks something/.test(row)));
    for (const [page, keys] of Object.entries(pages)) {
      for (const [place, key] of keys.entries()) {
        app.type(key);
        await look(`${page} after ${JSON.stringify(keys.slice(0, place + 1).join(''))}`);
      }
    }
    app.type('\x03');
    await app.exited;
    process.stderr.write(`${[...seen].sort().join('\n')}\n`);
    expect(survivors(app.output())).toEqual([]);
  });
});

/** The picture stands: nothing was written for a moment. */
async function settled(output: () => string): Promise<void> {
  for (let last = -1; output().length !== last; ) {
    last = output().length;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** Header above, footer below, and each box closed where it should be. */
function expectWhole(rows: readonly string[], what: string): void {
  const picture = `${what}\n${rows.join('\n')}`;
  expect(rows[0], picture).toMatch(/ \d\d:\d\d:\d\d$/);
  expect(rows[1], picture).toMatch(/^[ ▸]1 Overview/);
  expect(rows.at(-1), picture).toMatch(/\S/);
  for (const row of rows.slice(2, -2)) if (/^[│╭╰]/.test(row)) expect(row, picture).toMatch(/^.{119}[│╮╯]$/);
}
