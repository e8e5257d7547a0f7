import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoOptions, startDemoCluster } from '../../../src/demo/cluster.js';
import { writeSshFiles } from '../../../src/demo/machines/ssh/ssh-access.js';
import { silentAsker } from '../../../src/hosts/asker.js';
import type { KubeClient } from '../../../src/kube/client.js';
import { startKubeFeeds } from '../../../src/kube/feeds.js';
import { gpuDerivation } from '../../../src/kube/gpu-accounting.js';
import { createKubeClient } from '../../../src/kube/http-client.js';
import { at } from '../../../src/kube/json.js';
import { loadKubeconfig } from '../../../src/kube/kubeconfig.js';
import { startMachines } from '../../../src/machines.js';
import type { World } from '../../../src/operations/operation.js';
import { createWorld } from '../../../src/operations/world.js';
import { createStore } from '../../../src/state/store.js';
import { until } from '../../kube/until.js';

export interface DemoWorld extends AsyncDisposable {
  readonly world: World;
  readonly client: KubeClient;
  /** A field of an object as the server has it now. */
  read(path: string, ...fields: readonly string[]): Promise<unknown>;
}

/** A demo cluster fifty times faster than life with its machines, seen as the program sees them. Resolves once all of it has been seen. */
export async function demoWorld(options: DemoOptions, { asViewer = false, machines: withMachines = true } = {}): Promise<DemoWorld> {
  const demo = await startDemoCluster({ speed: 50, ...options });
  const homeDir = mkdtempSync(join(tmpdir(), 'fixes-'));
  mkdirSync(join(homeDir, '.ssh'), { mode: 0o700 });
  writeSshFiles(join(homeDir, '.ssh', 'config'), demo.ssh);
  const config = loadKubeconfig({ text: asViewer ? demo.viewerKubeconfig : demo.kubeconfig, env: {}, homeDir });
  if (config.status !== 'usable') throw new Error(JSON.stringify(config));
  const client = createKubeClient(config, { env: {} });
  const store = createStore({ derivations: [gpuDerivation], flushMs: 10 });
  const feeds = startKubeFeeds({ client, store });
  const machines = startMachines({ store, client, everyMs: 1000, settings: {}, asker: silentAsker(false), env: {}, homeDir });
  const refresh = () => {
    feeds.refresh();
    machines.refresh();
  };
  const world = createWorld({ client, store, context: config.context, host: machines.host, refresh });
  await until(() => {
    const { pods, runtimeClasses, deadPods, hosts, nodes, nodeStats } = store.snapshot();
    const settled = [pods, runtimeClasses, deadPods, nodes].every(({ freshness }) => freshness.status !== 'loading');
    const isMeasured = nodes.value === null || nodeStats.value?.size === nodes.value.size;
    return (
      settled && isMeasured && (!withMachines || [...(hosts.value?.values() ?? [])].filter(({ facts }) => facts !== null).length === demo.ssh.hosts.length)
    );
  }, 20_000);
  return {
    world,
    client,
    read: async (path, ...fields) => at((await client.request(path)).body, ...fields),
    async [Symbol.asyncDispose]() {
      machines.close();
      feeds.close();
      store.close();
      client.close();
      await demo.close();
      rmSync(homeDir, { recursive: true, force: true });
    },
  };
}
