import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentAsker } from '../src/hosts/asker.js';
import type { Host, HostCommand } from '../src/hosts/host.js';
import { HostError } from '../src/hosts/host-error.js';
import { localHost } from '../src/hosts/local-host.js';
import { openJournal } from '../src/journal/journal.js';
import { openSetup, type SetupOptions } from '../src/setup.js';
import type { CellState, RunWish, SetupChoice, SetupDesk } from '../src/state/setup.js';
import { createStore, type Store } from '../src/state/store.js';
import { playbook, rebooting, secretive } from './setup-playbooks.js';

const all: RunWish = { steps: null, columns: null, stepByStep: false, typed: null };
const hostile = `it's "$(touch PWNED)" \`touch PWNED\`; touch PWNED`;

describe('setting machines up', () => {
  let root: string;
  let store: Store;
  let desk: SetupDesk;
  const open: SetupDesk[] = [];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'setup-'));
    for (const folder of ['own', 'own/manifests', 'place', 'bin']) mkdirSync(join(root, folder));
    writeFileSync(join(root, 'own', 'lab.yaml'), playbook);
    writeFileSync(join(root, 'own', 'lab-boot.yaml'), rebooting);
    writeFileSync(join(root, 'own', 'lab-join.yaml'), secretive);
    writeFileSync(join(root, 'own', 'manifests', 'lab.conf'), `words = $\{WORDS}\n`);
    store = createStore();
    desk = aDesk();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    store.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('goes from nothing to all done, and changes nothing the second time', async () => {
    await desk.open(aChoice(['lab'], ['one', 'two'], { WORDS: hostile }), {});
    await desk.run(all);
    await desk.settled();
    expect(states()).toEqual({
      'lab-config one': 'done',
      'lab-config two': 'done',
      'lab-service one': 'done',
      'lab-service two': 'done',
      'lab-swap one': 'done',
      'lab-swap two': 'done',
    });
    expect(read('one.conf')).toBe(`words = ${hostile}\n`);
    const before = did();
    expect([...before].sort()).toEqual(['config one', 'config two', 'service one', 'service two']);
    await desk.run(all);
    await desk.settled();
    expect(did()).toEqual(before);
    expect(setup()?.run).toBe('ended');
  });

  it('writes down what was done, and by whom, for its owner alone', async () => {
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    const { entries } = await openJournal({ dir: join(root, 'journal') }).read();
    expect(entries.map(({ title, result, who }) => ({ title, result, who }))).toEqual([
      { title: 'Set up: Start the service (one)', result: 'done', who: 'alice@laptop' },
      { title: 'Set up: Write the configuration (one)', result: 'done', who: 'alice@laptop' },
    ]);
    expect(entries[0]?.operation).toEqual({ id: 'setup-step', input: { step: 'lab-service', column: 'one', phase: 'apply' } });
    const logs = readdirSync(join(root, 'journal', 'setup'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('one-lab-service.log'));
    const log = join(root, 'journal', 'setup', logs[0] ?? '');
    expect(readFileSync(log, 'utf8')).toContain('starting the service');
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  it('sees that a file was edited by hand, shows how, and asks before it writes over it', async () => {
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    writeFileSync(join(root, 'place', 'one.conf'), 'by hand\n');
    await desk.check();
    expect(cell('lab-config one')).toMatchObject({ state: 'drifted', diff: expect.arrayContaining(['-by hand', '+words = hello']) });
    await desk.run(all);
    await desk.settled();
    expect(cell('lab-config one')).toMatchObject({
      state: 'asks',
      question: expect.stringContaining('was edited by hand'),
      diff: expect.arrayContaining(['-by hand']),
    });
    expect(setup()?.run).toBe('paused');
    await desk.answer('lab-config', 'one', 'overwrite');
    await desk.settled();
    expect(cell('lab-config one').state).toBe('done');
    expect(read('one.conf')).toBe('words = hello\n');
  });

  it('notes on the machine who did a step, and on which day', async () => {
    desk = aDesk({ now: () => new Date(2026, 10, 2, 12, 1).getTime() });
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run({ ...all, steps: ['lab-config'] });
    await desk.settled();
    expect(readFileSync(join(root, 'state', 'steps', 'lab-config'), 'utf8')).toBe('verified alice@laptop since 2026-11-02 12:01\n');
  });

  it('calls missing what was never done, and drifted what was', async () => {
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.check();
    expect(cell('lab-service one')).toEqual({ state: 'missing', why: 'the service does not run' });
    await desk.run(all);
    await desk.settled();
    rmSync(join(root, 'place', 'one.up'));
    await desk.check([{ step: 'lab-service', column: 'one' }]);
    expect(cell('lab-service one')).toMatchObject({ state: 'drifted', why: 'the service does not run' });
  });

  it('puts a file back as it was', async () => {
    writeFileSync(join(root, 'place', 'one.conf'), 'the first\n');
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    await desk.undo('lab-config', 'one', null);
    await desk.settled();
    expect(read('one.conf')).toBe('the first\n');
    expect(cell('lab-config one').state).toBe('missing');
  });

  it('says what a failure is known to mean, and which step mends it', async () => {
    writeFileSync(join(root, 'place', 'swap'), '');
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    expect(cell('lab-service one')).toMatchObject({
      state: 'failed',
      why: 'the service does not start',
      diagnosis: { signature: 'swap-on', step: 'lab-swap' },
    });
    rmSync(join(root, 'place', 'swap'));
    await desk.answer('lab-service', 'one', 'retry');
    await desk.settled();
    expect(cell('lab-service one').state).toBe('done');
    expect(setup()?.run).toBe('ended');
  });

  it('finds a step still running that an earlier program began, waits for it, and does it no second time', async () => {
    const gate = join(root, 'place', 'gate');
    spawnSync('mkfifo', [gate]);
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await until(() => said('lab-service one') === 'starting the service');
    await desk.close();
    desk = aDesk({ who: 'bob@desk' });
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await until(() => cell('lab-service one').state === 'held');
    expect(cell('lab-service one')).toMatchObject({ by: expect.stringMatching(/^alice@laptop since \d{4}-\d\d-\d\d \d\d:\d\d, step lab-service$/) });
    writeFileSync(gate, '');
    await desk.settled();
    expect(cell('lab-service one').state).toBe('done');
    expect(did().filter((line) => line === 'service one')).toHaveLength(1);
  });

  it('goes on where the connection is lost in the middle of a step', async () => {
    const gate = join(root, 'place', 'gate');
    spawnSync('mkfifo', [gate]);
    let lost = false;
    desk = aDesk({
      roads: roads((command, run) => {
        const { promise, reject } = Promise.withResolvers<never>();
        const ran = run({
          ...command,
          onOutput(chunk, stream) {
            command.onOutput?.(chunk, stream);
            if (lost || !chunk.includes('starting the service')) return;
            lost = true;
            reject(new HostError('dropped', 'the connection to one was lost'));
          },
        });
        return Promise.race([ran, promise]);
      }),
    });
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await until(() => said('lab-service one')?.includes('is still at work there') === true);
    writeFileSync(gate, '');
    await desk.settled();
    expect(cell('lab-service one').state).toBe('done');
    expect(did().filter((line) => line === 'service one')).toHaveLength(1);
  });

  it('calls unknown what it could not look at, with the reason', async () => {
    const refused = new HostError('auth', 'alice@one lets nobody in', { fix: 'put a key there' });
    desk = aDesk({ roads: roads(() => Promise.reject(refused)) });
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.check();
    expect(cell('lab-config one')).toEqual({ state: 'unknown', why: 'alice@one lets nobody in: put a key there' });
    await desk.run(all);
    await desk.settled();
    expect(cell('lab-config one')).toMatchObject({ state: 'failed', why: 'alice@one lets nobody in: put a key there' });
    expect(cell('lab-service one')).toEqual({ state: 'waiting', for: 'lab-config' });
  });

  it('reboots once, empties the node before and lets it take pods after', async () => {
    fakeCluster();
    await desk.open(aChoice(['lab-boot'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    expect(cell('lab-kernel one').state).toBe('done');
    expect(did()).toEqual(['apply', 'drain one --ignore-daemonsets --delete-emptydir-data --timeout=300s', 'reboot', 'uncordon one']);
  });

  it('does not reboot again where it was begun before and has happened meanwhile', async () => {
    fakeCluster();
    const stuck = aDesk({ roads: roads((command, run) => (command.argv.includes('drain') ? new Promise(() => undefined) : run(command))) });
    await stuck.open(aChoice(['lab-boot'], ['one']), {});
    await stuck.run(all);
    await until(() => cell('lab-kernel one').state === 'rebooting');
    spawnSync('systemctl', ['reboot'], { env: path() });
    await desk.open(aChoice(['lab-boot'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    expect(cell('lab-kernel one').state).toBe('done');
    expect(did()).toEqual(['apply', 'reboot', 'uncordon one']);
  });

  it('hands a secret from one step to the next and nowhere else', async () => {
    await desk.open(aChoice(['lab-join'], ['one', 'two']), {});
    await desk.run(all);
    await desk.settled();
    expect(states()).toEqual({ 'lab-init one': 'done', 'lab-join two': 'done' });
    expect(read('joined')).toBe('a very secret token');
    const page = await desk.page('lab-join', 'two');
    expect(page.output).toEqual(['joining with ••••']);
    expect(page.apply[0]).toMatch(/^(PLACE|LAB_TOKEN)=/);
    expect(JSON.stringify(page)).not.toContain('very secret');
    const written = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (file) => statSync(join(root, file)).isFile() && !file.endsWith('joined') && !file.startsWith('own'),
    );
    for (const file of written) expect(readFileSync(join(root, file), 'utf8')).not.toContain('very secret');
  });

  it('has a secret made again that it does not know any more', async () => {
    writeFileSync(join(root, 'place', 'begun'), '');
    await desk.open(aChoice(['lab-join'], ['one', 'two']), {});
    await desk.run(all);
    await desk.settled();
    expect(did()).toEqual(['init', 'join']);
    expect(cell('lab-join two').state).toBe('done');
  });

  it('changes nothing in a session that is read-only', async () => {
    desk = aDesk({ readOnly: true });
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.check();
    await expect(desk.run(all)).rejects.toThrow('this session is read-only');
    await expect(desk.undo('lab-config', 'one', null)).rejects.toThrow('this session is read-only');
    expect(existsSync(join(root, 'place', 'did'))).toBe(false);
  });

  it('keeps what was chosen for the next time, unless it is only looked at', async () => {
    desk = aDesk({ context: 'other' });
    await desk.open(aChoice(['lab'], ['one']), {}, { keep: false });
    expect(await desk.lastChoice()).toBeNull();
    expect(states()).toMatchObject({ 'lab-service one': 'unknown' });
    await desk.open(aChoice(['lab'], ['two']), {});
    expect(await desk.lastChoice()).toEqual(aChoice(['lab'], ['two']));
  });

  it('works without a cluster and without a kubeconfig', async () => {
    desk = aDesk({ context: null });
    await desk.open(aChoice(['lab'], ['one']), {});
    await desk.run(all);
    await desk.settled();
    expect(cell('lab-service one').state).toBe('done');
    expect(await desk.lastChoice()).toEqual(aChoice(['lab'], ['one']));
  });

  const kept = new Map<string, SetupChoice>();

  function aDesk(overrides: Partial<SetupOptions> = {}): SetupDesk {
    const opened = openSetup({
      store,
      journal: openJournal({ dir: join(root, 'journal') }),
      journalFolder: join(root, 'journal'),
      who: 'alice@laptop',
      program: 'gpuk8s-tui 1.0.0',
      ownPlaybooks: join(root, 'own'),
      asker: silentAsker(false),
      hosts: {},
      env: path(),
      homeDir: root,
      context: 'lab',
      kubeconfig: { file: null, text: null },
      nodes: () => null,
      readOnly: false,
      lastChoice: (cluster) => kept.get(cluster) ?? null,
      keepChoice: (cluster, choice) => void kept.set(cluster, choice),
      roads: roads((command, run) => run(command)),
      places: { state: join(root, 'state'), backups: join(root, 'backups'), logs: join(root, 'logs'), bootId: join(root, 'place', 'boot-id') },
      pause: () => new Promise((resolve) => setTimeout(resolve, 20)),
      ...overrides,
    });
    open.push(opened);
    return opened;
  }

  /** Machines that are all this one, without root. */
  function roads(between: (command: HostCommand, run: Host['run']) => ReturnType<Host['run']>): NonNullable<SetupOptions['roads']> {
    const reach = async ({ name }: { readonly name: string }): Promise<Host> => {
      const host = localHost({ name, env: path() });
      return { ...host, run: (command) => between({ ...command, sudo: false }, host.run) };
    };
    return { ssh: reach, local: reach, pod: () => Promise.reject(new Error('no pods here')) };
  }

  function aChoice(playbooks: readonly string[], names: readonly string[], values: Readonly<Record<string, string>> = {}): SetupChoice {
    const hosts = names.map((name, index) => ({ name, address: `192.0.2.${index + 1}`, roles: [index === 0 ? ('control-plane' as const) : ('gpu' as const)] }));
    return { profile: null, playbooks, hosts, values: { PLACE: join(root, 'place'), ...values }, seat: 'here' };
  }

  /** A host that boots at once, and a cluster that says what it was asked. */
  function fakeCluster(): void {
    const place = join(root, 'place');
    writeFileSync(join(place, 'boot-id'), 'first\n');
    const nodes = { items: ['one', 'two'].map((name) => ({ metadata: { name }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } })) };
    writeFileSync(join(place, 'nodes.json'), JSON.stringify(nodes));
    const systemctl = `#!/bin/sh\n[ "$1" = reboot ] || exit 0\necho reboot >>${place}/did\ncp ${place}/next ${place}/booted\necho second >${place}/boot-id\n`;
    const kubectl = `#!/bin/sh\n[ "$1" != --context ] || shift 2\ncase $1 in get) cat ${place}/nodes.json ;; *) echo "$*" >>${place}/did ;; esac\n`;
    for (const [name, text] of [
      ['systemctl', systemctl],
      ['kubectl', kubectl],
    ] as const) {
      writeFileSync(join(root, 'bin', name), text);
      chmodSync(join(root, 'bin', name), 0o755);
    }
  }

  function path(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}` };
  }

  function setup() {
    store.flush();
    return store.snapshot().setup.value;
  }
  function states(): Readonly<Record<string, string>> {
    return Object.fromEntries([...(setup()?.cells ?? [])].map(([key, { state }]) => [key, state.state]).sort());
  }
  function cell(key: string): CellState {
    return setup()?.cells.get(key)?.state ?? { state: 'unknown', why: 'no such cell' };
  }
  function said(key: string): string | null {
    const state = cell(key);
    return state.state === 'running' ? state.said : null;
  }
  function read(file: string): string {
    return readFileSync(join(root, 'place', file), 'utf8');
  }
  function did(): readonly string[] {
    return existsSync(join(root, 'place', 'did')) ? read('did').trim().split('\n') : [];
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
