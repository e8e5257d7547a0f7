import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ContextMemory, nothingRemembered } from '../../../src/config/memory.js';
import { type RecoveryTracker, startRecovery } from '../../../src/recovery.js';
import type { RecoveryStep } from '../../../src/state/recovery.js';
import { until } from '../../kube/until.js';
import { aTenant } from './cluster.js';
import { hasTimeNamespaces } from './machine.js';
import { useFreshMachines } from './machines.js';
import { type Mending, mendMachines } from './mending.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 120_000 });

describe('a node that is a real machine and reboots', () => {
  const room = useFreshMachines('gpu-1', 'gpu-2');
  let mending: Mending | null = null;
  let tracker: RecoveryTracker | null = null;
  afterEach(async () => {
    tracker?.close();
    tracker = null;
    await mending?.close();
    mending = null;
  });
  const machine = () => room.machines.of('gpu-1');
  const bootId = () => machine().run('cat', '/proc/sys/kernel/random/boot_id');
  const start = (pods = [aTenant('gpu-1', 'whisper-1')]) => {
    mending = mendMachines(room.machines, { nodes: ['gpu-1', 'gpu-2'], pods });
    return mending;
  };

  /** Follows reboots as the program does, with what is remembered of the visit before. */
  function follow({ store }: Mending, memory: ContextMemory): readonly ContextMemory[] {
    const kept: ContextMemory[] = [];
    tracker = startRecovery({ store, memory: { read: () => memory, keep: (seen) => void kept.push(seen), problem: () => null } });
    return kept;
  }

  /** As units of a node are: a runtime and a kubelet that start at boot. */
  function aNodeInside(): void {
    mkdirSync(join(machine().root, 'etc/systemd/system'), { recursive: true });
    for (const name of ['containerd', 'kubelet'])
      writeFileSync(
        join(machine().root, `etc/systemd/system/${name}.service`),
        '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
      );
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'enable', '--now', 'containerd.service', 'kubelet.service');
  }

  it('is seen by its boot id and followed step by step with times; the next visit tells that it rebooted once', async () => {
    aNodeInside();
    const mend = start();
    await Promise.all([mend.look('gpu-1'), mend.look('gpu-2')]);
    const visit = follow(mend, nothingRemembered);
    await until(() => mend.store.snapshot().recovery.value !== null);
    // The visit ends, and the next one begins where it ended.
    tracker?.close();
    const left = visit.at(-1) ?? nothingRemembered;
    const before = bootId();
    expect(left.nodes['gpu-1']).toMatchObject({ bootId: before });
    const kept = follow(mend, left);
    const asked = Date.now();
    machine().run('systemctl', 'reboot', '--no-block');
    const followed = await until(() => {
      const seen = mend.store.snapshot().recovery.value?.nodes.find(({ node }) => node === 'gpu-1');
      return seen?.bootId !== before && seen?.steps.find(({ id }) => id === 'kubelet')?.status === 'done' ? seen : null;
    }, 60_000);
    process.stderr.write(`rebooted, kubelet seen after ${Date.now() - asked} ms: ${followed.steps.map(told).join(', ')}\n`);
    expect(followed).toMatchObject({ because: 'boot-id', bootId: bootId() });
    if (hasTimeNamespaces()) {
      expect(Math.abs((followed.bootedAt ?? 0) - asked)).toBeLessThan(60_000);
      for (const id of ['runtime', 'kubelet']) {
        const step = followed.steps.find((one) => one.id === id);
        expect(step).toMatchObject({ status: 'done', exact: true });
        expect(step?.sinceBootMs).toBeLessThan(60_000);
      }
    }
    tracker?.close();
    expect(kept.at(-1)?.nodes['gpu-1']?.bootId).toBe(bootId());
    follow(mend, left);
    const changes = await until(() => {
      const reboots = mend.store.snapshot().visit.value?.changes.filter(({ kind }) => kind === 'reboot') ?? [];
      return reboots.length > 0 ? reboots : null;
    }, 20_000);
    expect(changes.map(({ text }) => text)).toEqual(['gpu-1 rebooted 1×']);
  });

  it('by reboot-node is emptied, rebooted once, waited for, and taken back', async () => {
    aNodeInside();
    const mend = start();
    await Promise.all([mend.look('gpu-1'), mend.look('gpu-2')]);
    const [before, boots] = [bootId(), machine().boots()];
    const plan = await mend.desk.plan({ id: 'reboot-node', input: { node: 'gpu-1' } });
    expect(plan).toMatchObject({ risk: 'disruptive', blockers: [] });
    const began = Date.now();
    const run = await mend.desk.finished(await mend.desk.start(plan, null));
    process.stderr.write(`reboot-node took ${Date.now() - began} ms: ${run.items.map(({ state, said }) => said ?? state).join(', ')}\n`);
    expect({ state: run.state, items: run.items.map(({ state }) => state), seen: run.verification }).toEqual({
      state: 'done',
      items: plan.items.map(() => 'done'),
      seen: { seen: true, text: 'gpu-1 rebooted and Ready' },
    });
    expect(mend.cluster.changes).toEqual(['PATCH /api/v1/nodes/gpu-1', 'POST /api/v1/namespaces/ai/pods/whisper-1/eviction', 'PATCH /api/v1/nodes/gpu-1']);
    expect(bootId()).not.toBe(before);
    expect(machine().boots()).toBe(boots + 1);
    expect(machine().run('systemctl', 'is-active', 'kubelet.service')).toBe('active');
    expect(await mend.lastEntry()).toMatchObject({
      result: 'done',
      said: 'gpu-1 rebooted and Ready',
      operation: { id: 'reboot-node', input: { node: 'gpu-1' } },
    });
  });

  it('by a command that takes the connection with it counts as rebooted, not as failed', async () => {
    aNodeInside();
    // A machine that goes down at once, before systemctl has said that it will.
    writeFileSync(
      join(machine().root, 'usr/local/bin/systemctl'),
      '#!/bin/sh\n[ "$1" = reboot ] || exec /usr/bin/systemctl "$@"\n/usr/bin/systemctl reboot --no-block\nsleep 30\n',
      {
        mode: 0o755,
      },
    );
    const mend = start([]);
    await Promise.all([mend.look('gpu-1'), mend.look('gpu-2')]);
    const boots = machine().boots();
    const run = await mend.carryOut({ id: 'reboot-node', input: { node: 'gpu-1' } });
    expect(run).toMatchObject({ state: 'done' });
    expect(run.items.map(({ said }) => said)).toContain('the connection ended with the machine');
    expect(machine().boots()).toBe(boots + 1);
  });
});

function told({ id, status, sinceBootMs, exact }: RecoveryStep): string {
  return `${id} ${status}${sinceBootMs === null ? '' : ` ${exact ? '' : 'by '}+${sinceBootMs} ms`}`;
}
