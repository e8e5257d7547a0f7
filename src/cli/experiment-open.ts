import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { resolveConfig } from '../config/config.js';
import { openSettings } from '../config/settings-file.js';
import { createKubeClient } from '../kube/http-client.js';
import { loadKubeconfig } from '../kube/kubeconfig.js';
import type { World } from '../operations/operation.js';
import { createWorld } from '../operations/world.js';
import type { PrometheusClient } from '../prometheus/client.js';
import { createStore } from '../state/store.js';
import { type OpenPrometheus, openPrometheus, whyUnusable } from './export-source.js';
import type { ConnectionOptions } from './program.js';

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

/** Bytes free for this user where the folder lies or will lie; rejects with a sentence where it cannot be made or written. */
export async function roomFor(folder: string): Promise<number> {
  try {
    const nearest = existing(folder);
    accessSync(nearest, constants.W_OK);
    if (nearest === folder) mkdirSync(folder, { recursive: true });
    const { bavail, bsize } = await statfs(nearest);
    return bavail * bsize;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new Error(
      code === 'EACCES' || code === 'EROFS' ? `no permission to write in ${folder}` : `${folder}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}
