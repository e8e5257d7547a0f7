import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoCluster, startDemoCluster } from '../../src/demo/cluster.js';
import { startKubeFeeds } from '../../src/kube/feeds.js';
import { gpuDerivation } from '../../src/kube/gpu-accounting.js';
import { createKubeClient } from '../../src/kube/http-client.js';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import { objectYaml } from '../../src/kube/object-yaml.js';
import { readiness } from '../../src/state/nodes.js';
import { createStore, type Store } from '../../src/state/store.js';
import { until } from './until.js';

let demo: DemoCluster;
let directory: string;
beforeAll(async () => {
  demo = await startDemoCluster({ scenario: 'evictions', pods: 300, speed: 50 });
  directory = mkdtempSync(join(tmpdir(), 'demo-'));
  writeFileSync(join(directory, 'config'), demo.kubeconfig);
}, 30_000);
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await demo.close();
});

test('every slice of a whole cluster is live', async () => {
  using cluster = connected(demo.kubeconfig);
  const { store } = cluster;
  await until(() => store.snapshot().deadPods.freshness.status === 'live' && store.snapshot().gpus.freshness.status === 'live', 10_000);
  const { nodes, pods, deadPods, readyz, leases, gpus, connection } = store.snapshot();
  expect(connection).toMatchObject({ status: 'connected', version: expect.stringMatching(/^v1\./), certificateEndsAt: expect.any(Number) });
  expect(nodes.value?.size).toBeGreaterThan(0);
  expect(leases.value?.size).toBe(nodes.value?.size);
  expect(pods.value?.size).toBeGreaterThan(10);
  expect(readyz.value?.ready).toBe(true);
  expect(gpus.value?.total.capacity).toBeGreaterThan(0);
  expect(deadPods.value?.failedByReason.get('Evicted')).toBeGreaterThanOrEqual(300);
  const [node] = nodes.value?.keys() ?? [];
  expect(await objectYaml(cluster.client, `node/${node}`)).toContain('kind: Node');
});

test('a view-only user is denied the nodes, and sees the rest', async () => {
  using cluster = connected(demo.viewerKubeconfig);
  const { store } = cluster;
  await until(() => store.snapshot().nodes.freshness.status === 'denied' && store.snapshot().pods.freshness.status === 'live', 10_000);
  expect(store.snapshot().gpus.freshness).toEqual({ status: 'denied', verb: 'list', resource: 'nodes' });
});

test.skipIf(!hasKubectl())('nodes, readiness and pods are those that kubectl lists', async () => {
  using cluster = connected(demo.kubeconfig);
  const { store } = cluster;
  await until(() => store.snapshot().deadPods.freshness.status === 'live' && store.snapshot().pods.freshness.status === 'live', 10_000);
  const nodes = await kubectl('get', 'nodes', '-o', `jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}`);
  const ours = [...(store.snapshot().nodes.value?.values() ?? [])].map((node) => `${node.name}=${readiness(node) === 'ready' ? 'True' : 'False'}`);
  expect(ours.sort()).toEqual(nodes.trim().split(' ').sort());
  const names = async (selector: string) =>
    (await kubectl('get', 'pods', '-A', `--field-selector=${selector}`, '-o', 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}'))
      .trim()
      .split(' ');
  const living = (await names('status.phase!=Failed,status.phase!=Succeeded')).sort();
  await until(() => JSON.stringify([...(store.snapshot().pods.value?.keys() ?? [])].sort()) === JSON.stringify(living));
  expect(store.snapshot().deadPods.value?.failed).toBe((await names('status.phase=Failed')).length);
});

function connected(kubeconfig: string): { store: Store; client: ReturnType<typeof createKubeClient> } & Disposable {
  const config = loadKubeconfig({ text: kubeconfig, env: {}, homeDir: '/nowhere' });
  if (config.status !== 'usable') throw new Error(JSON.stringify(config));
  const client = createKubeClient(config, { env: {} });
  const store = createStore({ derivations: [gpuDerivation], flushMs: 10 });
  const feeds = startKubeFeeds({ client, store });
  return {
    store,
    client,
    [Symbol.dispose]() {
      feeds.close();
      store.close();
      client.close();
    },
  };
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('kubectl', ['--kubeconfig', join(directory, 'config'), ...args], { maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
