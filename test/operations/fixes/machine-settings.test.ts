import { describe, expect, it } from 'vitest';
import { applySysctls } from '../../../src/operations/fixes/apply-sysctls.js';
import { loadModules } from '../../../src/operations/fixes/load-modules.js';
import { swapOff } from '../../../src/operations/fixes/swap-off.js';
import { withoutSwap } from '../../../src/operations/fstab.js';
import { aHost, hostsOf, known, someFacts } from '../../builders/host.js';
import { aSnapshot } from '../../builders/snapshot.js';
import { aScene, changes, done, exact, laterFacts } from './a-scene.js';

const swaps = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap.img                               file\t\t8388604\t\t1048576\t\t-2\n';
const fstab = '# /etc/fstab\nUUID=1 / ext4 defaults 0 1\n/swap.img none swap sw 0 0\n';
const meminfo = (available: number) => `MemTotal: 64000000 kB\nMemAvailable: ${available} kB\n`;
const files = { '/proc/swaps': swaps, '/etc/fstab': fstab, '/proc/meminfo': meminfo(32_000_000) };
const input = { host: 'gpu-1' };

describe('swap-off', () => {
  const units = { 'systemctl list-unit-files': 'swap.img.swap generated -\n' };

  it('switches swap off, keeps fstab as it was, writes it without swap, and masks the units', async () => {
    const scene = aScene({ files, says: units, later: laterFacts({}) });
    const { plan } = await swapOff.plan(input, scene);
    expect(plan.items.map(({ exact: words }) => words)).toEqual([
      "gpu-1# printf '%s\\n' '9f9dbea4d0ae3a9e7e920387ad436f0429a523b161025d0805ab5d5c81f9125a  /etc/fstab' | sha256sum --check --quiet",
      'gpu-1# swapoff -a',
      'gpu-1# install -D -p -m 600 /etc/fstab /var/backups/gpuk8s/etc/fstab',
      "gpu-1# printf '%s\\n' '# /etc/fstab' 'UUID=1 / ext4 defaults 0 1' '#gpuk8s /swap.img none swap sw 0 0' | tee /etc/fstab.gpuk8s",
      'gpu-1# chmod 644 /etc/fstab.gpuk8s',
      'gpu-1# mv -f -- /etc/fstab.gpuk8s /etc/fstab',
      'gpu-1# systemctl mask swap.img.swap',
    ]);
    expect(plan.risk).toBe('disruptive');
    expect(plan.warnings).toEqual(['1 GiB come back into memory, of which 30.5 GiB are available: this may take minutes']);
    expect(plan.undo).toContain('systemctl unmask swap.img.swap; install -m 644 /var/backups/gpuk8s/etc/fstab /etc/fstab; swapon /swap.img');
    const { state, verification } = await done(swapOff, input, scene);
    expect([state, verification?.text]).toEqual(['done', 'no swap on gpu-1, now and at the next boot']);
    expect(scene.written.get('/etc/fstab.gpuk8s')).toBe('# /etc/fstab\nUUID=1 / ext4 defaults 0 1\n#gpuk8s /swap.img none swap sw 0 0\n');
  });

  const kept = { "stat -c '%F|%U|%a|%G' -- /var": 'regular file|root|600|root\n' };

  it('needs no second copy of an fstab that is as it was before', async () => {
    const scene = aScene({ files, says: { ...kept, ...units } });
    const { plan } = await swapOff.plan(input, scene);
    expect(plan.items.filter(({ exact: words }) => words.includes('install'))).toEqual([]);
    expect(plan.undo).toContain('install -m 644 /var/backups/gpuk8s/etc/fstab /etc/fstab');
  });

  it('keeps an fstab that somebody changed since beside the older copy, and undoes to the newer one', async () => {
    const scene = aScene({ files, says: { ...kept, ...units, cmp: { exitCode: 1 } } });
    const { plan } = await swapOff.plan(input, scene);
    expect(plan.items[2]?.exact).toMatch(/^gpu-1# install -D -p -m 600 \/etc\/fstab \/var\/backups\/gpuk8s\/etc\/fstab\.\d{8}T\d{6}$/);
    expect(plan.undo).toMatch(/install -m 644 \/var\/backups\/gpuk8s\/etc\/fstab\.\d{8}T\d{6} \/etc\/fstab; swapon \/swap\.img/);
  });

  it('changes nothing where fstab is no longer as it was planned with', async () => {
    const scene = aScene({
      files,
      says: { ...units, 'sha256sum --check': { exitCode: 1, stderr: 'sha256sum: WARNING: 1 computed checksum did NOT match\n' } },
    });
    const { failed } = await done(swapOff, input, scene);
    expect(failed).toEqual(['sha256sum ended with 1: sha256sum: WARNING: 1 computed checksum did NOT match']);
    expect(changes(scene)).toEqual(['sha256sum --check --quiet']);
  });

  it('disables a unit that was written by hand, where a mask has no place, and masks the others', async () => {
    const says = {
      'systemctl list-unit-files': 'swap.img.swap enabled enabled\ndev-sda3.swap generated -\n',
      'systemctl show':
        'Id=swap.img.swap\nFragmentPath=/etc/systemd/system/swap.img.swap\n\nId=dev-sda3.swap\nFragmentPath=/run/systemd/generator/dev-sda3.swap\n',
    };
    const scene = aScene({ files: { '/proc/swaps': 'Filename Type Size Used Priority\n' }, says, later: laterFacts({}) });
    expect(await exact(swapOff, input, scene)).toEqual(['gpu-1# systemctl mask dev-sda3.swap', 'gpu-1# systemctl disable swap.img.swap']);
    expect((await swapOff.plan(input, scene)).plan.undo).toBe('gpu-1# systemctl unmask dev-sda3.swap; systemctl enable swap.img.swap');
  });

  it('cannot be done where memory does not hold what was swapped out', async () => {
    const scene = aScene({ files: { ...files, '/proc/meminfo': meminfo(500_000) } });
    expect((await swapOff.plan(input, scene)).plan.blockers).toEqual([
      'gpu-1 has 1 GiB swapped out and only 488 MiB of memory available: stop something there first',
    ]);
  });

  it('starts a kubelet that did not start with swap on, and waits for it', async () => {
    const down = known([{ name: 'kubelet', enabled: 'enabled', active: 'failed' }]);
    const scene = aScene({
      snapshot: aSnapshot({ hosts: hostsOf(aHost({ facts: someFacts({ services: down }) })) }),
      files,
      later: laterFacts({ services: down }),
    });
    const { verification } = await done(swapOff, input, scene);
    expect(changes(scene).at(-1)).toBe('systemctl restart kubelet.service');
    expect(verification).toEqual({ seen: false, text: 'the kubelet of gpu-1 is failed' });
  });

  it('finds nothing to do where there is no swap', async () => {
    const scene = aScene({ files: { '/proc/swaps': 'Filename Type Size Used Priority\n', '/etc/fstab': '#/swap.img none swap sw 0 0\n' } });
    await expect(swapOff.plan(input, scene)).rejects.toThrow('nothing to do: gpu-1 has no swap, and nothing that brings it back');
  });

  it('leaves fstab alone when swapoff fails', async () => {
    const scene = aScene({ files, says: { 'swapoff -a': { exitCode: 255, stderr: 'swapoff: /swap.img: swapoff failed: Cannot allocate memory\n' } } });
    const { failed, skipped } = await done(swapOff, input, scene);
    expect(failed).toEqual(['swapoff ended with 255: swapoff: /swap.img: swapoff failed: Cannot allocate memory']);
    expect(skipped).toBe(4);
    expect(scene.written.size).toBe(0);
  });
});

describe('the swap lines of fstab', () => {
  it('are commented out wherever they stand, and comments and mounts named swap stay', () => {
    expect(withoutSwap('UUID=2\tnone\tswap\tsw 0 0\n  /dev/sda3 swap swap defaults\n# /x none swap sw\n/dev/sdb /swap ext4 noatime 0 2')).toBe(
      '#gpuk8s UUID=2\tnone\tswap\tsw 0 0\n#gpuk8s   /dev/sda3 swap swap defaults\n# /x none swap sw\n/dev/sdb /swap ext4 noatime 0 2',
    );
  });
});

describe('load-modules', () => {
  const modules = { host: 'gpu-1', modules: 'overlay br_netfilter' };

  it('loads what is missing and names all of them for the next boot', async () => {
    const scene = aScene({ files: { '/proc/modules': 'overlay 212992 31 - Live 0x0\n' }, later: laterFacts({}) });
    const { plan } = await loadModules.plan(modules, scene);
    expect(plan.items.map(({ exact: words }) => words)).toEqual([
      'gpu-1# modprobe br_netfilter',
      "gpu-1# printf '%s\\n' overlay br_netfilter | tee /etc/modules-load.d/k8s.conf",
    ]);
    expect(plan.undo).toBe('gpu-1# rm /etc/modules-load.d/k8s.conf; modprobe -r br_netfilter');
    expect((await done(loadModules, modules, scene)).verification?.seen).toBe(true);
    expect(scene.written.get('/etc/modules-load.d/k8s.conf')).toBe('overlay\nbr_netfilter\n');
  });

  it('keeps what others wrote into the file', async () => {
    const scene = aScene({
      files: { '/proc/modules': 'overlay 1\nbr_netfilter 1\n', '/etc/modules-load.d/k8s.conf': 'overlay\nip_vs' },
      later: laterFacts({}),
    });
    await done(loadModules, modules, scene);
    expect(scene.written.get('/etc/modules-load.d/k8s.conf')).toBe('overlay\nip_vs\nbr_netfilter\n');
    expect(changes(scene)[1]).toBe('install -D -p -m 600 /etc/modules-load.d/k8s.conf /var/backups/gpuk8s/etc/modules-load.d/k8s.conf');
  });

  it('says which module did not come, and knows those built into the kernel', async () => {
    const scene = aScene({
      files: { '/proc/modules': '' },
      says: { 'ls -d': { exitCode: 2, stdout: '/sys/module/overlay\n' } },
      later: laterFacts({ modules: known(['nvidia']) }),
    });
    expect((await done(loadModules, modules, scene)).verification).toEqual({ seen: false, text: 'br_netfilter not loaded on gpu-1' });
  });

  it('loads nothing that is built into the kernel', async () => {
    const builtIn = { exitCode: 2, stdout: '/sys/module/overlay\n/proc/sys/net/bridge\n', stderr: "ls: cannot access '/sys/module/br_netfilter'\n" };
    expect(await exact(loadModules, modules, aScene({ says: { 'ls -d': builtIn } }))).toEqual([
      "gpu-1# printf '%s\\n' overlay br_netfilter | tee /etc/modules-load.d/k8s.conf",
    ]);
  });

  it('finds nothing to do where both are there for good', async () => {
    const scene = aScene({ files: { '/proc/modules': 'overlay 1\nbr_netfilter 1\n', '/etc/modules-load.d/k8s.conf': 'overlay\nbr_netfilter\n' } });
    await expect(loadModules.plan(modules, scene)).rejects.toThrow('nothing to do: overlay and br_netfilter are loaded on gpu-1, and at each boot');
  });
});

describe('apply-sysctls', () => {
  const right = {
    'net.bridge.bridge-nf-call-iptables': '1',
    'net.bridge.bridge-nf-call-ip6tables': '1',
    'net.ipv4.ip_forward': '1',
    'fs.inotify.max_user_instances': '8192',
    'fs.inotify.max_user_watches': '2097152',
  };
  const before = aSnapshot({
    hosts: hostsOf(aHost({ facts: someFacts({ sysctls: known({ ...right, 'net.ipv4.ip_forward': '0', 'fs.inotify.max_user_instances': '128' }) }) })),
  });
  const bridge = { '/proc/modules': 'br_netfilter 1\n', '/etc/modules-load.d/k8s.conf': 'br_netfilter\n' };

  it('writes what Kubernetes needs, lowers no limit, and sets it now', async () => {
    const scene = aScene({ snapshot: before, files: bridge, later: laterFacts({ sysctls: known(right) }) });
    expect((await done(applySysctls, input, scene)).verification?.seen).toBe(true);
    expect(scene.written.get('/etc/sysctl.d/99-zz-k8s.conf')).toContain(
      'net.ipv4.ip_forward = 1\nfs.inotify.max_user_instances = 8192\nfs.inotify.max_user_watches = 2097152\n',
    );
    expect(changes(scene)).toEqual(['tee /etc/sysctl.d/99-zz-k8s.conf', 'sysctl -p /etc/sysctl.d/99-zz-k8s.conf']);
  });

  it('loads the bridge module first, without which the settings are not there', async () => {
    expect((await exact(applySysctls, input, aScene({ snapshot: before, files: { '/proc/modules': '' } })))[0]).toBe('gpu-1# modprobe br_netfilter');
  });

  it('names each setting that is still wrong', async () => {
    const scene = aScene({ snapshot: before, files: bridge, later: laterFacts({ sysctls: known({ ...right, 'net.ipv4.ip_forward': '0' }) }) });
    expect((await done(applySysctls, input, scene)).verification).toEqual({ seen: false, text: 'net.ipv4.ip_forward is 0 on gpu-1' });
  });
});
