import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../../../src/journal/journal.js';
import { openSetup } from '../../../src/setup.js';
import type { CellState, SetupChoice, SetupDesk } from '../../../src/state/setup.js';
import { createStore, type Store } from '../../../src/state/store.js';
import { scriptedAsker } from '../../hosts/asking.js';
import { type SshServer, startSshServer } from '../../hosts/ssh-server.js';

// Stands in for sudo 1.9: wants a password once the file `locked` is there. What it was called with goes to a log.
const fakeSudo = `#!/bin/sh
echo "$*" >>"$PLACE/sudo.log"
while :; do case "$1" in -n) n=1; shift;; -k|-S) shift;; -p) shift 2;; -v) v=1; shift;; --) shift; break;; *) break;; esac; done
[ -e "$PLACE/locked" ] || exec "$@"
if [ -n "$n" ]; then echo 'sudo: a password is required' >&2; exit 1; fi
IFS= read -r given || { echo 'sudo: no password was provided' >&2; exit 1; }
if [ "$given" != 'right horse' ]; then echo 'Sorry, try again.' >&2; echo 'sudo: no password was provided' >&2; exit 1; fi
[ -n "$v" ] && exit 0
exec "$@"
`;

/** Its first step ends what sudo remembers; its second one is not even begun then. */
const playbook = `
id: lab
title: A laboratory
about: Steps for tests.
variables:
  LAB_PLACE: {title: Folder, help: Where it is done., type: path}
steps:
  - id: lab-lock
    title: Lock up
    why: From now on sudo wants a password.
    on: [all]
    risk: safe
    check: '[ -e "$LAB_PLACE/locked" ]'
    apply: |
      echo locked >>"$LAB_PLACE/did"
      touch "$LAB_PLACE/locked"
  - id: lab-after
    title: Go on
    why: It comes after.
    on: [all]
    needs: [lab-lock]
    risk: safe
    check: '[ -e "$LAB_PLACE/after" ]'
    apply: |
      echo after >>"$LAB_PLACE/did"
      touch "$LAB_PLACE/after"
`;

describe('a machine on which sudo wants a password in the middle of a run', () => {
  let root: string;
  let server: SshServer;
  let store: Store;
  let desk: SetupDesk;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'sudo-password-'));
    for (const folder of ['place', 'own', 'bin', 'home']) mkdirSync(join(root, folder));
    writeFileSync(join(root, 'own', 'lab.yaml'), playbook);
    writeFileSync(join(root, 'bin', 'sudo'), fakeSudo);
    chmodSync(join(root, 'bin', 'sudo'), 0o755);
    server = await startSshServer({ exec: runHere });
    store = createStore();
  });
  afterEach(async () => {
    await desk.close();
    store.close();
    server.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('is told of a wrong one, can be tried again, goes on with the right one, and nobody keeps either', async () => {
    const asker = scriptedAsker({ 'host-key': ['yes'], 'sudo-password': ['wrong horse', 'wrong again', 'right horse'] });
    desk = aDesk(asker);
    await desk.open(aChoice(), {});
    await desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    await desk.settled();
    expect(cell('lab-lock')).toMatchObject({
      state: 'failed',
      why: 'the password of ops for sudo on gpu-1 is wrong: refresh, or try it again, to be asked once more',
    });
    expect(cell('lab-after')).toEqual({ state: 'waiting', for: 'lab-lock' });
    expect(store.snapshot().setup.value?.run).toBe('paused');
    expect(sudoQuestions(asker.asked)).toHaveLength(2);

    await desk.answer('lab-lock', 'gpu-1', 'retry');
    await desk.settled();
    expect([cell('lab-lock').state, cell('lab-after').state]).toEqual(['done', 'done']);
    // What had been done by then is not done again, and it is asked for no further time.
    expect(readFileSync(join(root, 'place', 'did'), 'utf8')).toBe('locked\nafter\n');
    expect(sudoQuestions(asker.asked)).toEqual([
      'Password of ops for sudo on gpu-1',
      'That was not the password. Password of ops for sudo on gpu-1',
      'Password of ops for sudo on gpu-1',
    ]);
    expect(server.commands.join('\n')).not.toMatch(/horse|wrong again/);
    for (const file of filesUnder(root)) expect(readFileSync(file, 'utf8').replace(fakeSudo, ''), file).not.toMatch(/horse|wrong again/);
    expect(JSON.stringify([...(store.snapshot().setup.value?.cells ?? [])])).not.toContain('horse');
    expect(JSON.stringify(await desk.page('lab-after', 'gpu-1'))).not.toContain('horse');
  });

  it('says so where nobody gives it, and begins nothing there', async () => {
    writeFileSync(join(root, 'place', 'locked'), '');
    desk = aDesk(scriptedAsker({ 'host-key': ['yes'] }));
    await desk.open(aChoice(), {});
    await desk.run({ steps: null, columns: null, stepByStep: false, typed: null });
    await desk.settled();
    expect(cell('lab-lock')).toMatchObject({ state: 'failed', why: expect.stringContaining('sudo on gpu-1 wants the password of ops, which was not given') });
    expect(cell('lab-after')).toEqual({ state: 'waiting', for: 'lab-lock' });
    expect(filesUnder(join(root, 'place'))).not.toContain(join(root, 'place', 'did'));
  });

  function aDesk(asker: ReturnType<typeof scriptedAsker>): SetupDesk {
    return openSetup({
      store,
      journal: openJournal({ dir: join(root, 'journal') }),
      journalFolder: join(root, 'journal'),
      who: 'alice@laptop',
      program: 'gpuk8s-tui 1.0.0',
      ownPlaybooks: join(root, 'own'),
      asker,
      hosts: { port: server.port, user: 'ops', each: { 'gpu-1': { address: '127.0.0.1' } } },
      env: {},
      homeDir: join(root, 'home'),
      context: null,
      kubeconfig: { file: null, text: null },
      nodes: () => null,
      readOnly: false,
      lastChoice: () => null,
      keepChoice: () => undefined,
      places: { state: join(root, 'state'), backups: join(root, 'backups'), logs: join(root, 'logs'), lock: join(root, 'lock') },
      pause: () => Promise.resolve(),
    });
  }

  /** What the server is asked for is done here, with our sudo. */
  function runHere(command: string, channel: ServerChannel): void {
    const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, PLACE: join(root, 'place') };
    const child = spawn('bash', ['-c', command], { env });
    channel.pipe(child.stdin);
    child.stdin.on('error', () => undefined);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    child.on('close', (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  }

  function aChoice(): SetupChoice {
    const hosts = [{ name: 'gpu-1', address: '192.0.2.1', roles: [] }];
    return { profile: null, playbooks: ['lab'], hosts, values: { LAB_PLACE: join(root, 'place') }, seat: 'here' };
  }

  function cell(step: string): CellState {
    store.flush();
    return store.snapshot().setup.value?.cells.get(`${step} gpu-1`)?.state ?? { state: 'unknown', why: 'no such cell' };
  }
});

function sudoQuestions(asked: ReturnType<typeof scriptedAsker>['asked']): readonly string[] {
  return asked.filter(({ kind }) => kind === 'sudo-password').map(({ text }) => text);
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}
