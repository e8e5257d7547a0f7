import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHostFeed } from '../../../src/hosts/host-feed.js';
import { cleanDisk } from '../../../src/operations/clean/disk.js';
import { measureMachine } from '../../../src/operations/clean/disk-inventory.js';
import { startLook } from '../../../src/operations/clean/disk-look.js';
import type { World } from '../../../src/operations/operation.js';
import { runPlanned } from '../../../src/operations/run.js';
import type { StoreReading } from '../../../src/state/disks.js';
import { createStore } from '../../../src/state/store.js';
import { aWorld, ok } from '../../operations/a-world.js';
import { scriptedAsker } from '../asking.js';
import { plainReader } from '../fake-machines.js';
import { probeScript } from './feed.js';
import { useMachines } from './machines.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 300_000 });

const mebibyte = 2 ** 20;
const living = '0f9a4a52-7f0e-4c35-9a35-2b1f6a1f0a01';
const gone = '3c6b7d1e-94c4-4d52-8d0a-5a8f1d2c7b02';
const hash = '8d1f0c6b7a9e4f2d8c3b5a6978e0f1d2';

describe('the disks of a machine with systemd', () => {
  const room = useMachines('gpu-1');
  let close: () => void = () => undefined;
  afterEach(() => close());

  const machine = () => room.machines.of('gpu-1');

  /** The cluster knows one living pod and one static one; the machine is reached as ops, who may use sudo. */
  function theWorld(): World {
    const place = {
      client: null,
      settings: { user: 'ops', key: room.machines.key, each: { 'gpu-1': { address: machine().address } } },
      env: {},
      homeDir: room.machines.home,
    };
    const store = createStore({ flushMs: 1, settleMs: 0 });
    const feed = startHostFeed({ ...place, store, asker: scriptedAsker({}), everyMs: 60_000, probeScript, gpus: plainReader });
    close = () => {
      feed.close();
      store.close();
    };
    const items = [
      { metadata: { uid: living } },
      { metadata: { uid: 'a1b2c3d4-0000-4000-8000-000000000000', annotations: { 'kubernetes.io/config.hash': hash } } },
    ];
    return { ...aWorld({ request: async () => ({ ...ok, body: { items } }) }), host: feed.host };
  }

  async function readings(): Promise<ReadonlyMap<string, StoreReading>> {
    const world = theWorld();
    const host = await world.host('gpu-1');
    const disks = await measureMachine(await startLook({ name: 'gpu-1', host, state: null, facts: null }, 'gpu-1', world));
    return new Map(disks.stores.map((store) => [store.id, store]));
  }

  it('are measured, and what has no program there says so', async () => {
    const stores = await readings();
    const why = (id: string) => {
      const reading = stores.get(id)?.reading;
      return reading?.status === 'unknown' ? reading.why : reading;
    };
    expect(why('docker-images')).toBe('docker: not installed');
    expect(why('cri-images')).toBe('crictl: not installed');
    for (const id of ['journal', 'apt', 'rotated-logs', 'pod-logs', 'core-dumps', 'local-path', 'old-kernels'])
      expect(stores.get(id)?.reading.status).toBe('measured');
  });

  it('win back what was foretold, as df tells it', async () => {
    const { run } = machine();
    // On file systems of their own, so that nobody else's work shows in df.
    for (const [folder, size] of [
      ['/var/log', '450m'],
      ['/var/cache/apt', '100m'],
    ] as const)
      run('mount', '-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder);
    run('mkdir', '-p', '/var/log/journal', '/var/cache/apt/archives/partial', '/etc/systemd/journald.conf.d');
    const settings = 'Storage=persistent\nSystemMaxUse=700M\nSystemKeepFree=10M\nSystemMaxFileSize=16M\nRateLimitIntervalSec=0\nRuntimeMaxUse=50M';
    run('sh', '-c', `printf '[Journal]\\n${settings.replaceAll('\n', '\\n')}\\n' >/etc/systemd/journald.conf.d/test.conf`);
    run('systemctl', 'restart', 'systemd-journald');
    run('systemd-run', '--no-block', '--unit=chatter', '-p', 'StandardOutput=journal', 'sh', '-c', 'head -c 280000000 /dev/urandom | base64 -w 4000');
    const journalled = () => Number(run('du', '-sm', '/var/log/journal').split('\t')[0]);
    await vi.waitUntil(() => run('sh', '-c', 'systemctl is-active chatter || true') !== 'active' || journalled() > 320, { timeout: 180_000, interval: 1_000 });
    run('sh', '-c', 'systemctl stop chatter; journalctl --sync; true');
    const grown = journalled();
    run('sh', '-c', 'for n in 1 2 3; do head -c 20000000 /dev/zero >/var/cache/apt/archives/linux-firmware_$n.deb; done');
    run('sh', '-c', 'for n in 1 2 3 4; do head -c 5000000 /dev/urandom >/var/log/syslog.$n.gz; touch -d "20 days ago" /var/log/syslog.$n.gz; done');
    run('sh', '-c', 'head -c 5000000 /dev/zero >/var/log/young.1; head -c 5000000 /dev/zero >/var/log/syslog; touch -d "20 days ago" /var/log/syslog');
    for (const uid of [living, gone, hash]) {
      const folder = `/var/log/pods/ai_resnet50-7d9f_${uid}`;
      run('sh', '-c', 'mkdir -p "$1/main" && head -c 8000000 /dev/zero >"$1/main/0.log" && touch -d "2 hours ago" "$1"', 'sh', folder);
    }
    const world = theWorld();
    // With a target that no disk reaches nothing stops early, however full the disk of the computer is that all this runs on.
    const planned = await cleanDisk.plan({ node: 'gpu-1', stores: 'journal apt rotated-logs pod-logs', journal: '50Mi', target: '90%' }, world);
    expect(planned.plan.items.map(({ object }) => object)).toEqual(['journal', 'apt', 'rotated-logs', 'pod-logs'].map((id) => `disk/gpu-1/${id}`));
    const won = new Map<string, number>();
    let end: unknown = null;
    const failed: unknown[] = [];
    for await (const event of runPlanned(planned, world, new AbortController().signal)) {
      if (event.event === 'item' && event.progress.state === 'done') won.set(event.progress.id, event.progress.bytes ?? 0);
      if (event.event === 'item' && event.progress.state === 'failed') failed.push(event.progress);
      if (event.event === 'ended') end = event;
    }
    expect(failed).toEqual([]);
    expect(end).toMatchObject({ event: 'ended', verification: { text: expect.stringContaining('/var/log has ') } });
    const report = planned.plan.items.map(({ id, object, bytes = 0 }) => ({ object, foretold: bytes, won: won.get(id) ?? 0 }));
    const words = report.map(({ object, foretold, won: df }) => `${object} ${(foretold / mebibyte).toFixed(1)} foretold, ${(df / mebibyte).toFixed(1)} won`);
    process.stderr.write(`journal ${grown} MiB; ${words.join('; ')} MiB\n`);
    for (const { foretold, won: df } of report) expect(Math.abs(df - foretold)).toBeLessThanOrEqual(0.05 * foretold);
    expect(grown).toBeGreaterThan(250);
    // What is young, not rotated, or somebody's stays.
    expect(run('ls', '/var/log/pods')).toBe([`ai_resnet50-7d9f_${living}`, `ai_resnet50-7d9f_${hash}`].sort().join('\n'));
    expect(run('sh', '-c', 'cd /var/log; ls syslog* young*')).toBe('syslog\nyoung.1');
  });
});
