import { describe, expect, it } from 'vitest';
import type { HostCommand } from '../../../src/hosts/host.js';
import { HostError } from '../../../src/hosts/host-error.js';
import { clearStore } from '../../../src/operations/clean/disk-step.js';
import { fullName } from '../../../src/operations/clean/stores/image-users.js';
import { vacuumed } from '../../../src/operations/clean/stores/journal.js';
import { oldKernelPackages } from '../../../src/operations/clean/stores/old-kernels.js';
import type { Found } from '../../../src/operations/clean/stores/store.js';
import { aWorld, ended } from '../a-world.js';

const found: Found = { bytes: 1e6, exact: true, how: '', path: '/var/cache/apt', parts: [], commands: () => [] };
const clean = [{ argv: ['apt-get', 'clean'], timeoutMs: 1000 }];
const signal = new AbortController().signal;

/** df says each of these in turn: kilobytes used of 100,000. */
async function machine(used: readonly number[], act: (command: HostCommand) => ReturnType<typeof ended> = () => ended(0)) {
  const left = [...used];
  const world = aWorld({
    run: async (command) => {
      if (command.argv[0] !== 'df') return act(command);
      const now = left.length > 1 ? left.shift() : left[0];
      return ended(0, {
        stdout: `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100000 ${now} ${Math.max(0, 95_000 - (now ?? 0))} 90% /\n`,
      });
    },
  });
  return { name: 'gpu-1', host: await world.host('gpu-1'), state: null, facts: null };
}

describe('clearing one store', () => {
  it('tells what df says came of it, not what the program claims', async () => {
    expect(await clearStore(await machine([90_000, 80_000]), found, clean, { target: null, signal })).toEqual({
      said: 'won 9.77 MiB, as df tells it: / has 15 % of 97.7 MiB free',
      bytes: 10_240_000,
    });
  });

  it('is counted also while root’s reserve is eaten into and df shows nothing as free', async () => {
    expect(await clearStore(await machine([99_000, 96_000]), found, clean, { target: null, signal })).toMatchObject({ bytes: 3_072_000 });
  });

  it('is left out once there is room enough', async () => {
    const enough = await clearStore(await machine([40_000], () => ended(1)), found, clean, { target: ({ sizeBytes }) => 0.3 * sizeBytes, signal });
    expect(enough).toEqual({ said: 'not needed: / has 55 % of 97.7 MiB free', skipped: true });
  });

  it('fails with the program’s words and what was won all the same', async () => {
    const locked = await machine([90_000], () => ended(100, { stderr: 'E: Could not get lock /var/lib/dpkg/lock-frontend\n' }));
    await expect(clearStore(locked, found, clean, { target: null, signal })).rejects.toThrow(/apt-get ended with 100: E: Could not get lock.*nothing won/);
  });

  it('says that it is not known what came of it when the connection ends', async () => {
    const lost = await machine([90_000], () => {
      throw new HostError('dropped', 'the connection to gpu-1 ended');
    });
    await expect(clearStore(lost, found, clean, { target: null, signal })).rejects.toThrow('what it has won is not known until the disks are measured again');
  });

  it('leaves what belongs to somebody again', async () => {
    const careful: Found = { ...found, recheck: async () => ({ commands: [], stays: ['/var/log/pods/x has a pod again'] }) };
    expect(await clearStore(await machine([90_000], () => ended(1)), careful, clean, { target: null, signal })).toMatchObject({
      said: expect.stringContaining('left alone: /var/log/pods/x has a pod again'),
      bytes: 0,
    });
  });
});

describe('what is foretold', () => {
  it('of the journal are the oldest files that are no longer written to, per machine', () => {
    const at = (name: string) => ({ path: `/var/log/journal/abc/${name}`, bytes: 100 });
    const seqnum = '0'.repeat(32);
    const files = [
      at('system.journal'),
      at(`system@${seqnum}-0000000000000001-0000000000000003.journal`),
      at(`system@${seqnum}-0000000000000001-0000000000000001.journal`),
      at('user-1000@0000000000000002-abcdef.journal~'),
    ];
    expect(vacuumed(files, 250)).toBe(200);
    expect(vacuumed(files, 400)).toBe(0);
    expect(vacuumed(files, 0)).toBe(300);
  });

  it('of kernels is never the running or the newest one, nor their NVIDIA modules', () => {
    const listing = [
      'installed linux-generic 6.8.0-94.96 21',
      'installed linux-image-6.8.0-90-generic 6.8.0-90.91 14800',
      'installed linux-modules-6.8.0-90-generic 6.8.0-90.91 120000',
      'installed linux-modules-nvidia-580-server-6.8.0-90-generic 6.8.0-90.91 300',
      'installed linux-headers-6.8.0-90 6.8.0-90.91 90000',
      'installed linux-image-6.8.0-92-generic 6.8.0-92.93 14800',
      'installed linux-modules-nvidia-580-server-6.8.0-92-generic 6.8.0-92.93 300',
      'installed linux-image-6.8.0-94-generic 6.8.0-94.96 14800',
      'installed linux-modules-nvidia-580-server-6.8.0-94-generic 6.8.0-94.96 300',
      'config-files linux-image-6.8.0-88-generic 6.8.0-88.89 14800',
    ].join('\n');
    const names = oldKernelPackages(listing, '6.8.0-92-generic').map(({ name }) => name);
    expect(names).toEqual([
      'linux-image-6.8.0-90-generic',
      'linux-modules-6.8.0-90-generic',
      'linux-modules-nvidia-580-server-6.8.0-90-generic',
      'linux-headers-6.8.0-90',
    ]);
    expect(oldKernelPackages(listing, '')).toEqual([]);
  });

  it('takes an image by all its names for the same', () => {
    expect(fullName('nginx')).toBe('docker.io/library/nginx:latest');
    expect(fullName('prom/prometheus:v3.1.0')).toBe('docker.io/prom/prometheus:v3.1.0');
    expect(fullName('registry.lab.local:5000/ai/whisper')).toBe('registry.lab.local:5000/ai/whisper:latest');
  });
});
