import type { Asker } from './hosts/asker.js';
import type { HostSettings } from './hosts/host-settings.js';
import type { KubeClient } from './kube/client.js';
import { startKubeFeeds } from './kube/feeds.js';
import { createKubeClient } from './kube/http-client.js';
import type { UsableKubeconfig } from './kube/kubeconfig.js';
import type { Machines } from './machines.js';
import type { PrometheusFeed } from './prometheus/feed.js';
import type { Store } from './state/store.js';

/** One cluster with all of its feeds. */
export interface OpenCluster {
  readonly client: KubeClient;
  nvidiaSmiPage(node: string): readonly string[] | null;
  refresh(): void;
  close(): void;
}

export interface OpenClusterOptions {
  readonly prometheusUrl: string | null;
  readonly refreshSeconds: number;
  readonly env: NodeJS.ProcessEnv;
  /** How to look at the machines themselves; null: not at all. */
  readonly machines: { readonly settings: HostSettings; readonly asker: Asker; readonly homeDir: string } | null;
}

/** Starts the feeds of one cluster; they write to the store until it is closed. */
export function openCluster(kubeconfig: UsableKubeconfig, store: Store, options: OpenClusterOptions): OpenCluster {
  const { prometheusUrl, refreshSeconds, env } = options;
  const client = createKubeClient(kubeconfig, { env });
  const kubeFeeds = startKubeFeeds({ client, store });
  let prometheusFeed: PrometheusFeed | null = null;
  let machines: Machines | null = null;
  let closed = false;
  // What is not needed to ask the API server is loaded while its first answers are on their way.
  void import('./prometheus/feed.js').then(({ startPrometheusFeed }) => {
    if (!closed) prometheusFeed = startPrometheusFeed({ client, store, prometheusUrl, everyMs: refreshSeconds * 1000 });
  });
  const wanted = options.machines;
  const startLooking = async ({ settings, asker, homeDir }: NonNullable<OpenClusterOptions['machines']>) => {
    await firstVerdict(store);
    const { startMachines } = await import('./machines.js');
    if (!closed) machines = startMachines({ store, client, env, everyMs: refreshSeconds * 1000, settings, asker, homeDir });
  };
  if (wanted !== null) void startLooking(wanted);
  return {
    client,
    nvidiaSmiPage: (node) => machines?.nvidiaSmiPage(node) ?? null,
    refresh() {
      kubeFeeds.refresh();
      prometheusFeed?.refresh();
      machines?.refresh();
    },
    close() {
      closed = true;
      machines?.close();
      prometheusFeed?.close();
      kubeFeeds.close();
      client.close();
    },
  };
}

/** Resolves once there is a first verdict, or none can be had: logging in to machines would only delay it. */
function firstVerdict(store: Store): Promise<void> {
  const isThere = () => {
    const { report, connection } = store.snapshot();
    return report.freshness.status !== 'loading' || connection.status === 'lost';
  };
  return new Promise((resolve) => {
    if (isThere()) return resolve();
    const unsubscribe = store.subscribe(() => {
      if (!isThere()) return;
      unsubscribe();
      resolve();
    });
  });
}
