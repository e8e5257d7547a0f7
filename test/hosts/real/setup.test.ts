import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { SetupHost } from '../../../src/state/setup.js';
import { hasKubectl } from '../../demo/api/test-cluster.js';
import { until } from '../../kube/until.js';
import { contentsOf, differences } from './contents.js';
import { useMachinesOf } from './machines.js';
import { giveKubectl, type PlayedApi, playApi } from './played-api.js';
import { type CellWords, type SettingUp, setUpMachines } from './setting-up.js';
import { setupTree } from './setup-tree.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 180_000 });

/** In the order in which a machine is prepared; what is missing of each at first is done from Debian's own packages. */
const steps = [
  ...['apt-legacy-cleanup', 'apt-base', 'time-sync', 'hosts-resolve', 'swap-off', 'kernel-modules', 'sysctl-k8s', 'firewall-ports'],
  ...['containerd-install', 'containerd-config', 'containerd-service', 'haproxy-install', 'haproxy-config', 'kubeconfig-user'],
  ...['fstab-dedupe', 'journald-vacuum', 'unattended-upgrades', 'apt-clean', 'services-enabled', 'reboot-node', 'reboot-selftest'],
];
const values = { RUNTIME: 'containerd', CONTAINERD_SOURCE: 'distribution', ADMIN_USER: 'ops', NODE_CIDR: '198.18.0.0/15' };

const fstab = '# what the installer wrote\ntmpfs /srv/scratch tmpfs size=1m 0 0\n/swap.img none swap sw 0 0\ntmpfs /srv/scratch tmpfs size=1m 0 0';
const kubelet = '[Unit]\nDescription=kubelet\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n';

// The computer's own kubectl is put on the machine.
describe.skipIf(!hasKubectl)('machines that are set up by the program’s own playbooks', () => {
  const room = useMachinesOf(setupTree, 'node-1', 'lb-1');
  const machine = (name: string) => room.machines.of(name);
  const inside = (name: string, path: string) => join(machine(name).root, path);
  const text = (name: string, path: string) => readFileSync(inside(name, path), 'utf8');
  const hosts = (): readonly SetupHost[] => [
    { name: 'node-1', address: machine('node-1').address, roles: ['control-plane', 'gpu'] },
    { name: 'lb-1', address: machine('lb-1').address, roles: ['load-balancer'] },
  ];
  /** Three API servers at addresses of node-1. */
  const planes = () => [0, 100, 101].map((more) => machine('node-1').address.replace(/\d+$/, (last) => String(Number(last) + more)));
  let api: PlayedApi;
  let setup: SettingUp;
  let before: Contents;
  const contents = (times = false): Contents => new Map(['node-1', 'lb-1'].map((name) => [name, contentsOf(machine(name), ['etc', 'home/ops'], { times })]));
  afterAll(() => setup?.close());

  it('from nothing to all of it done', async () => {
    api = playApi(machine('node-1'), planes());
    giveKubectl(machine('node-1'));
    writeFileSync(inside('node-1', 'etc/fstab'), fstab);
    writeFileSync(inside('node-1', 'usr/lib/systemd/system/kubelet.service'), kubelet);
    machine('node-1').run('systemctl', 'daemon-reload');
    before = contents();
    setup = await setUpMachines(room.machines, { hosts: hosts(), steps, values });
    expect(await setup.look()).toMatchObject({
      'apt-base node-1': 'missing: not installed: curl jq socat conntrack ethtool',
      'swap-off node-1': 'missing: fstab switches swap on at boot: /swap.img',
      'fstab-dedupe node-1': 'missing: named twice in fstab: /srv/scratch',
      'haproxy-install lb-1': 'missing: haproxy is not installed',
      'kubeconfig-user node-1': 'missing: ops has no kubeconfig',
      'services-enabled node-1': 'missing: containerd.service is not installed yet',
    });
    const begun = performance.now();
    const states = await setup.run();
    process.stderr.write(
      `${Object.keys(states).length} cells in ${Math.round((performance.now() - begun) / 100) / 10} s, ${(await setup.done()).length} of them applied\n`,
    );
    expect(unfinished(states)).toEqual([]);
  });

  it('and what it says is so', async () => {
    const node = machine('node-1');
    expect(node.run('runuser', '-u', 'ops', '--', 'kubectl', 'get', '--raw', '/readyz')).toBe('ok');
    expect(node.run('stat', '-c', '%U %a', '/home/ops/.kube/config')).toBe('ops 600');
    expect(node.run('ctr', 'version')).toContain('Server:');
    expect(node.run('apt-mark', 'showhold')).toBe('containerd');
    expect(node.run('getent', 'ahostsv4', 'node-1')).toContain(node.address);
    expect(node.run('systemctl', 'is-enabled', 'containerd', 'kubelet')).toBe('enabled\nenabled');
    expect(
      text('node-1', 'etc/fstab')
        .split('\n')
        .map((line) => line.slice(0, 16)),
    ).toEqual(['# what the insta', 'tmpfs /srv/scrat', '#gpuk8s /swap.im', '#gpuk8s-twice tm']);
    expect(machine('lb-1').run('curl', '-sk', `https://${machine('lb-1').address}:6443/readyz`)).toBe('ok');
    // Both have been rebooted, once.
    expect([node.boots(), machine('lb-1').boots()]).toEqual([2, 2]);
  });

  it('a second run applies nothing and writes nothing', async () => {
    const [files, applied] = [contents(true), await setup.done()];
    const again = await setUpMachines(room.machines, { hosts: hosts(), steps, values, who: 'bob@desk' });
    const begun = performance.now();
    const states = await again.run();
    process.stderr.write(`a second run takes ${Math.round((performance.now() - begun) / 100) / 10} s\n`);
    expect(unfinished(states)).toEqual([]);
    expect([await setup.done(), await again.done()]).toEqual([applied, []]);
    expect(changed(files, contents(true))).toEqual([]);
    expect([machine('node-1').boots(), machine('lb-1').boots()]).toEqual([2, 2]);
    await again.close();
  });

  it('a file that was edited by hand is found, shown, asked about and written over when told so', async () => {
    const path = 'etc/systemd/journald.conf.d/gpuk8s.conf';
    const written = text('lb-1', path);
    writeFileSync(inside('lb-1', path), `${written}SystemMaxUse=40G\n`);
    await setup.look();
    expect(setup.cell('journald-vacuum', 'lb-1')).toMatchObject({ state: 'drifted', diff: expect.arrayContaining(['-SystemMaxUse=40G']) });
    await setup.run();
    expect(setup.cell('journald-vacuum', 'lb-1')).toMatchObject({
      state: 'asks',
      question: `/${path} was edited by hand since it was written`,
      diff: expect.arrayContaining(['-SystemMaxUse=40G']),
    });
    expect(text('lb-1', path)).toBe(`${written}SystemMaxUse=40G\n`);
    await setup.desk.answer('journald-vacuum', 'lb-1', 'overwrite');
    await setup.desk.settled();
    expect(await setup.when('journald-vacuum', 'lb-1', ({ state }) => state === 'done')).toBeDefined();
    expect(text('lb-1', path)).toBe(written);
  });

  it('what somebody has taken away is found drifted, and done again unasked', async () => {
    machine('node-1').run('apt-mark', 'unhold', 'containerd');
    machine('node-1').run('systemctl', 'disable', '--now', 'kubelet');
    expect(await setup.look()).toMatchObject({
      'containerd-install node-1': expect.stringMatching(/^drifted: containerd 1\.6\.\S+ may be upgraded behind one's back/),
      'services-enabled node-1': 'drifted: not started at boot: kubelet.service',
    });
    expect(unfinished(await setup.run())).toEqual([]);
    expect(machine('node-1').run('systemctl', 'is-enabled', 'kubelet')).toBe('enabled');
  });

  it('HAProxy takes further control planes in, and passes on to those that are ready', async () => {
    const [first = '', second = '', third = ''] = planes();
    const more: readonly SetupHost[] = [
      ...hosts(),
      { name: 'plane-2', address: second, roles: ['control-plane'] },
      { name: 'plane-3', address: third, roles: ['control-plane'] },
    ];
    const wider = await setUpMachines(room.machines, { hosts: more, steps: ['haproxy-config'], values });
    expect(unfinished(await wider.run())).toEqual([]);
    const server = () =>
      machine('lb-1')
        .run('curl', '-sk', '-D', '-', `https://${machine('lb-1').address}:6443/livez`)
        .match(/x-served-by: (\S+)/)?.[1] ?? '';
    const servers = () => [...new Set(Array.from({ length: 6 }, server))].sort();
    const health = () => {
      const rows = machine('lb-1').run('sh', '-c', "echo 'show stat' | socat stdio /run/haproxy/admin.sock").split('\n');
      return Object.fromEntries(
        rows.map((row) => row.split(',')).flatMap((row) => (row[0] === 'gpuk8s-apiserver' && row[1]?.endsWith('END') === false ? [[row[1], row[17]]] : [])),
      );
    };
    api.setReady(second, true);
    await until(() => servers().length === 3, 20_000);
    expect(servers()).toEqual([first, second, third].sort());
    // It takes connections and speaks TLS all the same: only /readyz tells.
    api.setReady(second, false);
    await until(() => health()['plane-2']?.startsWith('DOWN') === true, 30_000);
    expect(servers()).toEqual([first, third].sort());
    expect(await wider.look()).toEqual({ 'haproxy-config lb-1': 'done' });
    // On a busy machine a server that is up may miss one look at it: then it is `UP 1/3` for a moment.
    await until(async () => {
      await wider.look();
      const cell = wider.cell('haproxy-config', 'lb-1');
      return cell !== undefined && 'said' in cell && cell.said === 'API servers: node-1 UP, plane-2 DOWN, plane-3 UP';
    }, 20_000);
    api.setReady(second, true);
    await until(() => health()['plane-2'] === 'UP', 30_000);
    expect(servers()).toEqual([first, second, third].sort());
    await wider.close();
  });

  it('undo leaves each file byte for byte as it was', async () => {
    const applied = new Set((await setup.done()).flatMap((line) => /^apply (\S+ \S+) done$/.exec(line)?.[1] ?? []));
    const canUndo = new Set((await setup.outline()).steps.filter((step) => step.canUndo).map(({ id }) => id));
    const undone = [...applied].toReversed().flatMap((cell) => {
      const [step = '', column = ''] = cell.split(' ');
      return canUndo.has(step) ? [[step, column] as const] : [];
    });
    const ends: string[] = [];
    for (const [step, column] of undone) ends.push(`${step} ${column}: ${(await setup.undo(step, column)).state}`);
    expect(ends.filter((end) => end.endsWith(': failed'))).toEqual([]);
    expect(undone.length).toBeGreaterThan(15);
    // Folders stay, and what the programs themselves keep of earlier files.
    const left = changed(before, contents()).filter((line) => !/: not there -> folder|etc\/\w+-: |\.kube\/cache\//.test(line));
    expect(left).toEqual([]);
    // What was done is not taken for done any more.
    expect(Object.entries(await setup.look()).filter(([, state]) => state.startsWith('drifted'))).toEqual([]);
  });
});

type Contents = ReadonlyMap<string, ReadonlyMap<string, string>>;

function changed(before: Contents, after: Contents): readonly string[] {
  return [...before].flatMap(([name, files]) => differences(files, after.get(name) ?? new Map()).map((line) => `${name}: ${line}`));
}

function unfinished(states: CellWords): readonly (readonly [string, string])[] {
  return Object.entries(states).filter(([, state]) => state !== 'done' && state !== 'not-applicable');
}
