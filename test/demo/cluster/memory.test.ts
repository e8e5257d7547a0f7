import { afterEach, describe, expect, it } from 'vitest';
import type { ContextMemory } from '../../../src/config/memory.js';
import { type DemoCluster, startDemoCluster } from '../../../src/demo/cluster.js';

const running: DemoCluster[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

async function memoryOf(scenario: string): Promise<ContextMemory> {
  const cluster = await startDemoCluster({ scenario });
  running.push(cluster);
  return cluster.memory;
}

describe('what is remembered of a demo cluster', () => {
  it('is a visit of yesterday evening, with the boots of then where nothing was rebooted', async () => {
    const memory = await memoryOf('healthy');
    const visit = new Date(memory.lastVisitAt ?? 0);
    expect([visit.getHours(), visit.getMinutes()]).toEqual([18, 40]);
    expect(Date.now() - visit.getTime()).toBeLessThan(48 * 3_600_000);
    expect(Object.keys(memory.nodes)).toEqual(['controlplane', 'gpu-1', 'gpu-2']);
    expect(memory.nodes['gpu-2']).toMatchObject({ address: '10.0.0.12', kernel: '6.8.0-94-generic', driver: '580.173.02', gpus: 8, ready: true });
    const earlier = memory.reboots['gpu-2'] ?? [];
    expect(earlier.map(({ steps }) => Math.round((steps['node-ready'] ?? 0) / 1000))).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    expect(earlier.at(-1)?.bootId).toBe(memory.nodes['gpu-2']?.bootId);
    expect(memory.last?.targets).toBeGreaterThan(15);
  });

  it('knows another boot and an older kernel of a machine that was rebooted since', async () => {
    const memory = await memoryOf('gpu-lost');
    expect(memory.nodes['gpu-2']).toMatchObject({ kernel: '6.8.0-90-generic', gpus: 8 });
    expect(memory.nodes['gpu-1']?.kernel).toBe('6.8.0-94-generic');
    expect(memory.reboots['controlplane']?.[0]?.steps).toHaveProperty('api-server');
    expect(memory.reboots['gpu-1']?.[0]?.steps).not.toHaveProperty('api-server');
  });

  it('is plain JSON', async () => {
    const memory = await memoryOf('rebooting');
    expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
  });
});
