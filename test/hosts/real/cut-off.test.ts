import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { until } from '../../kube/until.js';
import { useMachines } from './machines.js';
import { type Mending, mendMachines } from './mending.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 120_000 });

describe('a machine that goes out of reach in the middle of a fix', () => {
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
  const starts = () => readFileSync(inside('var/log/starts'), 'utf8').split('\n').length - 1;

  /** A kubelet that is masked, takes three seconds to start, and counts how often it did. */
  function aSlowKubelet(): void {
    const text =
      '[Service]\nExecStartPre=/bin/sh -c "echo started >>/var/log/starts; sleep 3"\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n';
    machine().run('sh', '-c', 'systemctl unmask kubelet.service; systemctl disable --now kubelet.service || true');
    writeFileSync(inside('usr/lib/systemd/system/kubelet.service'), text);
    writeFileSync(inside('var/log/starts'), '');
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'mask', 'kubelet.service');
  }

  it('is told of with what was under way; what it began there goes on, and is not begun a second time', async () => {
    aSlowKubelet();
    const { desk, found, lastEntry } = start();
    const ref = (await found('kubelet-service'))?.fix?.operation;
    if (ref === undefined) throw new Error('nothing to mend it with');
    const id = await desk.start(await desk.plan(ref), null);
    await until(() => starts() === 1, 20_000);
    // sshd ends every session of ops, as when it is killed for want of memory.
    machine().run('sh', '-c', 'kill -KILL $(pgrep -u ops -x sshd)');
    const run = await desk.finished(id);
    expect(run.state).toBe('failed');
    expect(run.items).toMatchObject([
      { state: 'done' },
      { state: 'failed', said: expect.stringMatching(/^the connection to gpu-1 \(.*\) was lost while "\w+" ran$/) },
    ]);
    expect(await lastEntry()).toMatchObject({ result: 'failed', said: expect.stringContaining('was lost while'), items: { done: 1, failed: 1, total: 2 } });
    await until(() => machine().run('sh', '-c', 'systemctl is-active kubelet.service || true') === 'active', 20_000);
    // What is left of it is planned from what the machine says now.
    expect(await found('kubelet-service')).toMatchObject({ status: 'pass' });
    await expect(desk.plan(ref)).rejects.toThrow('nothing to do: kubelet.service on gpu-1 is active and enabled');
    expect(starts()).toBe(1);
  });

  it('is told of when its cable was pulled; nothing of it is done behind our back once it is there again', async () => {
    // A sign of life each second: what is given up after three is then seen soon.
    writeFileSync(join(room.machines.home, '.ssh/config'), 'Host *\n  ServerAliveInterval 1\n  ConnectTimeout 2\n');
    aSlowKubelet();
    const { desk, found, lastEntry, look } = start();
    const ref = (await found('kubelet-service'))?.fix?.operation;
    if (ref === undefined) throw new Error('nothing to mend it with');
    const plan = await desk.plan(ref);
    const putBack = pullCable();
    try {
      const began = Date.now();
      const run = await desk.finished(await desk.start(plan, null));
      process.stderr.write(`cable pulled: given up after ${Date.now() - began} ms\n`);
      expect(run.state).toBe('failed');
      expect(run.items.map(({ state }) => state)).toEqual(['failed', 'skipped']);
      expect(run.items[0]?.said).toMatch(/gpu-1 .* was lost|there is no route to gpu-1|gpu-1 .* does not answer/);
      expect(await lastEntry()).toMatchObject({ result: 'failed', items: { done: 0, failed: 1, total: 2 } });
    } finally {
      putBack();
      rmSync(join(room.machines.home, '.ssh/config'));
    }
    await look('gpu-1');
    expect(machine().run('sh', '-c', 'systemctl is-enabled kubelet.service || true')).toBe('masked');
    expect(await desk.finished(await desk.start(await desk.plan(ref), null))).toMatchObject({ state: 'done' });
    expect(starts()).toBe(1);
    expect(await found('kubelet-service')).toMatchObject({ status: 'pass' });
  });

  /** Takes the machine off its bridge, without either end noticing, as when a switch fails; returns the way back. */
  function pullCable(): () => void {
    const [, bridge = ''] = /^\d+\.\d+\.(\d+)\./.exec(machine().address) ?? [];
    const line = execFileSync('ip', ['-o', 'link', 'show', 'master', `gk8stest${bridge}`], { encoding: 'utf8' });
    const name = /^\d+: ([^@:]+)/.exec(line)?.[1] ?? '';
    execFileSync('ip', ['link', 'set', name, 'nomaster']);
    return () => void execFileSync('ip', ['link', 'set', name, 'master', `gk8stest${bridge}`]);
  }
});
