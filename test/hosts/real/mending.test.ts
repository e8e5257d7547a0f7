import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Watched, watchMachines } from './feed.js';
import { useMachines } from './machines.js';
import { foundNow, mended } from './mended.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 180_000 });

/** The kernel is the computer's own: what the machine does to swap and modules, it does to all. */
const computer = {
  swaps: existsSync('/proc/swaps') ? readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1 : true,
  hasModules: existsSync('/proc/modules') && ['overlay', 'br_netfilter'].every((name) => readFileSync('/proc/modules', 'utf8').includes(`${name} `)),
};

const seen = { state: 'done', failed: [], verification: { seen: true } };

describe('trouble of a machine with systemd is mended by the fix of its finding', () => {
  const room = useMachines('gpu-1');
  let watched: Watched | null = null;
  afterEach(() => {
    watched?.close();
    watched = null;
  });

  const inside = (path: string) => join(room.machines.of('gpu-1').root, path);
  const run = (...words: readonly string[]) => room.machines.of('gpu-1').run(...words);
  const watching = () => {
    watched ??= watchMachines(room.machines, ['gpu-1']);
    return watched;
  };
  const found = (id: string) => foundNow(id, 'gpu-1', watching());

  it('a service that is stopped, and one that is masked', async () => {
    rmSync(inside('etc/systemd/system/kubelet.service'), { force: true });
    writeFileSync(inside('usr/lib/systemd/system/kubelet.service'), '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n');
    run('systemctl', 'daemon-reload');
    run('systemctl', 'enable', 'kubelet.service');
    run('systemctl', 'stop', 'kubelet.service');
    const stopped = await found('kubelet-service');
    expect(stopped).toMatchObject({ status: 'fail', message: 'kubelet is not running on gpu-1', fix: { operation: { id: 'restart-unit' } } });
    expect(await mended(stopped, watching())).toMatchObject(seen);
    expect(await found('kubelet-service')).toMatchObject({ status: 'pass' });
    run('systemctl', 'mask', '--now', 'kubelet.service');
    const masked = await found('kubelet-service');
    expect(masked).toMatchObject({ status: 'fail', fix: { operation: { id: 'enable-unit' } } });
    expect(await mended(masked, watching())).toMatchObject(seen);
    expect(await found('kubelet-service')).toMatchObject({ status: 'pass' });
  });

  it('a kubeconfig that belongs to root in somebody’s home', async () => {
    mkdirSync(inside('home/ops/.kube'), { recursive: true });
    writeFileSync(inside('home/ops/.kube/config'), 'apiVersion: v1\n', { mode: 0o600 });
    const finding = await found('kubeconfig-perms');
    expect(finding).toMatchObject({ status: 'warn', fix: { operation: { id: 'kubeconfig-owner' } } });
    expect(await mended(finding, watching())).toMatchObject(seen);
    expect(await found('kubeconfig-perms')).toMatchObject({ status: 'pass' });
    expect(run('stat', '-c', '%U %a', '/home/ops/.kube/config').trim()).toBe('ops 600');
  });

  it.skipIf(computer.swaps)('swap that the next boot would bring back', async () => {
    writeFileSync(inside('etc/fstab'), 'tmpfs /srv tmpfs noauto 0 0\n/swap.img none swap sw 0 0\n');
    const finding = await found('swap-zero');
    expect(finding).toMatchObject({ status: 'warn', message: expect.stringContaining('/swap.img in /etc/fstab'), fix: { operation: { id: 'swap-off' } } });
    expect(await mended(finding, watching())).toMatchObject(seen);
    expect(await found('swap-zero')).toMatchObject({ status: 'pass' });
    expect(readFileSync(inside('etc/fstab'), 'utf8')).toBe('tmpfs /srv tmpfs noauto 0 0\n#gpuk8s /swap.img none swap sw 0 0\n');
    rmSync(inside('etc/fstab'));
  });

  it.skipIf(!computer.hasModules)('modules that no file loads at boot', async () => {
    rmSync(inside('etc/modules-load.d/k8s.conf'), { force: true });
    const finding = await found('modules');
    expect(finding).toMatchObject({ status: 'warn', fix: { operation: { id: 'load-modules' } } });
    expect(await mended(finding, watching())).toMatchObject(seen);
    expect(await found('modules')).toMatchObject({ status: 'pass' });
    expect(readFileSync(inside('etc/modules-load.d/k8s.conf'), 'utf8')).toBe('overlay\nbr_netfilter\n');
  });
});
