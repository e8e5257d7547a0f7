import { describe, expect, it } from 'vitest';
import { denied, stale } from '../../src/state/freshness.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { eightHalfInMig, fiftyNodes, oneA16, oneLost } from '../builders/gpu-lab.js';
import { aMachine, anA16, machines } from '../builders/machine-gpus.js';
import { now } from '../builders/snapshot.js';

process.env['TZ'] = 'UTC';

const sizes = [
  [80, 24],
  [120, 40],
] as const;

describe('the GPUs screen', () => {
  it.each(sizes)('gives one GPU the whole panel at %d×%d, with its history', async (columns, rows) => {
    const session = aSession(oneA16(600_000));
    const app = anApp(session, { screen: 'gpus', columns, rows });
    await app.until((screen) => screen.includes('A16'));
    for (let ago = 595_000; ago >= 0; ago -= 5000) if (ago < 120_000 || ago > 180_000) session.show(oneA16(ago));
    expect(await app.until((screen) => screen.includes('ssh 3s ago'))).toMatchSnapshot();
    await app.close();
  });

  it.each(sizes)('shows eight GPUs, half of them cut up, at %d×%d', async (columns, rows) => {
    expect(await picture(eightHalfInMig(), columns, rows)).toMatchSnapshot();
  });

  it.each(sizes)('shows a GPU that is lost and a machine out of reach at %d×%d', async (columns, rows) => {
    const screen = await picture(oneLost(), columns, rows);
    expect(screen).toContain('lost: GPU is lost. Reboot the system');
    expect(screen).toContain('8 GPUs not seen: connect to 10.0.0.12 port 22: conn');
    expect(screen).toMatchSnapshot();
  });

  it('says why no machine can be seen, once', async () => {
    const screen = await picture({ ...oneLost(), machineGpus: denied('create', 'pods/exec'), hosts: denied('create', 'pods/exec') }, 80, 24);
    expect(screen.match(/not allowed to create pods\/exec/g)).toHaveLength(1);
  });

  it('shows what was true some time ago with its age', async () => {
    const old = {
      ...oneA16(),
      machineGpus: stale(new Map([['controlplane', aMachine('controlplane', [anA16()], { at: now - 300_000 })]]), now - 300_000, 'timed out'),
    };
    expect(await picture(old, 80, 24)).toContain('ssh 5m ago  5m old');
  });

  it('puts the trouble of nvidia-smi in the place of the GPUs', async () => {
    const why = 'nvidia-smi gave no answer within 10 s: it hangs when a GPU is lost';
    const hung = { ...oneA16(), machineGpus: machines(aMachine('controlplane', [], { report: { status: 'hung', why } })) };
    const screen = await picture(hung, 120, 40);
    expect(screen).toContain('nvidia-smi hangs');
    expect(screen).toContain(why);
  });

  it('tells the flags of the selected machine in full when the ledger has the keys', async () => {
    const app = anApp(aSession(oneLost()), { screen: 'gpus' });
    await app.until((screen) => screen.includes(' allocatable'));
    app.type('\t');
    await app.until((screen) => screen.includes('7 of 8 GPUs answer nvidia-smi'));
    app.type('j');
    await app.until((screen) => screen.includes('Fix: start sshd on gpu-2'));
    app.type('k\r');
    await app.until((screen) => screen.includes('Node gpu-1'));
    await app.close();
  });
});

describe('many GPUs', () => {
  it.each(sizes)('are a list with a window at %d×%d', async (columns, rows) => {
    const app = anApp(aSession(fiftyNodes()), { screen: 'gpus', columns, rows });
    await app.until((screen) => screen.includes('GPUs 400'));
    expect(app.scrolledOff()).toBe(0);
    expect(app.wrapped()).toBe(0);
    app.type('G');
    await app.until((screen) => screen.includes('▸ gpu-50 7'));
    app.type('g/lost\r');
    const found = await app.until((screen) => screen.includes('GPUs 1 of 400 ⟨lost⟩'));
    expect(found).toContain('▸ gpu-5');
    await app.close();
  });

  it('are sorted by what is hottest, busiest or fullest', async () => {
    const app = anApp(aSession(oneLost()), { screen: 'gpus', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('GPUs 9'));
    app.type('U');
    const rows = (await app.until((screen) => screen.includes('UTIL▼'))).split('\n').filter((row) => /\d+%/.test(row) && row.includes('gpu-1'));
    expect(rows.slice(0, 4).map((row) => /(\d+)%/.exec(row)?.[1])).toEqual(['83', '83', '83', '71']);
    await app.close();
  });

  it('paint nothing anew for a change that is out of sight', async () => {
    const session = aSession(fiftyNodes());
    const app = anApp(session, { screen: 'gpus', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('GPUs 400'));
    const before = app.written.stdout().length;
    session.show(fiftyNodes(1));
    app.type('?');
    await app.until((screen) => screen.includes('this page'));
    // The help page replaces the screen once; anything written for the change would come before it.
    const written = app.written.stdout().slice(before);
    expect(written.split('this page')[0]?.match(/gpu-\d+/g) ?? []).toEqual([]);
    await app.close();
  });
});

describe('the details of a GPU', () => {
  it.each(sizes)('show every value, or why there is none, at %d×%d', async (columns, rows) => {
    const app = anApp(aSession(oneA16()), { screen: 'gpus', columns, rows });
    await app.until((screen) => screen.includes('A16'));
    app.type('\r');
    expect(await app.until((screen) => screen.includes('GPU 0 of controlplane'))).toMatchSnapshot();
    app.type('/fan\r');
    await app.until((screen) => /fan +N\/A/.test(screen));
    await app.close();
  });

  it('name the pod in each MIG device', async () => {
    const app = anApp(aSession(eightHalfInMig()), { screen: 'gpus', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('GPUs 8'));
    app.type('G\r');
    const screen = await app.until((shown) => shown.includes('GPU 7 of gpu-1'));
    expect(screen).toMatch(/● {2}0 .*7\.9\/9\.5 GiB {2}ai\/notebook-7-0/);
    expect(screen).toMatch(/· {2}2 .*free/);
    await app.close();
  });

  it('tell what the driver logged about a lost GPU and what to do', async () => {
    const app = anApp(aSession(oneLost()), { screen: 'gpus', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('GPUs 9'));
    app.type('jjjj\r');
    const screen = await app.until((shown) => shown.includes('GPU 3 of gpu-1'));
    expect(screen).toContain('✗ Xid 79');
    expect(screen).toContain('do: Drain the node and power-cycle it');
    expect(screen).not.toContain('Load   ');
    await app.close();
  });
});

describe('the nvidia-smi page', () => {
  const printed = [`+${'-'.repeat(89)}+`, `| NVIDIA-SMI 580.173.02${' '.repeat(42)}CUDA Version: 13.0     |`, `+${'-'.repeat(89)}+`];

  it('stands as NVIDIA prints it, and moves sideways where it is wider than the screen', async () => {
    const app = anApp(aSession(oneA16(), { nvidiaSmi: (node) => (node === 'controlplane' ? printed : null) }), { screen: 'gpus' });
    await app.until((screen) => screen.includes('A16'));
    app.type('v');
    expect(await app.until((screen) => screen.includes('nvidia-smi on controlplane'))).not.toContain('13.0     |');
    app.type('>>');
    await app.until((screen) => screen.includes('CUDA Version: 13.0     |'));
    expect(app.wrapped()).toBe(0);
    app.type('\x1b');
    await app.until((screen) => screen.includes(' allocatable'));
    await app.close();
  });

  it('is shown whole where there is room', async () => {
    const app = anApp(aSession(oneA16(), { nvidiaSmi: () => printed }), { screen: 'nodes', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('controlplane'));
    app.type('\r');
    await app.until((screen) => screen.includes('Node controlplane'));
    app.type('v');
    const screen = await app.until((shown) => shown.includes('nvidia-smi on controlplane'));
    for (const row of printed) expect(screen).toContain(row);
    await app.close();
  });

  it('says why there is none', async () => {
    const app = anApp(aSession(oneLost()), { screen: 'gpus' });
    await app.until((screen) => screen.includes('GPUs 9'));
    app.type('Gv');
    await app.until((screen) => screen.includes('There is no page to show: connect to 10.0.0.12 port 22: connection refused'));
    await app.close();
  });
});

describe('the details of a node', () => {
  it('show what the machine says of itself, and why a fact is not known', async () => {
    const app = anApp(aSession(oneLost()), { screen: 'nodes', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('gpu-2'));
    app.type('j\r');
    await app.until((screen) => screen.includes('Node gpu-1'));
    app.type('/ssh ops\r');
    expect(await app.until((screen) => screen.includes('⟨ssh ops⟩'))).toMatchSnapshot();
    await app.close();
  });

  it('say how a machine was lost and what mends it', async () => {
    const app = anApp(aSession(oneLost()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('gpu-2'));
    app.type('G\r');
    await app.until((screen) => screen.includes('Node gpu-2'));
    app.type('/sshd\r');
    const screen = await app.until((shown) => shown.includes('Fix: start sshd on gpu-2'));
    expect(screen).toContain('next try in 5s');
    await app.close();
  });
});

async function picture(snapshot: ClusterSnapshot, columns: number, rows: number): Promise<string> {
  const app = anApp(aSession(snapshot), { screen: 'gpus', columns, rows });
  const screen = await app.until((shown) => shown.includes(' allocatable'));
  expect(app.scrolledOff()).toBe(0);
  expect(app.wrapped()).toBe(0);
  await app.close();
  return screen;
}
