import { describe, expect, it } from 'vitest';
import type { SetupChoice, SetupDesk } from '../../src/state/setup.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aChoice, aDesk, anOutline, labVariables } from '../builders/setup.js';

/** A wizard's desk: pods' addresses that overlap those of the hosts are refused, and a password is wanted. */
async function outlined(choice: SetupChoice) {
  const variables = labVariables.map((variable) => {
    const value = choice.values[variable.name];
    if (value === undefined) return variable;
    const overlaps = variable.name === 'POD_CIDR' && value.startsWith('10.0.');
    return { ...variable, value, origin: 'set' as const, problem: overlaps ? `${value} overlaps the network of the hosts (10.0.0.0/24)` : null };
  });
  return anOutline({ choice, variables, warnings: ['Calico v3.32.2 was tested up to Kubernetes 1.35'] });
}

function open(desk: Partial<SetupDesk> = {}, options: Parameters<typeof anApp>[1] = {}) {
  const scripted = aDesk({ outline: outlined, ...desk });
  return { desk: scripted, app: anApp(aSession(aLab(), { setup: scripted }), { screen: 'setup', ...options }) };
}

describe('the first page of setup', () => {
  it('invites where nothing was ever chosen, as this picture', async () => {
    const { app } = open();
    const screen = await app.until((one) => one.includes('5 profiles'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean▸8 Setup 9 Jour
      ╭─ Setup ──────────────────────────────────────────────────────────────────────╮
      │                                                                              │
      │   From bare machines to a GPU cluster, and back to it whenever something     │
      │   has changed: container runtime, Kubernetes, network, GPU driver,           │
      │   monitoring, storage.                                                       │
      │                                                                              │
      │   ✓ looks before it runs: what is done already is left alone                 │
      │   ✓ shows every command with its values, and proves what it did              │
      │   ✓ goes on where it stopped: after a failure, a lost line, a reboot         │
      │                                                                              │
      │ ▸  New setup                                                                 │
      │    choose a profile, name the hosts, see every step before anything runs     │
      │                                                                              │
      │    Profiles ──────────────────────────────────────────────────────────────── │
      │    single-node-crio-calico-a16     One machine with CRI-O, Calico and its …  │
      │    single-node-containerd-flannel  One machine with containerd and Flannel   │
      │    ha-haproxy-calico               Three control planes behind HAProxy       │
      │    lab-nfs-flannel                 A lab with NFS and Flannel                │
      │    gpu-operator-observability      GPU operator and monitoring               │
      │ 5 profiles, 7 playbooks, 18 steps                                            │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  enter open  n new  p pause  q quit  r refresh"
    `);
    await app.close();
  });

  it('has what was kept first, and enter opens it and looks at every step', async () => {
    const { app, desk } = open({ lastChoice: async () => aChoice() });
    await app.until((screen) => screen.includes('▸  lab: single-node-crio-calico-a16, 3 hosts'));
    app.type('\r');
    await app.until(() => desk.asked.length > 1);
    expect(desk.asked).toEqual(['open single-node-crio-calico-a16', 'check']);
    await app.close();
  });

  it('goes on with a choice that was left half-way', async () => {
    const { app } = open({ lastChoice: async () => aChoice() });
    await app.until((screen) => screen.includes('lab: single'));
    app.type('n');
    await app.until((screen) => screen.includes('What to set up'));
    app.type('2');
    await app.until((screen) => screen.includes('▸2'));
    app.type('8');
    await app.until((screen) => screen.includes('▸  Go on choosing: single-node-crio-calico-a16, 3 hosts'));
    app.type('\r');
    await app.until((screen) => screen.includes('What to set up'));
    await app.close();
  });

  it('works without any cluster', async () => {
    const app = anApp(aSession(aLab({ connection: { status: 'unconfigured', looked: ['~/.kube/config'] } }), { setup: aDesk() }), { screen: 'setup' });
    await app.until((screen) => screen.includes('New setup') && screen.includes('5 profiles'));
    await app.close();
  });

  it('says why there is nothing to choose from', async () => {
    const { app } = open({ catalogue: () => Promise.reject(new Error('assets/runbooks cannot be read')) });
    await app.until((screen) => screen.includes('✗ assets/runbooks cannot be read'));
    await app.close();
  });
});

describe('the wizard', () => {
  it('goes from nothing to an open setup', async () => {
    const { app, desk } = open();
    await app.until((screen) => screen.includes('5 profiles'));
    app.type('n');
    await app.until((screen) => screen.includes('A whole cluster on one machine'));
    app.type('\r');
    await app.until((screen) => screen.includes('there is no host yet'));
    app.type('\r');
    await app.until((screen) => screen.includes('enter keep'));
    app.type('Head\r');
    await app.until((screen) => screen.includes('"Head" is no host name'));
    app.type('10.0.0.10');
    await app.until((screen) => screen.includes('10.0.0.10▏'));
    app.type('\r');
    await app.until((screen) => screen.includes('enter edit'));
    app.type('h');
    app.type('\r');
    await app.until((screen) => screen.includes('Head▏'));
    app.type('\x15head\r');
    await app.until((screen) => screen.includes('wants 1 or more hosts as gpu'));
    app.type('\x1b[C\x1b[C\x1b[C');
    app.type(' ');
    await app.until((screen) => screen.includes('✓ this host will do'));
    app.type('n');
    await app.until((screen) => screen.includes('Variables 11') && screen.includes('it has to be given'));
    app.type('\r');
    await app.until((screen) => screen.includes('enter keep'));
    app.type('correct horse');
    const typing = await app.until((screen) => screen.includes('•••••••••••••'));
    expect(typing).not.toContain('correct');
    app.type('\r');
    await app.until((screen) => screen.includes('✓ all of them can be used'));
    app.type('n');
    await app.until((screen) => screen.includes('Outline: 18 steps on 1 host') && screen.includes('! Calico v3.32.2 was tested up to'));
    app.type('\r');
    await app.until(() => desk.asked.includes('check'));
    expect(desk.asked).toEqual(['detect 1', 'open single-node-crio-calico-a16 GRAFANA_PASSWORD', 'check']);
    expect(app.written.stdout()).not.toContain('correct horse');
    await app.close();
  });

  it('tells what is wrong with a value while it is typed, and drops it on esc', async () => {
    const { app } = open({ lastChoice: async () => aChoice() });
    await app.until((screen) => screen.includes('lab: single'));
    app.type('n');
    await app.until((screen) => screen.includes('What to set up'));
    app.type('nn');
    await app.until((screen) => screen.includes('Variables 11'));
    app.type('/POD_CIDR\r');
    await app.until((screen) => screen.includes('Variables 1 of 11'));
    app.type('\r\x15');
    await app.until((screen) => screen.includes('enter keep'));
    app.type('10.0.0.0/16');
    const screen = await app.until((one) => one.includes('overlaps the network'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean▸8 Setup 9 Jour
      ╭─ Variables 1 of 11 ⟨POD_CIDR⟩ ───────────────────────────────── step 3 of 5 ─╮
      │ Network ──────────────────────────────────────────────────────────────────── │
      │ ▸ Addresses of pods            10.0.0.0/16▏                                  │
      │                                10.0.0.0/16 overlaps the network of the hosts │
      │                                (10.0.0.0/24)                                 │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ POD_CIDR  cidr                                                               │
      │ A network that nothing else uses: pods get their addresses from it.          │
      │ ✗ 2 variables cannot be used yet                                             │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       enter keep  tab next field  esc cancel"
    `);
    app.type('\x1b');
    await app.until((one) => one.includes('10.244.0.0/16') && !one.includes('overlaps'));
    app.type('\x1b');
    await app.until((one) => one.includes('Variables 11'));
    await app.close();
  });

  it('turns choices round and goes back to what holds otherwise', async () => {
    const { app } = open({ lastChoice: async () => aChoice() });
    await app.until((screen) => screen.includes('lab: single'));
    app.type('n');
    await app.until((screen) => screen.includes('What to set up'));
    app.type('nn');
    await app.until((screen) => screen.includes('Variables 11'));
    app.type('/RUNTIME\r');
    await app.until((screen) => screen.includes('Variables 1 of 11'));
    app.type('\r');
    await app.until((screen) => /containerd\s+yours/.test(screen));
    app.type('\x7f');
    await app.until((screen) => /crio\s+profile/.test(screen));
    await app.close();
  });

  it('opens nothing that contradicts itself', async () => {
    const { app, desk } = open({
      lastChoice: async () => aChoice(),
      outline: async (choice) => anOutline({ choice, problems: ['GPU operator and device plugin both offer GPUs: choose one'] }),
    });
    await app.until((screen) => screen.includes('lab: single'));
    app.type('\r');
    await app.until((screen) => screen.includes('✗ GPU operator and device plugin both offer GPUs') && screen.includes('cannot be done like this'));
    app.type('\r');
    await app.until((screen) => screen.includes('cannot be done like this'));
    expect(desk.asked.filter((text) => text.startsWith('open'))).toEqual([]);
    await app.close();
  });

  it('has room for every role beside the longest addresses', async () => {
    const { app } = open({
      lastChoice: async () => aChoice({ profile: null, hosts: [{ name: 'web-1', address: '192.168.100.101', roles: ['worker', 'build'] }] }),
    });
    await app.until((screen) => screen.includes('nothing chosen yet, 1 host'));
    app.type('\r');
    await app.until((screen) => screen.includes('What to set up'));
    app.type('\r');
    const screen = await app.until((text) => text.includes('WORKER'));
    expect(screen).toContain('CONTROL GPU WORKER BALANCER NFS BUILD');
    expect(screen).toMatch(/192\.168\.100\.101 +· +· +✓ +· +· +✓/);
    await app.close();
  });

  it('tells why a setup cannot be opened, and stays', async () => {
    const { app } = open({
      lastChoice: async () => aChoice({ profile: null }),
      open: () => Promise.reject(new Error('config.json cannot be written: read-only file system')),
    });
    await app.until((screen) => screen.includes('nothing chosen yet, 3 hosts'));
    app.type('\r');
    await app.until((screen) => screen.includes('What to set up'));
    app.type('\r');
    await app.until((screen) => screen.includes('these 3 hosts'));
    app.type('nn');
    await app.until((screen) => screen.includes('enter opens it'));
    app.type('\r');
    await app.until((screen) => screen.includes('✗ config.json cannot be written: read-only file system'));
    await app.close();
  });

  it('has its steps beside it on a large screen, as this picture', async () => {
    const { app } = open({ lastChoice: async () => aChoice() }, { columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('lab: single'));
    app.type('n');
    const screen = await app.until((one) => one.includes('What to set up'));
    expect(screen).toMatchInlineSnapshot(`
      " lab  10.0.0.10:6443  v1.36.2                              3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Overview  2 Nodes  3 GPUs  4 Monitoring  5 Latency  6 Workloads  7 Cleanup ▸8 Setup  9 Journal
      ╭─ New setup ────────────────╮╭▸ What to set up ───────────────────────╮╭─ One machine with CRI-O, Calico and its ow… ─╮
      │ ▸ Profile                  ││ ▸ ✓ single-node-crio-calico-a16        ││ A whole cluster on one machine, such as a    │
      │   single-node-crio-calico… ││     single-node-containerd-flannel     ││ workstation with an A16: control plane and   │
      │                            ││     ha-haproxy-calico         4+ hosts ││ GPU worker in one. Further workers can be    │
      │ · Hosts                    ││     lab-nfs-flannel                    ││ joined later.                                │
      │   3 hosts                  ││     gpu-operator-observability         ││                                              │
      │                            ││                                        ││ Hosts                                        │
      │ · Variables                ││ or single playbooks, ticked with space ││   control-plane   1 host                     │
      │                            ││   · host-prep                  6 steps ││   gpu             1 or more hosts            │
      │                            ││   · cri-o                      3 steps ││                                              │
      │ · Outline                  ││   · kubernetes-packages         1 step ││ Playbooks  16 steps                          │
      │                            ││   · kubeadm                    2 steps ││   › Prepare the hosts  6                     │
      │                            ││   · calico                      1 step ││   › CRI-O  3                                 │
      │ · Matrix                   ││   · gpu                        3 steps ││   › Kubernetes packages  1                   │
      │                            ││   · maintenance                2 steps ││   › Bring the cluster up with kub…  2        │
      │                            ││                                        ││   › Calico  1                                │
      │                            ││                                        ││   › GPUs: driver, toolkit, device…  3        │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      │                            ││                                        ││                                              │
      ╰────────────────────────────╯╰────────────────────────────────────────╯╰──────────────────────────────────────────────╯
       ? help  : go to  enter choose  n next  esc back  p pause  q quit  r refresh"
    `);
    await app.close();
  });

  it('fits any terminal in each of its parts', async () => {
    const { app } = open({ lastChoice: async () => aChoice() });
    await app.until((screen) => screen.includes('lab: single'));
    app.type('n');
    for (const part of ['What to set up', 'NAME', 'Variables 11', 'Outline: 18 steps']) {
      for (const [columns, rows] of [
        [80, 24],
        [101, 33],
        [160, 50],
      ] as const) {
        app.resize(columns, rows);
        await app.until((screen) => screen.includes(part));
        expect(app.scrolledOff()).toBe(0);
        expect(app.wrapped()).toBe(0);
      }
      app.type('n');
    }
    await app.close();
  });
});
