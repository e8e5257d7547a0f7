import { type Changes, openChanges } from './changes.js';
import { type ContextMemoryStore, rememberedMachines } from './config/memory.js';
import type { Evidence } from './evidence.js';
import type { Asker } from './hosts/asker.js';
import type { HostSettings } from './hosts/host-settings.js';
import type { KubeClient } from './kube/client.js';
import { startKubeFeeds } from './kube/feeds.js';
import { createKubeClient } from './kube/http-client.js';
import type { UsableKubeconfig } from './kube/kubeconfig.js';
import type { Machines } from './machines.js';
import type { Monitoring, MonitoringOptions } from './monitoring.js';
import type { RecoveryTracker } from './recovery.js';
import { absent } from './state/freshness.js';
import type { LatencyHistory } from './state/latency.js';
import type { ScalePreset } from './state/scaling.js';
import type { ClusterSnapshot } from './state/snapshot.js';
import type { Store } from './state/store.js';
import type { VisitChanges } from './state/visit.js';

/** One cluster with all of its feeds. */
export interface OpenCluster {
  readonly client: KubeClient;
  nvidiaSmiPage(node: string): readonly string[] | null;
  /** What can be changed here. */
  readonly changes: Changes;
  /** One service over a longer time. Rejects with an Error whose message is a sentence. */
  latencyHistory(service: string, rangeMs: number, signal: AbortSignal): Promise<LatencyHistory>;
  /** Which screen is looked at: what only it shows is asked for more often meanwhile. */
  lookAt(screen: string): void;
  refresh(): void;
  /** Stops the feeds at once; resolves when what was being changed has ended and the journal says so. */
  close(): Promise<void>;
}

export interface OpenClusterOptions {
  readonly prometheusUrl: string | null;
  readonly monitoring: MonitoringOptions['settings'];
  readonly refreshSeconds: number;
  readonly readOnly: boolean;
  readonly scalePresets: readonly ScalePreset[];
  readonly env: NodeJS.ProcessEnv;
  /** The person's own. */
  readonly homeDir: string;
  /** As given on the command line; null: as kubectl finds it. */
  readonly kubeconfigFile: string | null;
  /** The cluster lives in this process. */
  readonly isDemo: boolean;
  /** How to look at the machines themselves; null: not at all. */
  readonly machines: { readonly settings: HostSettings; readonly asker: Asker; readonly homeDir: string } | null;
  /** What is remembered of this context, and what may be offered as expected. */
  readonly memory: ContextMemoryStore;
  readonly offer: (snapshot: ClusterSnapshot) => VisitChanges['offer'];
}

/** Starts the feeds of one cluster; they write to the store until it is closed. */
export function openCluster(kubeconfig: UsableKubeconfig, store: Store, options: OpenClusterOptions): OpenCluster {
  const { prometheusUrl, refreshSeconds, env } = options;
  const client = createKubeClient(kubeconfig, { env });
  const kubeFeeds = startKubeFeeds({ client, store });
  let monitoring: Monitoring | null = null;
  let machines: Machines | null = null;
  let closed = false;
  let looked = '';
  // What is not needed to ask the API server is loaded while its first answers are on their way.
  const startWatching = import('./monitoring.js').then(({ startMonitoring }) => {
    if (closed) return null;
    monitoring = startMonitoring({ client, store, prometheusUrl, settings: options.monitoring, everyMs: refreshSeconds * 1000, env });
    monitoring.lookAt(looked);
    return monitoring;
  });
  const { memory, offer } = options;
  const remembered = rememberedMachines(memory.read());
  let recovery: RecoveryTracker | null = null;
  void import('./recovery.js').then(({ startRecovery }) => {
    if (!closed) recovery = startRecovery({ store, memory, offer });
  });
  const wanted = options.machines;
  const firstLook = firstVerdict(store);
  const startLooking = async ({ settings, asker, homeDir }: NonNullable<OpenClusterOptions['machines']>) => {
    await firstLook;
    const { startMachines } = await import('./machines.js');
    if (!closed) machines = startMachines({ store, client, env, everyMs: refreshSeconds * 1000, settings, asker, homeDir, remembered });
  };
  const looking = wanted === null ? null : startLooking(wanted);

  // Watches tell by themselves what has changed; the rest is asked again.
  const lookAgain = () => {
    kubeFeeds.askAgain();
    monitoring?.refresh();
    machines?.refresh();
  };

  const machine = async (name: string) => {
    await looking;
    if (machines === null) throw new Error('the machines themselves are not looked at here');
    return machines.host(name);
  };

  // Logs are only read of what is in trouble; what is in trouble is known once there is a verdict.
  let evidence: Evidence | null = null;
  void firstLook.then(async () => {
    const [{ startEvidence }, { readSignatures }] = await Promise.all([import('./evidence.js'), import('./signature-files.js')]);
    if (closed) return;
    try {
      evidence = startEvidence({ store, client, host: machine, signatures: readSignatures() });
    } catch (error) {
      store.write('diagnoses', absent(error instanceof Error ? error.message : String(error)));
    }
  });

  const changes = openChanges({
    client,
    store,
    context: kubeconfig.context,
    ...options,
    host: machine,
    lookAgain,
    async prometheus(signal) {
      const watching = await startWatching;
      if (watching === null) throw new Error('this cluster has been left');
      return watching.prometheus(signal);
    },
  });
  // What was done before shows without anything being done now.
  void firstLook.then(() => (closed ? null : changes.desk()));

  return {
    client,
    changes,
    nvidiaSmiPage: (node) => machines?.nvidiaSmiPage(node) ?? null,
    async latencyHistory(service, rangeMs, signal) {
      const watching = await startWatching;
      if (watching === null) throw new Error('this cluster has been left');
      return changes.withPhases(await watching.history(service, rangeMs, signal), service);
    },
    lookAt(screen) {
      looked = screen;
      monitoring?.lookAt(screen);
      changes.lookAt(screen);
    },
    refresh() {
      kubeFeeds.refresh();
      monitoring?.refresh();
      machines?.refresh();
      evidence?.refresh();
      changes.refresh();
    },
    async close() {
      closed = true;
      recovery?.close();
      evidence?.close();
      const changing = changes.close();
      monitoring?.close();
      kubeFeeds.close();
      await changing;
      machines?.close();
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
