import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Fact } from '../../../src/state/hosts.js';
import { type Watched, watchMachines } from './feed.js';
import { useMachines } from './machines.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 180_000 });

describe('machines that come and go', () => {
  const room = useMachines('gpu-1', 'gpu-2', 'gpu-3');
  let watched: Watched | null = null;
  afterEach(() => {
    watched?.close();
    watched = null;
  });
  const machine = (name: string) => room.machines.of(name);

  it('one that reboots is lost, comes back by itself and shows its new boot id', async () => {
    const feed = watchMachines(room.machines, ['gpu-1', 'gpu-2']);
    watched = feed;
    const [before] = await Promise.all([feed.facts('gpu-1'), feed.facts('gpu-2')]);
    const goOn = machine('gpu-1').holdReboot();
    machine('gpu-1').run('systemctl', 'reboot', '--no-block');
    const lost = await feed.when('gpu-1', ({ contact }) => contact.status === 'lost');
    // What was known stays, with its time.
    expect(lost.facts?.bootId).toEqual(before.bootId);
    expect(feed.state('gpu-2')?.contact.status).toBe('connected');
    goOn();
    const begun = Date.now();
    await feed.when('gpu-1', ({ facts }) => changed(facts?.bootId, before.bootId), 90_000);
    process.stderr.write(`new boot id ${Date.now() - begun} ms after the machine was switched on again\n`);
    expect(feed.state('gpu-1')).toMatchObject({
      contact: { status: 'connected' },
      facts: { bootId: { value: machine('gpu-1').run('cat', '/proc/sys/kernel/random/boot_id') } },
    });
    expect(machine('gpu-1').boots()).toBe(2);
  });

  it('one that is back before anybody looked shows its new boot id all the same', async () => {
    const feed = watchMachines(room.machines, ['gpu-1']);
    watched = feed;
    const before = await feed.facts('gpu-1');
    machine('gpu-1').run('systemctl', 'reboot', '--no-block');
    await feed.when('gpu-1', ({ contact, facts }) => contact.status === 'connected' && changed(facts?.bootId, before.bootId), 90_000);
    expect(machine('gpu-1').boots()).toBe(3);
  });

  it('one that hangs holds up no other, and comes back when it goes on', async () => {
    const feed = watchMachines(room.machines, ['gpu-1', 'gpu-2', 'gpu-3']);
    watched = feed;
    await Promise.all(['gpu-1', 'gpu-2', 'gpu-3'].map((name) => feed.facts(name)));
    const stop = (signal: string) => machine('gpu-2').run('sh', '-c', `kill -${signal} $(pgrep -x sshd)`);
    stop('STOP');
    const stopped = Date.now();
    try {
      const others = await Promise.all(['gpu-1', 'gpu-3'].map((name) => feed.facts(name, stopped + 1_500)));
      process.stderr.write(`beside a machine that hangs: facts again after ${others.map(({ at }) => at - stopped).join(', ')} ms\n`);
      // A second feed begins while it hangs: the kernel there still takes the connection, nobody speaks.
      const fresh = watchMachines(room.machines, ['gpu-1', 'gpu-2', 'gpu-3']);
      try {
        await Promise.all(['gpu-1', 'gpu-3'].map((name) => fresh.facts(name)));
        expect(fresh.state('gpu-2')?.contact.status).toBe('connecting');
        expect(await fresh.when('gpu-2', (state) => state.contact.status === 'lost', 30_000)).toMatchObject({
          contact: { why: expect.stringContaining('does not speak SSH') },
        });
      } finally {
        fresh.close();
      }
    } finally {
      stop('CONT');
    }
    await feed.facts('gpu-2', Date.now());
  });

  it('one that is still booting and lets nobody in yet is tried again until it does', async () => {
    const closed = join(machine('gpu-3').root, 'etc/nologin');
    writeFileSync(closed, 'System is booting up. Unprivileged users are not permitted to log in yet.\n');
    try {
      const feed = watchMachines(room.machines, ['gpu-3']);
      watched = feed;
      await feed.when('gpu-3', (state) => state.contact.status === 'lost' || state.contact.status === 'refused');
      expect(feed.state('gpu-3')?.contact).toMatchObject({ status: 'lost', why: expect.stringContaining('System is booting up') });
      rmSync(closed);
      await feed.facts('gpu-3');
    } finally {
      rmSync(closed, { force: true });
    }
  });
});

function changed(now: Fact<string> | undefined, before: Fact<string>): boolean {
  return now?.known === true && before.known && now.value !== before.value;
}
