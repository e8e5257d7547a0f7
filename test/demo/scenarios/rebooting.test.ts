import { describe, expect, it } from 'vitest';
import { textAt } from '../../../src/demo/fields.js';
import { demoMachine } from '../machines/demo-machine.js';
import { condition, gpus, simulatedCluster, unreadyPods } from '../simulated-cluster.js';

describe('the cluster whose control plane and gpu-2 are rebooting', () => {
  it('comes back step by step and is good within a minute', () => {
    const cluster = simulatedCluster('rebooting');
    const bootId = () => textAt(cluster.node('gpu-2'), 'status', 'nodeInfo', 'bootID');
    const before = bootId();
    const seen: string[] = [];
    const look = (second: number) => {
      const node = cluster.node('gpu-2');
      const network = condition(node, 'NetworkUnavailable').status === 'True' ? 'no network' : 'network';
      const state = `Ready=${condition(node, 'Ready').status ?? ''} ${network} ${gpus(node)}${unreadyPods(cluster).length === 0 ? ' all ready' : ''}`;
      if (!(seen.at(-1) ?? '').endsWith(state)) seen.push(`${second < 60 ? '' : 'late '}${state}`);
    };
    for (let second = 0; second <= 60; second++) {
      look(second);
      cluster.pass(1);
    }
    expect(seen).toEqual([
      'Ready=Unknown network 8 of 8',
      'Ready=False no network 0 of 0',
      'Ready=True no network 0 of 0',
      'Ready=True network 0 of 0',
      'Ready=True network 8 of 8',
      'Ready=True network 8 of 8 all ready',
    ]);
    expect(bootId()).not.toBe(before);
  });

  it('shows a lease that has not been renewed, and renews it when the kubelet is back', () => {
    const cluster = simulatedCluster('rebooting');
    const age = () =>
      cluster.world.clock.now() - Date.parse(textAt(cluster.store.get('leases.coordination.k8s.io', 'gpu-2', 'kube-node-lease'), 'spec', 'renewTime') ?? '');
    expect(age()).toBe(125_000);
    cluster.pass(25);
    expect(age()).toBeLessThanOrEqual(10_000);
  });

  it('tells of it in events, and counts a restart for each container', () => {
    const cluster = simulatedCluster('rebooting');
    cluster.pass(60);
    expect(cluster.events('Rebooted')).toHaveLength(2);
    expect(cluster.events('Rebooted')[1]).toMatch(/^Node gpu-2 has been rebooted, boot id: [0-9a-f-]{36}$/);
    expect(cluster.events('NodeReady')).toEqual(['Node controlplane status is now: NodeReady', 'Node gpu-2 status is now: NodeReady']);
    expect(cluster.events('SandboxChanged').length).toBeGreaterThan(5);
    const [whisper] = cluster.pods('ai', 'whisper-inference');
    expect(JSON.stringify(whisper?.['status'])).toContain('"restartCount":1');
  });

  it('has an API server that refuses for twelve seconds while kubelets are seen to run over SSH', async () => {
    const machine = demoMachine('controlplane', 'rebooting');
    const { cluster } = machine;
    cluster.pass(11);
    await new Promise((resolve) => setImmediate(resolve));
    expect(cluster.accepting).toEqual([false]);
    expect((await machine.run('systemctl is-active kubelet containerd')).stdout).toBe('active\nactive\n');
    cluster.pass(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(cluster.accepting).toEqual([false, true]);
  });
});
