import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkScript } from '../../../src/runbooks/check-script.js';
import type { StepSpec } from '../../../src/runbooks/playbook.js';
import { hostSeat, type Phase, stepScript } from '../../../src/runbooks/step-script.js';
import { type DemoMachine, demoMachine } from './demo-machine.js';

describe('what a machine of the demo answers to guided setup', () => {
  let machine: DemoMachine;
  beforeEach(() => {
    machine = demoMachine('gpu-1');
  });

  it('knows the steps by name: what is done is done, with its mark', async () => {
    const { lines, exitCode } = await phase(machine, 'check', 'swap-off');
    expect(exitCode).toBe(0);
    expect(lines).toEqual(['##gpuk8s began check', '##gpuk8s marked verified', 'swap is off, and nothing switches it on', '##gpuk8s ended 0']);
  });

  it('answers many checks in one go', async () => {
    const checks = ['swap-off', 'firewall-ports', 'crio-install', 'made-up'].map((id) => ({ step: aStep(id), values: {}, files: [] }));
    const { lines } = await bash(machine, checkScript({ checks, prelude, seat: hostSeat }));
    expect(lines.map((line) => line.split(' ').slice(0, 5).join(' '))).toEqual([
      '##gpuk8s checked 0 0 verified',
      '##gpuk8s checked 1 81 none',
      '##gpuk8s checked 2 1 none',
      '##gpuk8s checked 3 127 none',
    ]);
    expect(lines.map((line) => decoded(line.split(' ').at(-1)))).toEqual([
      'swap is off, and nothing switches it on\n',
      'ufw is not active\n',
      'CRI-O is not installed\n',
      'bash: no such step on the machines of the demo: made-up\n',
    ]);
  });

  it('finds on gpu-1 a file that somebody edited, asks before it is written over, and takes it then', async () => {
    const file = { name: '99-zz-k8s.conf', text: 'net.ipv4.ip_forward = 1\nfs.inotify.max_user_instances = 1024\n' };
    const check = await phase(machine, 'check', 'sysctl-k8s', { files: [file] });
    expect(check.exitCode).toBe(80);
    expect(check.lines).toContain('-net.core.rmem_max = 268435456');
    const asks = await phase(machine, 'apply', 'sysctl-k8s', { files: [file] });
    expect([asks.exitCode, asks.lines.at(-2)]).toEqual([83, '/etc/sysctl.d/99-zz-k8s.conf was edited by hand since it was written']);
    const written = await phase(machine, 'apply', 'sysctl-k8s', { files: [file], overwrite: true });
    expect(written.exitCode).toBe(0);
    expect((await phase(machine, 'verify', 'sysctl-k8s', { files: [file] })).exitCode).toBe(0);
    expect((await machine.run('sudo cat /etc/sysctl.d/99-zz-k8s.conf')).stdout).toBe(file.text);
    expect((await phase(machine.neighbour('gpu-2'), 'check', 'sysctl-k8s', { files: [file] })).exitCode).toBe(0);
  });

  it('installs what is missing, line by line, and takes it back', async () => {
    const other = machine.neighbour('gpu-2');
    expect((await phase(other, 'check', 'unattended-upgrades')).exitCode).toBe(1);
    const { lines, exitCode } = await phase(other, 'apply', 'unattended-upgrades');
    expect(exitCode).toBe(0);
    expect(lines).toContain('Setting up unattended-upgrades (2.9.1+nmu4ubuntu1) ...');
    expect((await phase(other, 'verify', 'unattended-upgrades')).exitCode).toBe(0);
    expect((await phase(other, 'check', 'unattended-upgrades')).lines[1]).toBe('##gpuk8s marked verified');
    expect((await phase(other, 'undo', 'unattended-upgrades')).exitCode).toBe(0);
    expect((await phase(other, 'check', 'unattended-upgrades')).lines.slice(1)).toEqual([
      '##gpuk8s marked ',
      'unattended-upgrades is not installed',
      '##gpuk8s ended 1',
    ]);
  });

  it('tells a second engineer who is at work there', async () => {
    const other = machine.neighbour('gpu-2');
    const first = bash(other, scriptOf('apply', 'unattended-upgrades'));
    const second = await bash(other, scriptOf('apply', 'journald-vacuum'));
    expect(second.exitCode).toBe(84);
    expect(decoded(second.lines[0]?.split(' ').at(-1))).toBe('ann@desk since 12:01, step unattended-upgrades');
    expect((await ended(other, first)).exitCode).toBe(0);
  });

  it('does nothing without sudo', async () => {
    const script = scriptOf('apply', 'unattended-upgrades');
    const { exitCode, stdout } = await machine.run('bash -s', script);
    expect([exitCode, stdout.split(' ').slice(0, 2)]).toEqual([85, ['##gpuk8s', 'broken']]);
  });

  it('tells whether it has booted since a step that takes effect then', async () => {
    await phase(machine, 'apply', 'nvidia-driver', { reboots: true });
    expect((await phase(machine, 'check', 'nvidia-driver')).lines).toContain('##gpuk8s boot same');
    machine.cluster.systems.reboot(machine.host.machine);
    machine.cluster.pass(60);
    expect((await phase(machine, 'check', 'nvidia-driver')).lines).toContain('##gpuk8s boot new');
    await phase(machine, 'verify', 'nvidia-driver');
    expect((await phase(machine, 'check', 'nvidia-driver')).lines.join(' ')).not.toContain('##gpuk8s boot');
  });

  it('makes new secrets for hosts that join, and never says them in words', async () => {
    const { lines } = await phase(machine.neighbour('controlplane'), 'apply', 'join-secrets');
    const [token = '', ...others] = lines.filter((line) => line.startsWith('##gpuk8s give')).map((line) => line.split(' ')[2]);
    expect([token, ...others]).toEqual(['JOIN_TOKEN', 'CA_CERT_HASH', 'CERTIFICATE_KEY']);
  });

  it('turns swap off for good in the scenario where it is on, so that the kubelet starts', async () => {
    const swapOn = demoMachine('gpu-1', 'swap-on');
    const broken = swapOn.cluster.world.machines.all().find(({ linux }) => linux.swaps.some(({ active }) => active))?.name ?? '';
    const host = swapOn.neighbour(broken);
    const before = await phase(host, 'check', 'swap-off');
    expect([before.exitCode, before.lines.slice(1, 3)]).toEqual([1, ['##gpuk8s marked ', 'fstab switches swap on at boot: /swap.img']]);
    await phase(host, 'apply', 'swap-off');
    expect((await phase(host, 'verify', 'swap-off')).exitCode).toBe(0);
    swapOn.cluster.pass(30);
    expect(host.host.unit('kubelet')?.active).toBe('active');
  });
});

const prelude = readFileSync('assets/runbooks/prelude.sh', 'utf8');

interface PhaseOptions {
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  readonly overwrite?: boolean;
  readonly reboots?: boolean;
}

async function phase(machine: DemoMachine, which: Phase, step: string, options: PhaseOptions = {}) {
  return await ended(machine, bash(machine, scriptOf(which, step, options)));
}

/** Lets time pass until it has ended. */
async function ended<T>(machine: DemoMachine, running: Promise<T>): Promise<T> {
  const end = { seen: false };
  const result = running.finally(() => {
    end.seen = true;
  });
  while (!end.seen) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!end.seen) machine.cluster.pass(0.2);
  }
  return await result;
}

function scriptOf(which: Phase, step: string, { files = [], overwrite = false, reboots = false }: PhaseOptions = {}): string {
  return stepScript({
    phase: which,
    step: { ...aStep(step), reboots },
    values: { POD_CIDR: "10.244.0.0/16 it's" },
    files,
    prelude,
    overwrite,
    holder: 'ann@desk since 12:01',
  });
}

async function bash(machine: DemoMachine, script: string): Promise<{ readonly lines: readonly string[]; readonly exitCode: number }> {
  const { stdout, exitCode } = await machine.run('sudo -n -- bash -s', script);
  return { lines: stdout.trimEnd().split('\n'), exitCode };
}

function decoded(text = ''): string {
  return Buffer.from(text, 'base64').toString();
}

function aStep(id: string): StepSpec {
  return {
    id,
    title: id,
    why: '',
    on: ['all'],
    when: {},
    needs: [],
    serial: false,
    risk: 'safe',
    reboots: false,
    gives: [],
    variables: {},
    files: [],
    check: 'STEP=other\nsay "$POD_CIDR"',
    apply: 'true',
    verify: null,
    undo: 'true',
    patienceMs: 0,
    timeoutMs: 60_000,
    replaces: null,
    mends: [],
  };
}
