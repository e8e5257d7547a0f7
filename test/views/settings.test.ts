import { describe, expect, it } from 'vitest';
import type { SettingField } from '../../src/session.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';

const fields: readonly SettingField[] = [
  { path: 'hosts.user', group: 'SSH', label: 'user', value: 'ops', otherwise: 'as ~/.ssh/config says, else your own name' },
  { path: 'hosts.port', group: 'SSH', label: 'port', value: '', otherwise: 'as ~/.ssh/config says, else 22' },
  { path: 'hosts.jump', group: 'SSH', label: 'jump', value: 'bastion.lab', otherwise: 'straight' },
  { path: 'expect.gpus.gpu-1', group: 'Expected GPUs', label: 'gpu-1', value: '8', otherwise: 'what the labels say' },
  { path: 'hosts.each.lb.address', group: 'Hosts outside the cluster', label: 'lb', value: '10.0.0.5', otherwise: 'not looked at' },
];

describe('the settings page', () => {
  it('shows what is set, and what holds where nothing is, as this picture', async () => {
    const { app } = await opened();
    expect(await app.screen()).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over▸2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Settings of lab ───────────────────────── ~/.config/gpuk8s-tui/config.json ─╮
      │ SSH ──────────────────────────────────────────────────────────────────────── │
      │ ▸ user      ops                                                              │
      │   port      · as ~/.ssh/config says, else 22                                 │
      │   jump      bastion.lab                                                      │
      │                                                                              │
      │ Expected GPUs ────────────────────────────────────────────────────────────── │
      │   gpu-1     8                                                                │
      │                                                                              │
      │ Hosts outside the cluster ────────────────────────────────────────────────── │
      │   lb        10.0.0.5                                                         │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ enter edits; an empty value goes back to what holds otherwise                │
      │ Passwords and passphrases are asked for when they are needed and never kept. │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  / filter  enter details  p pause  esc back  q quit"
    `);
    await app.close();
  });

  it('edits a field where it stands', async () => {
    const { app, session } = await opened();
    app.type('j\r');
    await app.until((shown) => shown.includes('enter save'));
    app.type('2222\r');
    await app.until((shown) => shown.includes('2222') && !shown.includes('enter save'));
    expect(session.asked).toEqual(['set hosts.port 2222']);
    await app.close();
  });

  it('says what is wrong with a value and goes on editing', async () => {
    const { app, session } = await opened();
    app.type('j\rssh\r');
    expect(await app.until((shown) => shown.includes('a port is a number'))).toContain('ssh▏');
    app.type('\x1522\r');
    await app.until((shown) => !shown.includes('enter save'));
    expect(session.asked).toEqual(['set hosts.port 22']);
    await app.close();
  });

  it('leaves everything as it was on escape', async () => {
    const { app, session } = await opened();
    app.type('\rroot\x1b');
    await app.until((shown) => !shown.includes('enter save') && shown.includes('ops'));
    expect(session.asked).toEqual([]);
    await app.close();
  });

  it('cannot be changed in a read-only session, and says so', async () => {
    const { app, session } = await opened(true);
    app.type('\rx\r');
    expect(await app.until((shown) => shown.includes('read-only'))).not.toContain('enter save');
    expect(session.asked).toEqual([]);
    await app.close();
  });
});

async function opened(readOnly = false) {
  const session = aSession(aLab(), {
    settings: fields,
    readOnly,
    refuse: (path, value) => (path === 'hosts.port' && !/^\d*$/.test(value) ? 'a port is a number from 1 to 65535' : null),
  });
  const app = anApp(session, { screen: 'nodes' });
  await app.until((shown) => shown.includes('gpu-2'));
  app.type(':settings\r');
  await app.until((shown) => shown.includes('Settings of lab'));
  return { app, session };
}
