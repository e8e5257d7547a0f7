import { dirname, join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { offeredExpectations } from './checks/offered-expectations.js';
import { reportDerivation } from './checks/report.js';
import type { Config } from './config/config.js';
import type { Expectations } from './config/expectations.js';
import { type Memory, memoryOf } from './config/memory.js';
import { memoryFrom } from './config/memory-file.js';
import { type ContextSettingsView, type SettingField, settingFields } from './config/setting-fields.js';
import type { SettingsFile } from './config/settings-file.js';
import type { DemoCluster } from './demo/cluster.js';
import { demoScenarios } from './demo/scenario.js';
import type { Asker } from './hosts/asker.js';
import { createQuestionDesk } from './hosts/question-desk.js';
import { gpuDerivation } from './kube/gpu-accounting.js';
import { type Kubeconfig, loadKubeconfig } from './kube/kubeconfig.js';
import { objectYaml } from './kube/object-yaml.js';
import type { LogLine } from './kube/pod-logs.js';
import { type OpenCluster, openCluster } from './open-cluster.js';
import type { OperationDesk } from './operations/desk.js';
import { type SetupSurroundings, sessionSetup } from './session-setup.js';
import type { Connection } from './state/connection.js';
import type { EndedPodInventory } from './state/ended-pods.js';
import type { Experiments } from './state/experiments.js';
import { absent } from './state/freshness.js';
import type { LatencyHistory } from './state/latency.js';
import type { OperationRef, OperationRun, Plan } from './state/operations.js';
import type { ScaleOutlook, ScaleTarget } from './state/scaling.js';
import type { SetupChoice, SetupDesk } from './state/setup.js';
import type { ClusterSnapshot } from './state/snapshot.js';
import { createStore } from './state/store.js';

export type { ContextSettingsView, LogLine, SettingField };

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
  /** What is needed to foretell how many replicas of these workloads would run; rejects with a sentence for the screen. */
  scaleOutlook(targets: readonly ScaleTarget[]): Promise<ScaleOutlook>;
  /** The end of a container's log, oldest line first; `pod` as namespace/name, `previous` for its run before this one. Rejects with a sentence. */
  podLog(pod: string, container: string, previous: boolean): Promise<readonly LogLine[]>;
  /** What an operation would do; nothing is changed. Rejects with a sentence for the screen. */
  plan(ref: OperationRef): Promise<Plan>;
  /** Starts a plan; `typed` is what was typed to confirm a destructive one. Resolves to the run's id (see the slice `operations`); rejects with a sentence. */
  start(plan: Plan, typed: string | null): Promise<string>;
  /** No further step of the run begins. */
  cancelRun(id: string): void;
  /** Resolves when the run has ended and the journal says so. */
  finished(id: string): Promise<OperationRun>;
  /** One service over a longer time; rejects with a sentence. */
  latencyHistory(service: string, rangeMs: number, signal: AbortSignal): Promise<LatencyHistory>;
  /** Reads all pods that have ended, which nothing else keeps; rejects with a sentence. */
  endedPods(signal: AbortSignal): Promise<EndedPodInventory>;
  /** Experiments on the cluster in use. */
  readonly experiments: Experiments;
  /** Guided setup: what is kept and shown of it is the slice `setup`. */
  readonly setup: SetupDesk;
  /** Which screen is looked at: what only it shows is asked for only meanwhile. */
  lookAt(screen: string): void;
  close(): Promise<void>;
}

export interface ContextSummary {
  readonly name: string;
  readonly server: string;
  readonly namespace: string | null;
  readonly current: boolean;
}

export interface SessionOptions {
  readonly config: Config;
  readonly settings: SettingsFile;
  /** Whether to log in to the machines, and who answers when a host key or a passphrase is asked for: the person at the screen, or somebody given. */
  readonly machines: 'none' | 'ask-on-screen' | Asker;
  /** What is remembered from one visit to the next. */
  readonly memory: Memory;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
}

/** Opens the session: returns at once, and everything else comes as snapshots. */
export function openSession({ config, settings, machines, memory, env, homeDir }: SessionOptions): Session {
  let expectations: Expectations = {};
  const store = createStore({ derivations: [gpuDerivation, reportDerivation(() => expectations)] });
  const desk = createQuestionDesk(store);
  const asker = machines === 'ask-on-screen' ? desk : machines;
  let kubeconfig: Kubeconfig | null = null;
  let cluster: OpenCluster | null = null;
  let demo: RunningDemo | null = null;
  // What was begun for a cluster that has been left meanwhile must not be finished.
  let visit = 0;
  let looked = '';
  // The context to look for when the kubeconfig is read again.
  let wanted = config.context;

  const setupInUse = sessionSetup(() => {
    const context = kubeconfig?.status === 'usable' ? kubeconfig.context : null;
    const running = demo;
    return {
      store,
      hosts: context === null ? {} : settings.context(context).hosts,
      env,
      homeDir,
      ...(running === null ? {} : { sshHomeDir: running.homeDir }),
      context,
      kubeconfig: { file: config.kubeconfig, text: running?.cluster.kubeconfig ?? null },
      nodes: () => store.snapshot().nodes.value,
      readOnly: config.readOnly,
      onChanged: () => cluster?.refresh(),
      asker: asker === 'none' ? null : asker,
      program: `gpuk8s-tui ${packageJson.version}`,
      ownPlaybooks: join(dirname(settings.file), 'runbooks'),
      choices: running === null ? { read: settings.setup, keep: settings.keepSetup } : running.choices,
    };
  });

  const begin = (connection: Connection) => {
    store.reset(connection);
    if (asker !== 'none') return;
    store.write('hosts', absent('the machines themselves are not looked at here'));
    store.write('machineGpus', absent('the machines themselves are not looked at here'));
  };

  const leaveCluster = async () => {
    visit += 1;
    const left = cluster;
    cluster = null;
    await Promise.all([left?.close(), setupInUse.leave()]);
  };

  const leave = async () => {
    const leaving = leaveCluster();
    const left = demo;
    demo = null;
    await leaving;
    await left?.close();
  };

  const enter = (loaded: Kubeconfig) => {
    kubeconfig = loaded;
    // What was opened while there was no context was not for this one.
    void setupInUse.leave();
    if (loaded.status === 'unconfigured') return begin({ status: 'unconfigured', looked: loaded.looked });
    if (loaded.status === 'unusable') return begin({ status: 'unusable', why: loaded.why, fix: loaded.fix });
    const own = settings.context(loaded.context);
    expectations = own.expectations;
    begin({ status: 'connecting', context: loaded.context, server: loaded.cluster.server, since: Date.now() });
    cluster = openCluster(loaded, store, {
      prometheusUrl: config.prometheusUrl ?? own.prometheusUrl,
      monitoring: own,
      refreshSeconds: config.refreshSeconds,
      readOnly: config.readOnly,
      scalePresets: own.scalePresets,
      env,
      homeDir,
      kubeconfigFile: config.kubeconfig,
      isDemo: demo !== null,
      memory: memoryOf(demo?.memory ?? memory, loaded.context),
      offer: (snapshot) => offeredExpectations(snapshot, expectations),
      machines: asker === 'none' ? null : { settings: own.hosts, asker, homeDir: demo?.homeDir ?? homeDir },
    });
    cluster.lookAt(looked);
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

  const enterDemoContext = (running: RunningDemo, context: string | null) =>
    enter(
      loadKubeconfig({
        text: running.cluster.kubeconfig,
        env,
        homeDir,
        ...(config.namespace === null ? {} : { namespace: config.namespace }),
        ...(context === null ? {} : { context }),
      }),
    );

  const enterDemo = async (scenario: string) => {
    const mine = visit;
    begin({ status: 'connecting', context: 'demo', server: '', since: Date.now() });
    try {
      const started = await startDemo(scenario);
      if (mine !== visit) return await started.close();
      demo = started;
      enterDemoContext(started, config.context?.startsWith('demo') === true ? config.context : null);
    } catch (error) {
      if (mine === visit) {
        begin({ status: 'unusable', why: `the demo cluster does not start: ${error instanceof Error ? error.message : String(error)}`, fix: null });
      }
    }
  };

  const enterAgain = () => {
    const context = kubeconfig?.status === 'usable' ? kubeconfig.context : wanted;
    void leaveCluster();
    if (demo !== null) enterDemoContext(demo, context);
    else enterFiles(context);
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
      void leaveCluster();
      if (demo !== null) enterDemoContext(demo, name);
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
    nvidiaSmiPage: (node) => cluster?.nvidiaSmiPage(node) ?? null,
    answer: desk.answer,
    settings() {
      if (kubeconfig?.status !== 'usable') return { context: '', file: settings.file, fields: [] };
      const nodes = [...(store.snapshot().nodes.value?.keys() ?? [])];
      return { context: kubeconfig.context, file: settings.file, fields: settingFields(settings.context(kubeconfig.context), nodes) };
    },
    async changeSetting(path, value) {
      if (config.readOnly) return 'this session is read-only';
      if (kubeconfig?.status !== 'usable') return 'there is no context to set anything for';
      const problem = settings.change(kubeconfig.context, path, value);
      if (problem !== null) return problem;
      // What is expected counts at once; how things are reached, from a new start.
      if (path.startsWith('expect.')) expectations = settings.context(kubeconfig.context).expectations;
      else enterAgain();
      return null;
    },
    async scaleOutlook(targets) {
      if (cluster === null) throw new Error('there is no cluster to ask');
      return cluster.changes.scaleOutlook(targets);
    },
    async podLog(pod, container, previous) {
      if (cluster === null) throw new Error('there is no cluster to ask');
      const [namespace = '', name = ''] = pod.split('/');
      const { podLog } = await import('./kube/pod-logs.js');
      return podLog(cluster.client, { namespace, pod: name, container, previous, lines: 500 });
    },
    plan: async (ref) => (await deskOf(cluster)).plan(ref),
    start: async (plan, typed) => (await deskOf(cluster)).start(plan, typed),
    cancelRun: (id) => void cluster?.changes.desk().then((opened) => opened.cancel(id)),
    finished: async (id) => (await deskOf(cluster)).finished(id),
    async latencyHistory(service, rangeMs, signal) {
      if (cluster === null) throw new Error('there is no cluster to ask');
      return cluster.latencyHistory(service, rangeMs, signal);
    },
    endedPods: (signal) => cluster?.changes.endedPods(signal) ?? Promise.reject(new Error('there is no cluster to ask')),
    experiments: {
      plan: async (source) => (await experimentsOf(cluster)).plan(source),
      start: async (plan) => (await experimentsOf(cluster)).start(plan),
      seen: async () => (await experimentsOf(cluster)).seen(),
      stop: async (name) => (await experimentsOf(cluster)).stop(name),
    },
    setup: setupInUse.desk,
    lookAt(screen) {
      looked = screen;
      cluster?.lookAt(screen);
    },
    async close() {
      desk.close();
      await leave();
      store.close();
    },
  };
}

async function deskOf(cluster: OpenCluster | null): Promise<OperationDesk> {
  if (cluster === null) throw new Error('there is no cluster to change anything in');
  return cluster.changes.desk();
}

async function experimentsOf(cluster: OpenCluster | null): Promise<Experiments> {
  if (cluster === null) throw new Error('there is no cluster for an experiment');
  return cluster.changes.experiments();
}

/** A demo cluster and the home folder in which its SSH keys lie. */
interface RunningDemo {
  readonly cluster: DemoCluster;
  readonly homeDir: string;
  /** As if somebody had been here before. */
  readonly memory: Memory;
  /** What was chosen to be set up in it. */
  readonly choices: SetupSurroundings['choices'];
  close(): Promise<void>;
}

async function startDemo(scenario: string): Promise<RunningDemo> {
  const [{ startDemoCluster }, { writeSshFiles }, { mkdtemp, mkdir, rm }, { tmpdir }] = await Promise.all([
    import('./demo/cluster.js'),
    import('./demo/machines/ssh/ssh-access.js'),
    import('node:fs/promises'),
    import('node:os'),
  ]);
  const cluster = await startDemoCluster({ scenario });
  const homeDir = await mkdtemp(join(tmpdir(), 'gpuk8s-tui-demo-'));
  const choices = new Map<string, SetupChoice>();
  await mkdir(join(homeDir, '.ssh'), { mode: 0o700 });
  writeSshFiles(join(homeDir, '.ssh', 'config'), cluster.ssh);
  return {
    cluster,
    homeDir,
    memory: memoryFrom(cluster.memory),
    choices: {
      // As if it had been set up from here.
      read: (name) => choices.get(name) ?? cluster.setup,
      keep(name, choice) {
        choices.set(name, choice);
        return null;
      },
    },
    async close() {
      await rm(homeDir, { recursive: true, force: true });
      await cluster.close();
    },
  };
}
