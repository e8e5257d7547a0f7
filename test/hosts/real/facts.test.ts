import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Watched, type WatchOptions, watchMachines } from './feed.js';
import { useMachines } from './machines.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 180_000 });

describe('the facts of three machines with systemd', () => {
  const room = useMachines('gpu-1', 'gpu-2', 'lb');
  const names = ['gpu-1', 'gpu-2', 'lb'];
  let watched: Watched | null = null;
  const watch = (only: readonly string[] = names, options: WatchOptions = {}): Watched => {
    watched = watchMachines(room.machines, only, options);
    return watched;
  };
  const machine = (name: string) => room.machines.of(name);
  afterEach(() => {
    watched?.close();
    watched = null;
  });

  it('arrive side by side, about as fast as those of one', async () => {
    const alone = Date.now();
    const one = watch(['gpu-1']);
    await one.facts('gpu-1');
    const oneMs = Date.now() - alone;
    one.close();
    const started = Date.now();
    const all = watch();
    const facts = await Promise.all(names.map((name) => all.facts(name)));
    const allMs = Date.now() - started;
    process.stderr.write(`one machine ${oneMs} ms, three ${allMs} ms, the probes themselves ${facts.map(({ tookMs }) => tookMs).join(', ')} ms\n`);
    expect(allMs).toBeLessThan(15_000);
  });

  it('tell each machine by its own boot id, which is the one in /proc', async () => {
    const feed = watch();
    const ids = await Promise.all(names.map(async (name) => (await feed.facts(name)).bootId));
    expect(ids).toEqual(names.map((name) => ({ known: true, value: machine(name).run('cat', '/proc/sys/kernel/random/boot_id') })));
    expect(new Set(ids.map((id) => (id.known ? id.value : null))).size).toBe(3);
  });

  it('name system, kernel, sysctls, swap, disks, load and memory', async () => {
    machine('gpu-1').run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    machine('gpu-2').run('sysctl', '-qw', 'net.ipv4.ip_forward=0');
    const feed = watch();
    const [first, second] = await Promise.all([feed.facts('gpu-1'), feed.facts('gpu-2')]);
    expect(first).toMatchObject({
      hostname: { value: 'gpu-1' },
      osName: { value: expect.stringContaining('Debian GNU/Linux 12') },
      kernel: { value: machine('gpu-1').run('uname', '-r') },
      rebootRequired: { value: false },
      timeSynchronized: { known: true },
      sysctls: { value: { 'net.ipv4.ip_forward': '1' } },
      load: { value: { cpus: expect.any(Number) } },
      memory: { value: { totalBytes: expect.any(Number) } },
      packageHolds: { value: [] },
    });
    expect(second.sysctls).toMatchObject({ value: { 'net.ipv4.ip_forward': '0' } });
    // The kernel is shared, and so is its list of swap areas; a test beside this one may be switching one on.
    expect(first.swap.known && first.swap.value.every(({ bytes }) => bytes > 0)).toBe(true);
    expect(first.clockSkewMs.known && Math.abs(first.clockSkewMs.value) < 5_000).toBe(true);
    expect(first.filesystems.known && first.filesystems.value.some(({ mount, sizeBytes }) => mount === '/' && sizeBytes > 0)).toBe(true);
  });

  it('say which services are enabled and active, and which units failed', async () => {
    // The real ones are not needed to see what systemd says of them.
    const units = join(machine('gpu-1').root, 'etc/systemd/system');
    writeFileSync(join(units, 'kubelet.service'), '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n');
    writeFileSync(join(units, 'containerd.service'), '[Service]\nExecStart=/bin/false\n');
    machine('gpu-1').run('systemctl', 'daemon-reload');
    machine('gpu-1').run('systemctl', 'enable', '--now', 'kubelet.service');
    machine('gpu-1').run('sh', '-c', 'systemctl start --wait containerd.service || true');
    const feed = watch(['gpu-1', 'gpu-2']);
    const [facts, sound] = await Promise.all([feed.facts('gpu-1'), feed.facts('gpu-2')]);
    const services = new Map(facts.services.known ? facts.services.value.map((service) => [service.name, service]) : []);
    expect(services.get('kubelet')).toMatchObject({ enabled: 'enabled', active: 'active' });
    expect(services.get('containerd')).toMatchObject({ enabled: 'static', active: 'failed' });
    expect(services.has('crio')).toBe(false);
    expect(facts.failedUnits).toEqual({ known: true, value: ['containerd.service'] });
    expect(sound.failedUnits).toEqual({ known: true, value: [] });
  });

  it('say why one is not known: a program that is not there, or rights that are', async () => {
    const folder = join(machine('gpu-2').root, 'etc/crio');
    mkdirSync(folder);
    writeFileSync(join(folder, 'crio.conf'), '[crio.runtime]\ndefault_runtime = "nvidia"\n[crio.runtime.runtimes.nvidia]\n', { mode: 0o600 });
    writeFileSync(join(machine('gpu-2').root, 'usr/local/bin/crio'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const asOps = await watch(['gpu-2']).facts('gpu-2');
    watched?.close();
    expect(asOps.runtimeConfig).toEqual({ known: true, value: { runtime: 'crio', nvidiaHandler: true, defaultRuntime: 'nvidia' } });
    expect(asOps.certificates).toMatchObject({ known: false, why: 'openssl: not found' });
    expect(asOps.cdi).toMatchObject({ known: false, why: expect.stringContaining('not found') });
    const without = await watch(['gpu-2'], { settings: { user: 'pat' } }).facts('gpu-2');
    expect(without.runtimeConfig).toEqual({ known: false, why: 'needs root (sudo: a password is required)' });
    watched?.close();
    const unasked = await watch(['gpu-2'], { settings: { user: 'guest', sudo: false } }).facts('gpu-2');
    expect(unasked.runtimeConfig).toEqual({ known: false, why: 'needs root' });
    expect(unasked.bootId.known).toBe(true);
  });

  it('say that there is no nvidia-smi where there is none', async () => {
    const feed = watch();
    await Promise.all(names.map((name) => feed.facts(name)));
    expect(feed.snapshot().machineGpus).toMatchObject({
      value: null,
      freshness: { status: 'absent', why: expect.stringContaining('no NVIDIA GPU on 3 machines') },
    });
  });

  it('are the same on a machine that speaks German, with a banner, a motd and a .bashrc that prints', async () => {
    const { root, run } = machine('lb');
    const noise = 'echo "Willkommen, ünd \x1b[31mrot\x1b[0m @@x begin boot"; printf "\\0\\377\\n"; echo Achtung >&2\n';
    for (const file of ['home/ops/.bashrc', 'etc/profile.d/noise.sh']) writeFileSync(join(root, file), noise);
    writeFileSync(join(root, 'etc/motd'), 'Nur für Befugte.\n');
    writeFileSync(join(root, 'etc/issue.net'), '*** Zutritt verboten ***\n');
    writeFileSync(join(root, 'etc/default/locale'), 'LANG=de_DE.UTF-8\nLC_ALL=de_DE.UTF-8\nLANGUAGE=de\n');
    writeFileSync(join(root, 'etc/ssh/sshd_config.d/banner.conf'), 'Banner /etc/issue.net\n');
    run('systemctl', 'reload', 'ssh');
    const facts = await watch(['lb']).facts('lb');
    expect(facts).toMatchObject({
      bootId: { value: run('cat', '/proc/sys/kernel/random/boot_id') },
      hostname: { value: 'lb' },
      failedUnits: { value: [] },
      memory: { known: true },
      filesystems: { known: true },
    });
    expect(Object.values(facts).filter((fact) => typeof fact === 'object' && !fact.known && fact.why.startsWith('not understood'))).toEqual([]);
  });
});
