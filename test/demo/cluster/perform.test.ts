import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../../src/demo/cluster.js';
import { createKubeClient } from '../../../src/kube/http-client.js';
import { loadKubeconfig } from '../../../src/kube/kubeconfig.js';
import { until } from '../../kube/until.js';

const running: { close(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const each of running.splice(0).reverse()) await each.close();
});

async function start(): Promise<{ cluster: DemoCluster; body: (path: string, query?: Record<string, string>) => Promise<string> }> {
  const cluster = await startDemoCluster({ scenario: 'healthy', speed: 10 });
  running.push(cluster);
  const kubeconfig = loadKubeconfig({ text: cluster.kubeconfig, env: {}, homeDir: '/nonexistent' });
  if (kubeconfig.status !== 'usable') throw new Error('the demo has no kubeconfig');
  const client = createKubeClient(kubeconfig, { env: {} });
  running.push(client);
  return { cluster, body: async (path, query = {}) => text(await client.open(path, { query })) };
}

describe('a step that happens when it is asked for', () => {
  it('reboots a machine, which comes back with a new boot id', async () => {
    const { cluster, body } = await start();
    const bootId = async () => /"bootID":"([^"]+)"/.exec(await body('/api/v1/nodes/gpu-1'))?.[1];
    const before = await bootId();
    cluster.perform({ do: 'reboot', node: 'gpu-1' });
    await until(async () => (await bootId()) !== before, 20_000);
  });

  it('has the API server forget what changed, so that nobody can go on from there', async () => {
    const { cluster, body } = await start();
    const version = /"resourceVersion":"(\d+)"/.exec(await body('/api/v1/nodes', { limit: '1' }))?.[1] ?? '';
    const changed = { spec: { unschedulable: true } };
    cluster.perform({ do: 'patch', resource: 'nodes', namespace: null, name: 'gpu-1', merge: changed });
    const watch = { watch: 'true', resourceVersion: version, timeoutSeconds: '1' };
    expect(await body('/api/v1/nodes', watch)).toContain('MODIFIED');
    cluster.perform({ do: 'forget' });
    expect(await body('/api/v1/nodes', watch)).toContain('410');
  });
});
