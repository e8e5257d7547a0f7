import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { CellState, Setup, SetupDesk } from '../../src/state/setup.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aChoice, aDesk, anOutline, aSetup, aStep, aStepPage, drifted, labSteps, swapFailure } from '../builders/setup.js';
import { now } from '../builders/snapshot.js';

const missing: CellState = { state: 'missing', why: null };
const none: CellState = { state: 'not-applicable', why: 'there is none here' };
const settled = { 'etcd-reset': none, 'bios-above-4g': none };

function shown(setup: Setup, desk: Partial<SetupDesk> = {}, options: Parameters<typeof anApp>[1] & { readonly readOnly?: boolean } = {}) {
  const { readOnly = false, ...rest } = options;
  const scripted = aDesk(desk);
  const session = aSession(aLab({ setup: live(setup, now) }), { setup: scripted, readOnly });
  return { desk: scripted, session, app: anApp(session, { screen: 'setup', ...rest }) };
}

describe('the matrix of a setup', () => {
  it('shows after weeks what has drifted and where, as this picture', async () => {
    const { app } = shown(aSetup({ ...settled, 'sysctl-k8s gpu-1': drifted }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('\t');
    const screen = await app.until((one) => one.includes('sysctl-k8s on gpu-1'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean▸8 Setup 9 Jour
      ╭─ Setup lab: 40 of 41 done, 1 drifted ────────── single-node-crio-calico-a16 ─╮
      │   STEP            controlplane  gpu-1         gpu-2         cluster          │
      │ Prepare the hosts ───────────────────────────────────────────────── 17 of 18 │
      │   apt-base        ✓ done        ✓ done        ✓ done                         │
      │   time-sync       ✓ done        ✓ done        ✓ done                         │
      │   hosts-file      ✓ done        ✓ done        ✓ done                         │
      │   swap-off        ✓ done        ✓ done        ✓ done                         │
      │   modules-k8s     ✓ done        ✓ done        ✓ done                         │
      │ ▸ sysctl-k8s      ✓ done       ▸! drifted     ✓ done                         │
      │ CRI-O ─────────────────────────────────────────────────────────────── 9 of 9 │
      │   crio-repo       ✓ done        ✓ done        ✓ done                         │
      │   crio-install    ✓ done        ✓ done        ✓ done                         │
      │   crio-config     ✓ done        ✓ done        ✓ done                         │
      │ Kubernetes packages ───────────────────────────────────────────────── 3 of 3 │
      │   kube-packages   ✓ done        ✓ done        ✓ done                         │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ sysctl-k8s on gpu-1  ! drifted   Let bridged packets be seen and forwarded   │
      │ net.ipv4.ip_forward is 0, and /etc/sysctl.d/99-kubernetes.conf is not as it  │
      │ was written                                                                  │
      │ f puts it right: shows the commands first                                    │
      ╰────────────────────────────────────────────────────────────── 6 of 18 steps ─╯
       ? help  : go to  enter step  f fix  a run all  u undo  r check"
    `);
    await app.close();
  });

  it('shows everything with titles on a large screen, as this picture', async () => {
    const { app } = shown(
      aSetup(
        {
          ...settled,
          'crio-config gpu-2': { state: 'waiting', for: 'crio-install' },
          'crio-install gpu-2': { state: 'held', by: 'eva', since: now - 90_000 },
          'nvidia-driver gpu-1': { state: 'rebooting', since: now - 80_000, seen: 'it went away 1m20s ago' },
          'nvidia-driver gpu-2': { state: 'unknown', why: 'connection timed out' },
          'device-plugin': missing,
        },
        { run: 'paused', startedAt: now - 192_000 },
      ),
      {},
      { columns: 120, rows: 40 },
    );
    const screen = await app.until((one) => one.includes('Prepare the hosts'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  10.0.0.10:6443  v1.36.2                              3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Overview  2 Nodes  3 GPUs  4 Monitoring  5 Latency  6 Workloads  7 Cleanup ▸8 Setup  9 Journal
      ╭─ Setup lab: 36 of 41 done, 1 unknown ───────────────────────────────────────── ! waits for you 3m12s ▆▆▆▆▆▆▆▆▆▆▆▆░░ ─╮
      │   STEP                                           controlplane     gpu-1            gpu-2            cluster          │
      │ Prepare the hosts ───────────────────────────────────────────────────────────────────────────────────────── 18 of 18 │
      │ ▸ apt-base       Install what all steps use     ▸✓ done           ✓ done           ✓ done                            │
      │   time-sync      Keep the clocks together        ✓ done           ✓ done           ✓ done                            │
      │   hosts-file     Know each other by name         ✓ done           ✓ done           ✓ done                            │
      │   swap-off       Turn swap off                   ✓ done           ✓ done           ✓ done                            │
      │   modules-k8s    Load overlay and br_netfilter   ✓ done           ✓ done           ✓ done                            │
      │   sysctl-k8s     Let bridged packets be seen …   ✓ done           ✓ done           ✓ done                            │
      │ CRI-O ─────────────────────────────────────────────────────────────────────────────────────────────────────── 7 of 9 │
      │   crio-repo      Trust the CRI-O repository      ✓ done           ✓ done           ✓ done                            │
      │   crio-install   Install CRI-O                   ✓ done           ✓ done           ⊘ held 90s                        │
      │   crio-config    Set the cgroup driver and th…   ✓ done           ✓ done           ◌ waiting                         │
      │ Kubernetes packages ───────────────────────────────────────────────────────────────────────────────────────── 3 of 3 │
      │   kube-packages  Install kubeadm, kubelet and…   ✓ done           ✓ done           ✓ done                            │
      │ Bring the cluster up with kubeadm ─────────────────────────────────────────────────────────────────────────── 3 of 3 │
      │   kubeadm-init   Begin the control plane         ✓ done                                                              │
      │   kubeadm-join   Join the workers                                 ✓ done           ✓ done                            │
      │ Calico ────────────────────────────────────────────────────────────────────────────────────────────────────── 1 of 1 │
      │   calico-install Install Calico by its operat…                                                      ✓ done           │
      │ GPUs: driver, toolkit, device plugin ──────────────────────────────────────────────────────────────────────── 4 of 7 │
      │   nvidia-driver  Install the NVIDIA driver       ✓ done           ↻ rebooting 80s  ? unknown                         │
      │   nvidia-toolkit Give containers their GPUs      ✓ done           ✓ done           ✓ done                            │
      │   device-plugin  Offer GPUs to pods                                                                 · missing        │
      │ Maintenance ──────────────────────────────────────────────────────────────────────────────────────────────────── n/a │
      │   etcd-reset     Empty etcd                      – n/a                                                               │
      │   bios-above-4g  Above-4G decoding is on         – n/a            – n/a            – n/a                             │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │ ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────── │
      │ apt-base on controlplane  ✓ done   Install what all steps use                                                        │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  enter step  u undo  r check  ! shell  x stop  / filter  p pause  q quit"
    `);
    await app.close();
  });

  it('says what a failure is and runs the step that mends it', async () => {
    const { app, desk } = shown(aSetup({ ...settled, 'kubeadm-init': swapFailure, 'swap-off controlplane': missing }, { run: 'paused', startedAt: now }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('\t');
    await app.until((screen) => screen.includes('this is swap-on: swap is still on; step swap-off mends it'));
    app.type('f');
    await app.until((screen) => screen.includes('Run swap-off on controlplane') && screen.includes('swapoff -a'));
    app.type('yy');
    await app.until((screen) => screen.includes('Setup lab:'));
    expect(desk.asked).toEqual(['run swap-off on controlplane']);
    app.type('t');
    await app.until(() => desk.asked.includes('retry kubeadm-init controlplane'));
    app.type('i');
    await app.until(() => desk.asked.includes('skip kubeadm-init controlplane'));
    await app.close();
  });

  it('scrolls through 60 steps on 8 hosts and fits any terminal', async () => {
    const hosts = Array.from({ length: 8 }, (_, index) => ({ name: `gpu-node-${index + 1}`, address: `10.0.0.${index + 1}`, roles: [] }));
    const on = hosts.map(({ name }) => name);
    const steps = Array.from({ length: 60 }, (_, index) => aStep({ id: `step-${index + 1}`, playbook: `book-${Math.floor(index / 7)}`, on }));
    const { app } = shown(
      aSetup({ 'step-59 gpu-node-7': drifted }, { outline: anOutline({ choice: aChoice({ hosts }), steps, columns: [...on, 'cluster'] }) }),
    );
    await app.until((screen) => screen.includes('471 of 480 done') || screen.includes('479 of 480 done'));
    app.type('G');
    await app.until((screen) => screen.includes('60 of 60 steps') && screen.includes('step-60 on gpu-node-1'));
    app.type('h');
    await app.until((screen) => screen.includes('step-60 on gpu-node-8'));
    app.type('kh');
    await app.until((screen) => screen.includes('step-59 on gpu-node-7') && screen.includes('! drifted'));
    for (const [columns, rows] of [
      [80, 24],
      [93, 31],
      [120, 40],
      [200, 60],
    ] as const) {
      app.resize(columns, rows);
      await app.until((screen) => screen.includes('step-59 on gpu-node-7'));
      expect(app.scrolledOff()).toBe(0);
      expect(app.wrapped()).toBe(0);
    }
    await app.close();
  });

  it('keeps with !done what there is still to do', async () => {
    const { app } = shown(aSetup({ ...settled, 'sysctl-k8s gpu-1': drifted, 'device-plugin': missing }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('/!done !n/a\r');
    const screen = await app.until((one) => one.includes('2 of 18 steps'));
    expect(screen).toContain('sysctl-k8s');
    expect(screen).toContain('device-plugin');
    expect(screen).not.toContain('swap-off');
    await app.close();
  });

  it('runs the steps that are marked, those that they need among them, after a look at their commands', async () => {
    const { app, desk } = shown(aSetup({ ...settled, 'apt-base gpu-1': missing, 'modules-k8s gpu-1': missing, 'sysctl-k8s gpu-1': drifted }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('/sysctl\r');
    await app.until((screen) => screen.includes('1 of 18 steps'));
    app.type(' ');
    await app.until((screen) => screen.includes('1 marked'));
    app.type('f');
    const screen = await app.until((one) => one.includes('Run 3 steps') && one.includes('enter does it'));
    expect(screen).toContain('because what was asked for needs it');
    app.type('s');
    await app.until((one) => one.includes('✓ waits before each step'));
    app.type('\r');
    await app.until(() => desk.asked.length > 0);
    expect(desk.asked).toEqual(['run sysctl-k8s on all step by step']);
    await app.close();
  });

  it('does nothing destructive before the name of the cluster is typed', async () => {
    const { app, desk } = shown(aSetup({ ...settled, 'etcd-reset': missing }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('/etcd\r');
    await app.until((screen) => screen.includes('f does it here'));
    app.type('f');
    await app.until((screen) => screen.includes('then type lab'));
    app.type('y\r');
    await app.until((screen) => screen.includes('type lab:'));
    app.type('lab\r');
    await app.until(() => desk.asked.length > 0);
    expect(desk.asked).toEqual(['run etcd-reset on controlplane typed lab']);
    await app.close();
  });

  it('tells why a run is refused, and runs nothing', async () => {
    const { app } = shown(aSetup({ ...settled, 'swap-off gpu-1': missing }), { run: () => Promise.reject(new Error('eva is at work on gpu-1 since 14:00')) });
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('a');
    await app.until((screen) => screen.includes('y does it'));
    app.type('y');
    await app.until((screen) => screen.includes('✗ eva is at work on gpu-1 since 14:00'));
    await app.close();
  });

  it('offers nothing that changes anything in a read-only session', async () => {
    const { app } = shown(aSetup({ ...settled, 'sysctl-k8s gpu-1': drifted }), {}, { readOnly: true });
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('\t');
    const screen = await app.until((one) => one.includes('sysctl-k8s on gpu-1'));
    expect(screen).not.toContain('run all');
    expect(screen).not.toContain('f puts it right');
    app.type('a');
    await app.until((one) => one.includes('read-only'));
    await app.close();
  });

  it('is readable in ASCII and without colours', async () => {
    const { app } = shown(
      aSetup({
        ...settled,
        'sysctl-k8s gpu-1': drifted,
        'apt-base gpu-1': { state: 'held', by: 'eva', since: now - 5000 },
        'hosts-file gpu-2': { state: 'asks', question: 'write it anew?', diff: [] },
      }),
      {},
      { ascii: true, env: { LANG: 'C', NO_COLOR: '1' } },
    );
    const screen = await app.until((one) => one.includes('Prepare the hosts'));
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
    expect(screen).toContain('>+ done');
    expect(screen).toContain('# held 5s');
    expect(screen).toContain('= asks');
    expect(screen).toContain('! drifted');
    await app.close();
  });

  it('shows hosts, reasons and output with hostile text as plain text', async () => {
    const evil = 'gpu\x1b[2J\u202e-9\x07';
    const steps = [aStep({ id: 'swap-off', title: 'Turn \x1b]0;owned\x07swap off', on: [evil] })];
    const { app } = shown(
      aSetup(
        { 'swap-off': { state: 'failed', why: `it said \x1b[31m${'very long '.repeat(60)}`, diagnosis: null } },
        { outline: anOutline({ steps, columns: [evil], cluster: 'la\x1b[Hb' }) },
      ),
      {
        page: async (step, column) =>
          aStepPage(step, column, { step: steps[0] ?? aStep({ id: step }), output: ['\x1b[2Jgone\tfar'], apply: ['echo \x1b[8mhidden'] }),
      },
    );
    const screen = await app.until((one) => one.includes('very long'));
    expect(screen).toContain('Setup lab:');
    expect(screen).toContain('swap-off on gpu-9');
    expect(screen).toContain('…');
    app.type('\r');
    await app.until((one) => one.includes('swap-off on gpu-9: Turn swap off'));
    app.type('G');
    await app.until((one) => one.includes('echo hidden'));
    expect(app.written.stdout()).not.toContain('\x1b[8m');
    expect(app.written.stdout()).not.toContain('owned');
    expect(app.scrolledOff()).toBe(0);
    await app.close();
  });
});

describe('a step of a setup', () => {
  it('shows the difference, why it matters and exactly what runs', async () => {
    const { app } = shown(aSetup({ ...settled, 'sysctl-k8s gpu-1': drifted }), {}, { columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('\t\r');
    const screen = await app.until((one) => one.includes('How it is undone'));
    expect(screen).toContain('sysctl-k8s on gpu-1: Let bridged packets be seen and forwarded');
    expect(screen).toContain('-net.ipv4.ip_forward = 0');
    expect(screen).toContain('+net.ipv4.ip_forward = 1');
    expect(screen).toContain('swapoff -a');
    app.type('l');
    await app.until((one) => one.includes('sysctl-k8s on gpu-2'));
    await app.close();
  });

  it('that a file edited by hand holds up is written anew only from where the difference is seen', async () => {
    const asks: CellState = { state: 'asks', question: '/etc/hosts was edited by hand: write it anew, or leave it?', diff: drifted.diff };
    const { app, desk } = shown(aSetup({ ...settled, 'hosts-file gpu-2': asks }, { run: 'paused', startedAt: now }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('\t');
    await app.until((screen) => screen.includes('o writes it anew'));
    app.type('o');
    await app.until((screen) => screen.includes('What differs'));
    expect(desk.asked).toEqual([]);
    app.type('o');
    await app.until(() => desk.asked.length > 0);
    expect(desk.asked).toEqual(['overwrite hosts-file gpu-2']);
    await app.close();
  });

  it('is taken back after a look at how', async () => {
    const { app, desk } = shown(aSetup(settled));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('/swap-off\r');
    await app.until((screen) => screen.includes('swap-off on controlplane'));
    app.type('u');
    await app.until((screen) => screen.includes('Take swap-off back on controlplane') && screen.includes('restore /etc/fstab'));
    app.type('y');
    await app.until(() => desk.asked.length > 0);
    expect(desk.asked).toEqual(['undo swap-off controlplane']);
    await app.close();
  });

  it('opens a shell on its host and comes back', async () => {
    const ran: (readonly string[])[] = [];
    const { app } = shown(
      aSetup(settled),
      {},
      {
        runCommand: async (command) => {
          ran.push(command);
          return 'ssh could not log in, or lost the connection';
        },
      },
    );
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('l!');
    await app.until((screen) => screen.includes('ssh could not log in') && screen.includes('Prepare the hosts'));
    expect(ran).toEqual([['ssh', 'gpu-1']]);
    await app.close();
  });
});

describe('a setup that runs', () => {
  const running = aSetup(
    { 'apt-base gpu-1': { state: 'running', phase: 'apply', since: now - 12_000, said: 'Unpacking jq' } },
    { run: 'running', startedAt: now - 65_000 },
  );

  it('shows what is under way, and is stopped with x', async () => {
    const { app, desk } = shown(running);
    await app.until((screen) => screen.includes('running 65s') || screen.includes('running 1m5s'));
    app.type('l');
    await app.until((screen) => screen.includes('running 12s') && screen.includes('Unpacking jq'));
    app.type('x');
    await app.until(() => desk.asked.includes('stop'));
    await app.close();
  });

  it('goes on in the last row when its screen is left', async () => {
    const { app, session } = shown(running);
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('2');
    await app.until((screen) =>
      screen.includes(`◌ Setup lab ${labSteps.flatMap(({ on }) => on).length - 1} of ${labSteps.flatMap(({ on }) => on).length} 65s`),
    );
    session.show(aLab({ setup: live(aSetup({ ...settled, 'kubeadm-init': swapFailure }, { run: 'paused', startedAt: now - 65_000 }), now) }));
    await app.until((screen) => screen.includes('Setup lab: kubeadm-init failed on controlplane 8'));
    await app.close();
  });

  it('step by step goes on with n', async () => {
    const { app, desk, session } = shown(aSetup({ ...settled, 'apt-base': missing }));
    await app.until((screen) => screen.includes('Prepare the hosts'));
    app.type('a');
    await app.until((screen) => screen.includes('enter does it'));
    app.type('s');
    await app.until((screen) => screen.includes('✓ waits before each step'));
    app.type('\r');
    await app.until((screen) => screen.includes('Setup lab:'));
    session.show(aLab({ setup: live(running, now) }));
    await app.until((screen) => screen.includes('n next step'));
    app.type('n');
    await app.until(() => desk.asked.includes('next'));
    expect(desk.asked).toEqual(['run all on all step by step', 'next']);
    await app.close();
  });
});
