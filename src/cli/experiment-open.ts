import { homedir } from 'node:os';
import { resolveConfig } from '../config/config.js';
import { openSettings } from '../config/settings-file.js';
import { createKubeClient } from '../kube/http-client.js';
import { loadKubeconfig } from '../kube/kubeconfig.js';
import type { World } from '../operations/operation.js';
import { createWorld } from '../operations/world.js';
import type { PrometheusClient } from '../prometheus/client.js';
import { createStore } from '../state/store.js';
import type { ConnectionOptions } from './actions.js';
import { type OpenPrometheus, openPrometheus, whyUnusable } from './export-source.js';

/** What an experiment needs of a cluster: its API server and its Prometheus. Nothing is watched. */
export interface ExperimentPlace {
  readonly world: World;
  /** Or why there is none. */
  readonly prometheus: PrometheusClient | string;
  readonly readOnly: boolean;
  close(): Promise<void>;
}

/** Rejects with a sentence where there is no usable kubeconfig. */
export async function openExperimentPlace(options: ConnectionOptions, signal: AbortSignal): Promise<ExperimentPlace> {
  const config = resolveConfig(options, process.env, openSettings(process.env).settings());
  if (config.demoScenario !== null)
    throw new Error(
      'a demo cluster ends with this command, and an experiment goes on: run gpuk8s-tui demo --kubeconfig-out FILE, then this with --kubeconfig FILE',
    );
  const kubeconfig = loadKubeconfig({
    env: process.env,
    homeDir: homedir(),
    ...(config.kubeconfig === null ? {} : { kubeconfig: config.kubeconfig }),
    ...(config.context === null ? {} : { context: config.context }),
  });
  if (kubeconfig.status !== 'usable') throw new Error(whyUnusable(kubeconfig));
  const client = createKubeClient(kubeconfig, { env: process.env });
  const store = createStore({});
  const world = createWorld({
    client,
    store,
    context: kubeconfig.context,
    host: async () => {
      throw new Error('an experiment logs in to no machine');
    },
    refresh: () => undefined,
  });
  const prometheus: OpenPrometheus | string = await openPrometheus(options, signal).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  return {
    world,
    prometheus: typeof prometheus === 'string' ? prometheus : prometheus.client,
    readOnly: config.readOnly,
    async close() {
      if (typeof prometheus !== 'string') await prometheus.close();
      client.close();
      store.close();
    },
  };
}
