import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentAsker } from '../../../src/hosts/asker.js';
import { openJournal } from '../../../src/journal/journal.js';
import { openSetup } from '../../../src/setup.js';
import type { CellState, RunWish, SetupChoice, SetupDesk } from '../../../src/state/setup.js';
import { createStore, type Store } from '../../../src/state/store.js';
import { hasSshd, type Sshd, type SshLab, sshLab } from '../../hosts/sshd.js';

const all: RunWish = { steps: null, columns: null, stepByStep: false, typed: null };
const isRoot = process.getuid?.() === 0;

describe.skipIf(!hasSshd || !isRoot)('setting machines up over SSH', () => {
  let lab: SshLab;
  let server: Sshd;
  let store: Store;
  let place: string;
  let gate: string;
  const open: SetupDesk[] = [];

  beforeEach(async () => {
    lab = sshLab();
    lab.key('id_ed25519');
    server = await lab.start();
    lab.trust(server.port, lab.hostKey('usual'));
    place = join(lab.home, 'place');
    gate = join(place, 'gate');
    mkdirSync(place);
    mkdirSync(join(lab.home, 'own'));
    writeFileSync(join(lab.home, 'own', 'lab.yaml'), playbook());
    store = createStore();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((desk) => desk.close()));
    store.close();
    await lab.close();
  });

  it('goes on to its end when the connection breaks, and the machine is not worked on twice', async () => {
    spawnSync('mkfifo', [gate]);
    const desk = await begun();
    server.killConnections();
    await until(() => said()?.includes('is still at work there') === true);
    writeFileSync(gate, '');
    await desk.settled();
    expect(state('lab-long one')).toMatchObject({ state: 'done' });
    expect(readFileSync(join(place, 'did'), 'utf8')).toBe('long one\n');
  });

  it('leaves a step running when the program is left, and finds it done later', async () => {
    spawnSync('mkfifo', [gate]);
    const desk = await begun();
    await desk.close();
    expect(existsSync(join(place, 'one.done'))).toBe(false);
    const later = aDesk('bob@desk');
    await later.open(aChoice(['one']), {});
    await later.run({ ...all, steps: ['lab-long'] });
    await until(() => state('lab-long one').state === 'held');
    writeFileSync(gate, '');
    await later.settled();
    expect(state('lab-long one')).toMatchObject({ state: 'done' });
    expect(readFileSync(join(place, 'did'), 'utf8')).toBe('long one\n');
  });

  it('looks at 60 steps on five machines in few round trips', async () => {
    const desk = aDesk('alice@laptop');
    await desk.open(aChoice(['one', 'two', 'three', 'four', 'five']), {});
    await desk.check();
    const found = [...(setup()?.cells.values() ?? [])].map(({ state: { state: name } }) => name);
    expect(found).toHaveLength(305);
    expect(found.filter((name) => name === 'done')).toHaveLength(300);
    expect(server.log().match(/Starting session: command/g)).toHaveLength(5);
  });

  async function begun(): Promise<SetupDesk> {
    const desk = aDesk('alice@laptop');
    await desk.open(aChoice(['one']), {});
    await desk.run({ ...all, steps: ['lab-long'] });
    await until(() => said() === 'inside');
    return desk;
  }

  function aDesk(who: string): SetupDesk {
    const desk = openSetup({
      store,
      journal: openJournal({ dir: join(lab.home, 'journal') }),
      journalFolder: join(lab.home, 'journal'),
      who,
      program: 'gpuk8s-tui 1.0.0',
      ownPlaybooks: join(lab.home, 'own'),
      asker: silentAsker(false),
      hosts: {
        port: server.port,
        user: lab.user,
        each: Object.fromEntries(['one', 'two', 'three', 'four', 'five'].map((name) => [name, { address: '127.0.0.1' }])),
      },
      env: {},
      homeDir: lab.home,
      context: null,
      kubeconfig: { file: null, text: null },
      nodes: () => null,
      readOnly: false,
      lastChoice: () => null,
      keepChoice: () => undefined,
      places: { state: join(lab.home, 'state'), backups: join(lab.home, 'backups'), logs: join(lab.home, 'logs'), lock: join(lab.home, 'lock') },
      pause: () => new Promise((resolve) => setTimeout(resolve, 20)),
    });
    open.push(desk);
    return desk;
  }

  function aChoice(names: readonly string[]): SetupChoice {
    return {
      profile: null,
      playbooks: ['lab'],
      hosts: names.map((name) => ({ name, address: '192.0.2.1', roles: [] })),
      values: { LAB_PLACE: place },
      seat: 'here',
    };
  }

  function setup() {
    store.flush();
    return store.snapshot().setup.value;
  }
  function state(key: string): CellState {
    return setup()?.cells.get(key)?.state ?? { state: 'unknown', why: 'no such cell' };
  }
  function said(): string | null {
    const now = state('lab-long one');
    return now.state === 'running' ? now.said : null;
  }
  /** Resolves once a snapshot shows it. */
  function until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = store.subscribe(() => {
        if (!condition()) return;
        stop();
        resolve();
      });
    });
  }
});

function playbook(): string {
  const quick = Array.from(
    { length: 60 },
    (_, index) => `  - {id: lab-${index}, title: Step ${index}, why: It is quick., on: [all], risk: safe, check: '[ -n "$NODE_NAME" ]', apply: 'true'}`,
  );
  return `
id: lab
title: A laboratory
about: Steps for tests.
variables:
  LAB_PLACE: {title: Folder, help: Where it is done., type: path}
steps:
  - id: lab-long
    title: Take long
    why: It waits at a gate.
    on: [all]
    risk: safe
    check: |
      [ -e "$LAB_PLACE/$NODE_NAME.done" ]
    apply: |
      echo "long $NODE_NAME" >>"$LAB_PLACE/did"
      echo inside
      cat "$LAB_PLACE/gate" >/dev/null
      touch "$LAB_PLACE/$NODE_NAME.done"
${quick.join('\n')}
`;
}
