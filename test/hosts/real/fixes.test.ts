import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HostState } from '../../../src/state/hosts.js';
import { useMachines } from './machines.js';
import { type Mending, mendMachines, undoCommand } from './mending.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 120_000 });

describe('what is wrong on a machine with systemd is found, mended and seen good', () => {
  const room = useMachines('gpu-1');
  let mending: Mending | null = null;
  afterEach(async () => {
    await mending?.close();
    mending = null;
  });
  const start = () => {
    mending = mendMachines(room.machines);
    return mending;
  };
  const machine = () => room.machines.of('gpu-1');
  const inside = (path: string) => join(machine().root, path);
  const packaged = 'usr/lib/systemd/system/kubelet.service';

  /** A kubelet as a package brings it, running and enabled. */
  function aKubelet(): void {
    writeFileSync(inside(packaged), '[Service]\nExecStart=/bin/sleep infinity\nRestart=no\n[Install]\nWantedBy=multi-user.target\n');
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'enable', '--now', 'kubelet.service');
  }

  it('a kubelet that was stopped', async () => {
    aKubelet();
    machine().run('systemctl', 'stop', 'kubelet.service');
    const { plan } = await start().mend('kubelet-service');
    expect(plan).toMatchObject({ ref: { id: 'restart-unit' }, risk: 'safe' });
    expect(machine().run('systemctl', 'is-active', 'kubelet.service')).toBe('active');
    machine().run('sh', '-c', undoCommand(plan));
    expect(machine().run('sh', '-c', 'systemctl is-active kubelet.service || true')).toBe('inactive');
  });

  it('a kubelet that was masked', async () => {
    aKubelet();
    machine().run('systemctl', 'disable', '--now', 'kubelet.service');
    machine().run('systemctl', 'mask', 'kubelet.service');
    const { plan } = await start().mend('kubelet-service');
    expect(plan.items.map(({ exact }) => exact)).toEqual(['gpu-1# systemctl unmask kubelet.service', 'gpu-1# systemctl enable --now kubelet.service']);
    expect(machine().run('systemctl', 'is-enabled', 'kubelet.service')).toBe('enabled');
    machine().run('sh', '-c', undoCommand(plan));
    expect(machine().run('sh', '-c', 'systemctl is-enabled kubelet.service || true')).toBe('masked');
    machine().run('systemctl', 'unmask', 'kubelet.service');
  });

  it('a kubelet that fails again is not taken for mended', async () => {
    aKubelet();
    writeFileSync(inside(packaged), '[Service]\nExecStart=/bin/sh -c "sleep 1; exit 3"\nRestart=no\n[Install]\nWantedBy=multi-user.target\n');
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'stop', 'kubelet.service');
    const { desk, found, lastEntry } = start();
    const ref = (await found('kubelet-service'))?.fix?.operation;
    if (ref === undefined) throw new Error('nothing to mend it with');
    const plan = await desk.plan(ref);
    const id = await desk.start(plan, null);
    // It stays down; nobody has to wait for two minutes to be told so.
    await vi.waitFor(async () => expect((await found('kubelet-service'))?.message).toContain('failed (exit code 3)'), { timeout: 30_000, interval: 500 });
    desk.cancel(id);
    expect(await desk.finished(id)).toMatchObject({ state: 'cancelled', verification: { seen: false } });
    expect(await lastEntry()).toMatchObject({ result: 'cancelled' });
  });

  it('modules that no file loads at boot', async (context) => {
    const file = inside('etc/modules-load.d/k8s.conf');
    rmSync(file, { force: true });
    const { mend, look } = start();
    if (!hasModules(await look('gpu-1'))) return context.skip(noModules);
    const { plan } = await mend('modules');
    expect(readFileSync(file, 'utf8')).toBe('overlay\nbr_netfilter\n');
    machine().run('sh', '-c', undoCommand(plan));
    expect(readdirSync(inside('etc/modules-load.d'))).not.toContain('k8s.conf');
  });

  it('modules that a file of somebody else half names, which is as before after the undo', async (context) => {
    const file = inside('etc/modules-load.d/k8s.conf');
    writeFileSync(file, '# by hand\nip_vs');
    chmodSync(file, 0o664);
    const { mend, look } = start();
    if (!hasModules(await look('gpu-1'))) return context.skip(noModules);
    const { plan } = await mend('modules');
    expect(readFileSync(file, 'utf8')).toBe('# by hand\nip_vs\noverlay\nbr_netfilter\n');
    machine().run('sh', '-c', undoCommand(plan));
    expect(readFileSync(file, 'utf8')).toBe('# by hand\nip_vs');
    expect(statSync(file).mode & 0o777).toBe(0o664);
    rmSync(file);
  });

  it('a kubeconfig that belongs to root, with its folder, and that others can read', async () => {
    const folder = inside('home/ops/.kube');
    const file = join(folder, 'config');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, 'apiVersion: v1\n');
    chmodSync(file, 0o644);
    machine().run('chown', '-R', 'root:games', '/home/ops/.kube');
    const states = () => [folder, file].map((path) => [statSync(path).uid, statSync(path).gid, statSync(path).mode & 0o777]);
    const before = states();
    const { plan } = await start().mend('kubeconfig-perms');
    expect(states().map(([uid]) => uid)).toEqual([2001, 2001]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    machine().run('sh', '-c', undoCommand(plan));
    expect(states()).toEqual(before);
    expect(readFileSync(file, 'utf8')).toBe('apiVersion: v1\n');
    rmSync(folder, { recursive: true });
  });

  it('packages of Kubernetes that the next upgrade would take along', async () => {
    const build = inside('root/kubelet');
    mkdirSync(join(build, 'DEBIAN'), { recursive: true });
    writeFileSync(
      join(build, 'DEBIAN/control'),
      'Package: kubelet\nVersion: 1.36.2-1.1\nArchitecture: all\nMaintainer: nobody\nDescription: stands for the real one\n',
    );
    machine().run('dpkg-deb', '--build', '/root/kubelet', '/root/kubelet.deb');
    machine().run('dpkg', '-i', '/root/kubelet.deb');
    const { plan } = await start().mend('package-holds');
    expect(machine().run('apt-mark', 'showhold')).toBe('kubelet');
    machine().run('sh', '-c', undoCommand(plan));
    expect(machine().run('apt-mark', 'showhold')).toBe('');
  });

  it('kernel settings that pods need', async (context) => {
    // Limits of the whole kernel can be set by a machine of metal, not by a container, unless it is let.
    const limits = '/proc/sys/fs/inotify';
    const before = ['max_user_instances', 'max_user_watches'].map((name) => [name, readFileSync(join(limits, name), 'utf8')] as const);
    machine().run('sh', '-c', `mount --bind ${limits} ${limits} && mount -o remount,bind,rw ${limits}`);
    rmSync(inside('etc/sysctl.d/99-zz-k8s.conf'), { force: true });
    machine().run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
    try {
      const { mend, look } = start();
      if (!hasModules(await look('gpu-1'))) return context.skip(noModules);
      const { finding, plan } = await mend('sysctl');
      expect(finding.message).toContain('net.ipv4.ip_forward is 0');
      expect(machine().run('sysctl', '-n', 'net.ipv4.ip_forward')).toBe('1');
      expect(plan.undo).toContain('rm /etc/sysctl.d/99-zz-k8s.conf');
    } finally {
      for (const [name, value] of before) writeFileSync(join(limits, name), value);
      machine().run('umount', limits);
    }
  });

  it('says what could not be set, and keeps to it in the journal', async (context) => {
    rmSync(inside('etc/sysctl.d/99-zz-k8s.conf'), { force: true });
    machine().run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
    const { carryOut, lastEntry, look } = start();
    if (!hasModules(await look('gpu-1'))) return context.skip(noModules);
    const run = await carryOut({ id: 'apply-sysctls', input: { host: 'gpu-1' } });
    expect(run).toMatchObject({ state: 'failed' });
    expect(run.items.find(({ state }) => state === 'failed')?.said).toMatch(/^sysctl ended with \d+: .*inotify/);
    expect(await lastEntry()).toMatchObject({ result: 'failed', said: expect.stringContaining('inotify') });
  });
});

/** The kernel is the computer's, and its modules do not lie in the machine. */
function hasModules({ facts }: HostState): boolean {
  return facts?.modules.known === true && ['overlay', 'br_netfilter'].every((name) => facts.modules.known && facts.modules.value.includes(name));
}

const noModules = 'the kernel of this computer has not loaded br_netfilter';
