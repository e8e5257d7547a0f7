import { reportDerivation } from './checks/report.js';
import type { Config } from './config/config.js';
import type { Expectations } from './config/expectations.js';
import type { DemoCluster } from './demo/cluster.js';
import { demoScenarios } from './demo/scenario.js';
import type { KubeClient } from './kube/client.js';
import { startKubeFeeds } from './kube/feeds.js';
import { gpuDerivation } from './kube/gpu-accounting.js';
import { createKubeClient } from './kube/http-client.js';
import { type Kubeconfig, loadKubeconfig, type UsableKubeconfig } from './kube/kubeconfig.js';
import { objectYaml } from './kube/object-yaml.js';
import type { PrometheusFeed } from './prometheus/feed.js';
import type { ClusterSnapshot } from './state/snapshot.js';
import { createStore, type Store } from './state/store.js';

/**
 * The app's one handle on the outside world. Views read `snapshot()` and `subscribe()`; the few things a person can ask for
 * are methods here. Nothing throws after the session is open: trouble becomes a state in the snapshot.
 */
export interface Session {
  snapshot(): ClusterSnapshot;
  subscribe(listener: () => void): () => void;
  readonly readOnly: boolean;
  /** The contexts of the kubeconfig in use, in its order; `current` marks the one connected to. */
  contexts(): readonly ContextSummary[];
  /** Leaves this cluster and connects to another context of the same kubeconfig. */
  switchContext(name: string): void;
  /** Leaves whatever is there and connects to a demo cluster started in this process. */
  openDemo(scenario: string): void;
  /** The demo scenarios there are, with one line each. */
  demoScenarios(): readonly { readonly name: string; readonly summary: string }[];
  /** Looks at everything anew, at once: lists again, asks Prometheus again, counts dead pods again. */
  refresh(): void;
  /** The object as YAML, without managedFields; rejects with a sentence for the screen. Kind and name as in `node/gpu-1` or `pod/kube-system/coredns-x`. */
  yaml(object: string): Promise<string>;
  /** The page that nvidia-smi prints without arguments, line by line, for the node's or host's newest sample; null where there is none. */
  nvidiaSmiPage(node: string): readonly string[] | null;
  /** Answers one of the snapshot's questions: `yes` for a host key, else the secret; null declines. Kept nowhere on this side. */
  answer(id: string, text: string | null): void;
  /** What is set for the context in use, and what can be. */
  settings(): ContextSettingsView;
  /** Sets one field (`''` unsets it) and keeps it; null when done, else one sentence on why not, with nothing changed. */
  changeSetting(path: string, value: string): Promise<string | null>;
  close(): Promise<void>;
}

/** The settings of one context as a list of fields. */
export interface ContextSettingsView {
  readonly context: string;
  /** The file they are kept in. */
  readonly file: string;
  readonly fields: readonly SettingField[];
}

/** One thing that can be set. */
export interface SettingField {
  /** Names the field for `changeSetting`: `hosts.user`, `hosts.each.gpu-1.port`, `expect.gpus.gpu-1`. */
  readonly path: string;
  /** The heading it stands under: `SSH`, `Expected GPUs`, `Hosts outside the cluster`, or a machine's name. */
  readonly group: string;
  readonly label: string;
  /** As a person types it; '' where it is not set. */
  readonly value: string;
  /** What holds while it is not set: "as ~/.ssh/config says, else 22". */
  readonly otherwise: string;
}

export interface ContextSummary {
  readonly name: string;
  readonly server: string;
  readonly namespace: string | null;
  readonly current: boolean;
}

export interface SessionOptions {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
}

/** Opens the session: returns at once, and everything else comes as snapshots. */
export function openSession({ config, env, homeDir }: SessionOptions): Session {
  let expectations: Expectations = {};
  const store = createStore({ derivations: [gpuDerivation, reportDerivation(() => expectations)] });
  let kubeconfig: Kubeconfig | null = null;
  let cluster: OpenCluster | null = null;
  let demo: DemoCluster | null = null;
  // What was begun for a cluster that has been left meanwhile must not be finished.
  let visit = 0;
  // The context to look for when the kubeconfig is read again.
  let wanted = config.context;

  const leaveCluster = () => {
    visit += 1;
    cluster?.close();
    cluster = null;
  };

  const leave = async () => {
    leaveCluster();
    const left = demo;
    demo = null;
    await left?.close();
  };

  const enter = (loaded: Kubeconfig) => {
    kubeconfig = loaded;
    if (loaded.status === 'unconfigured') return store.reset({ status: 'unconfigured', looked: loaded.looked });
    if (loaded.status === 'unusable') return store.reset({ status: 'unusable', why: loaded.why, fix: loaded.fix });
    const settings = config.contextSettings(loaded.context);
    expectations = settings.expectations;
    store.reset({ status: 'connecting', context: loaded.context, server: loaded.cluster.server, since: Date.now() });
    cluster = openCluster(loaded, store, { prometheusUrl: config.prometheusUrl ?? settings.prometheusUrl, refreshSeconds: config.refreshSeconds, env });
  };

  const enterFiles = (context: string | null) => {
    wanted = context;
    enter(
      loadKubeconfig({
        env,
        homeDir,
        ...(config.kubeconfig === null ? {} : { kubeconfig: config.kubeconfig }),
        ...(config.namespace === null ? {} : { namespace: config.namespace }),
        ...(context === null ? {} : { context }),
      }),
    );
  };

  const enterDemo = async (scenario: string) => {
    const mine = visit;
    store.reset({ status: 'connecting', context: 'demo', server: '', since: Date.now() });
    try {
      const { startDemoCluster } = await import('./demo/cluster.js');
      const started = await startDemoCluster({ scenario });
      if (mine !== visit) return await started.close();
      demo = started;
      const context = config.context?.startsWith('demo') === true ? { context: config.context } : {};
      enter(loadKubeconfig({ text: started.kubeconfig, env, homeDir, ...context, ...(config.namespace === null ? {} : { namespace: config.namespace }) }));
    } catch (error) {
      if (mine === visit)
        store.reset({ status: 'unusable', why: `the demo cluster does not start: ${error instanceof Error ? error.message : String(error)}`, fix: null });
    }
  };

  if (config.demoScenario === null) enterFiles(config.context);
  else void enterDemo(config.demoScenario);

  return {
    snapshot: store.snapshot,
    subscribe: store.subscribe,
    readOnly: config.readOnly,
    contexts: () => (kubeconfig === null || kubeconfig.status === 'unconfigured' ? [] : kubeconfig.contexts),
    demoScenarios,
    switchContext(name) {
      leaveCluster();
      if (demo !== null) enter(loadKubeconfig({ text: demo.kubeconfig, context: name, env, homeDir }));
      else enterFiles(name);
    },
    openDemo(scenario) {
      void leave();
      void enterDemo(scenario);
    },
    refresh() {
      if (cluster !== null) return cluster.refresh();
      // Without a cluster there is a kubeconfig to look for once more: somebody may just have mended it.
      if (demo === null) enterFiles(wanted);
    },
    yaml(object) {
      return cluster === null ? Promise.reject(new Error('there is no cluster to ask')) : objectYaml(cluster.client, object);
    },
    nvidiaSmiPage: () => null,
    answer: () => undefined,
    settings: () => ({ context: kubeconfig?.status === 'usable' ? kubeconfig.context : '', file: '', fields: [] }),
    changeSetting: async () => 'settings cannot be changed here yet',
    async close() {
      await leave();
      store.close();
    },
  };
}

interface OpenCluster {
  readonly client: KubeClient;
  refresh(): void;
  close(): void;
}

function openCluster(
  kubeconfig: UsableKubeconfig,
  store: Store,
  { prometheusUrl, refreshSeconds, env }: { readonly prometheusUrl: string | null; readonly refreshSeconds: number; readonly env: NodeJS.ProcessEnv },
): OpenCluster {
  const client = createKubeClient(kubeconfig, { env });
  const kubeFeeds = startKubeFeeds({ client, store });
  let prometheusFeed: PrometheusFeed | null = null;
  let closed = false;
  // The Prometheus client and its HTTP library are loaded while the first lists are on their way.
  void import('./prometheus/feed.js').then(({ startPrometheusFeed }) => {
    if (!closed) prometheusFeed = startPrometheusFeed({ client, store, prometheusUrl, everyMs: refreshSeconds * 1000 });
  });
  return {
    client,
    refresh() {
      kubeFeeds.refresh();
      prometheusFeed?.refresh();
    },
    close() {
      closed = true;
      prometheusFeed?.close();
      kubeFeeds.close();
      client.close();
    },
  };
}
