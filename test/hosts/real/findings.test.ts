import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Watched, watchMachines } from './feed.js';
import { useMachines } from './machines.js';
import { foundNow } from './mended.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 180_000 });

describe('what is wrong on a machine with systemd', () => {
  const room = useMachines('gpu-1');
  let watched: Watched | null = null;
  afterEach(() => {
    watched?.close();
    watched = null;
  });

  const machine = () => room.machines.of('gpu-1');
  const inside = (path: string) => join(machine().root, path);

  const found = (id: string) => {
    watched ??= watchMachines(room.machines, ['gpu-1']);
    return foundNow(id, 'gpu-1', watched);
  };

  it('is found: an entry of fstab that brings swap back, until its unit is masked', async () => {
    writeFileSync(inside('etc/fstab'), '# /old.img none swap sw 0 0\n');
    expect((await found('swap-zero'))?.message).not.toContain('fstab');
    appendFileSync(inside('etc/fstab'), '/swap.img none swap sw 0 0\n');
    const finding = await found('swap-zero');
    // The kernel is shared: where the computer has swap, the machine has it too.
    expect(finding).toMatchObject({ fix: { operation: { id: 'swap-off', input: { host: 'gpu-1' } } } });
    expect(`${finding?.message} ${finding?.evidence?.[0]?.text}`).toContain('/swap.img in /etc/fstab');
    machine().run('systemctl', 'mask', 'swap.img.swap');
    expect(JSON.stringify(await found('swap-zero'))).not.toContain('/swap.img in /etc/fstab');
    machine().run('systemctl', 'unmask', 'swap.img.swap');
    rmSync(inside('etc/fstab'));
  });

  it('is found: a kubelet that is stopped, disabled or masked, or whose program is gone', async () => {
    const unit = inside('etc/systemd/system/kubelet.service');
    // A unit in /etc cannot be masked, so it lies where a package would put it.
    rmSync(unit, { force: true });
    const text = (program: string) => `[Service]\nExecStart=${program}\nRestart=no\n[Install]\nWantedBy=multi-user.target\n`;
    const packaged = inside('usr/lib/systemd/system/kubelet.service');
    writeFileSync(packaged, text('/bin/sleep infinity'));
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'enable', '--now', 'kubelet.service');
    expect(await found('kubelet-service')).toMatchObject({ status: 'pass' });
    machine().run('systemctl', 'stop', 'kubelet.service');
    expect(await found('kubelet-service')).toMatchObject({
      status: 'fail',
      message: 'kubelet is not running on gpu-1',
      fix: { operation: { id: 'restart-unit', input: { host: 'gpu-1', unit: 'kubelet.service' } } },
    });
    machine().run('systemctl', 'mask', 'kubelet.service');
    expect(await found('kubelet-service')).toMatchObject({
      message: 'kubelet is masked: nothing can start it on gpu-1',
      fix: { operation: { id: 'enable-unit', input: { host: 'gpu-1', unit: 'kubelet.service' } } },
    });
    machine().run('systemctl', 'unmask', 'kubelet.service');
    writeFileSync(packaged, text('/usr/bin/no-such-kubelet'));
    machine().run('systemctl', 'daemon-reload');
    machine().run('sh', '-c', 'systemctl start --wait kubelet.service || true');
    expect((await found('kubelet-service'))?.message).toContain('its program cannot be run (exit code 203)');
    writeFileSync(packaged, text('/bin/sleep infinity'));
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'disable', 'kubelet.service');
    machine().run('systemctl', 'start', 'kubelet.service');
    expect(await found('kubelet-service')).toMatchObject({ status: 'warn', message: expect.stringContaining('is disabled') });
    machine().run('systemctl', 'enable', 'kubelet.service');
    expect(await found('kubelet-service')).toMatchObject({ status: 'pass' });
  });

  it('is found: modules that no file loads at boot', async () => {
    const file = inside('etc/modules-load.d/k8s.conf');
    rmSync(file, { force: true });
    const finding = await found('modules');
    // Whether they are loaded is the computer's business, whose kernel the machine shares.
    expect(finding?.message).toMatch(/br_netfilter .*not loaded on gpu-1|no file in \/etc\/modules-load\.d loads it/);
    expect(finding?.fix?.operation).toEqual({ id: 'load-modules', input: { host: 'gpu-1', modules: 'overlay br_netfilter' } });
    mkdirSync(inside('etc/modules-load.d'), { recursive: true });
    writeFileSync(file, 'overlay\nbr_netfilter\n');
    expect((await found('modules'))?.message).not.toContain('no file in /etc/modules-load.d');
  });

  it('is found: a kubeconfig that belongs to root in somebody’s home, and one that others can read', async () => {
    const file = inside('home/ops/.kube/config');
    mkdirSync(inside('home/ops/.kube'), { recursive: true });
    writeFileSync(file, 'apiVersion: v1\n', { mode: 0o600 });
    expect(await found('kubeconfig-perms')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('/home/ops/.kube/config on gpu-1 belongs to root, not to ops'),
      fix: { operation: { id: 'kubeconfig-owner', input: { host: 'gpu-1', path: '/home/ops/.kube/config', owner: 'ops' } } },
    });
    machine().run('chown', '-R', 'ops:', '/home/ops/.kube');
    chmodSync(file, 0o644);
    expect((await found('kubeconfig-perms'))?.message).toContain('can be read by others (mode 644)');
    chmodSync(file, 0o600);
    expect(await found('kubeconfig-perms')).toMatchObject({ status: 'pass' });
  });

  it('is found: what fstab names and nobody mounted', async () => {
    mkdirSync(inside('srv/models'), { recursive: true });
    writeFileSync(inside('etc/fstab'), 'tmpfs /srv/models tmpfs defaults 0 0\n/dev/none /srv/later ext4 noauto 0 0\n');
    expect(await found('mounts')).toMatchObject({ status: 'fail', message: '/srv/models (tmpfs tmpfs) not mounted on gpu-1' });
    machine().run('mount', '/srv/models');
    expect(await found('mounts')).toMatchObject({ status: 'pass' });
    machine().run('umount', '/srv/models');
    rmSync(inside('etc/fstab'));
  });
});
