import type { Host } from './hosts/host.js';
import type { KubeClient } from './kube/client.js';
import type { DiskFeed } from './operations/clean/disk-feed.js';
import type { OperationDesk } from './operations/desk.js';
import type { PrometheusClient } from './prometheus/client.js';
import type { EndedPodInventory } from './state/ended-pods.js';
import type { Experiments } from './state/experiments.js';
import type { LatencyHistory } from './state/latency.js';
import type { ScaleOutlook, ScalePreset, ScaleTarget } from './state/scaling.js';
import type { Store } from './state/store.js';

/** All that can be changed in one cluster, and what is read only to choose what to change. Each part is loaded when it is first needed. */
export interface Changes {
  /** Where changes are planned and made. */
  desk(): Promise<OperationDesk>;
  experiments(): Promise<Experiments>;
  /** Reads once what it takes to foretell any number of replicas of these workloads. */
  scaleOutlook(targets: readonly ScaleTarget[]): Promise<ScaleOutlook>;
  /** Reads all pods that have ended. */
  endedPods(signal: AbortSignal): Promise<EndedPodInventory>;
  /** The history with the phases of experiments on it: where they began and ended explains a chart as a rollout does. */
  withPhases(history: LatencyHistory, service: string): Promise<LatencyHistory>;
  lookAt(screen: string): void;
  refresh(): void;
  /** Resolves when what was being changed has ended and the journal says so. */
  close(): Promise<void>;
}

export interface ChangesOptions {
  readonly client: KubeClient;
  readonly store: Store;
  readonly context: string;
  /** As given on the command line; null: as kubectl finds it. */
  readonly kubeconfigFile: string | null;
  readonly prometheusUrl: string | null;
  /** Rejects with HostError where nobody can log in to that machine. */
  readonly host: (name: string) => Promise<Host>;
  readonly prometheus: (signal: AbortSignal) => Promise<PrometheusClient>;
  /** Lets what does not tell by itself be asked again. */
  readonly lookAgain: () => void;
  readonly readOnly: boolean;
  readonly scalePresets: readonly ScalePreset[];
  /** The cluster lives in this process. */
  readonly isDemo: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The person's own. */
  readonly homeDir: string;
}

export function openChanges(options: ChangesOptions): Changes {
  const { client, store, context, kubeconfigFile, prometheusUrl, host, prometheus, lookAgain, readOnly, scalePresets, isDemo, env, homeDir } = options;
  let closed = false;
  let desk: Promise<OperationDesk> | null = null;
  let disks: Promise<DiskFeed | null> | null = null;
  let screen = '';

  const world = async () => {
    const { createWorld } = await import('./operations/world.js');
    return createWorld({ client, store, context, host, refresh: lookAgain });
  };

  const openDesk = async () => {
    const [{ createOperationDesk }, { operations }, { openJournal, journalFolder }, { journalAuthor }] = await Promise.all([
      import('./operations/desk.js'),
      import('./operations/registry.js'),
      import('./journal/journal.js'),
      import('./journal/author.js'),
    ]);
    const journal = openJournal({ dir: journalFolder(env, homeDir) });
    return createOperationDesk({ world: await world(), registry: operations, journal, store, readOnly, who: journalAuthor(env), refresh: lookAgain });
  };

  const startDisks = async () => {
    const { startDiskFeed } = await import('./operations/clean/disk-feed.js');
    return closed ? null : startDiskFeed({ world: await world(), store, prometheus });
  };

  return {
    desk() {
      desk ??= openDesk();
      return desk;
    },
    async experiments() {
      const { createExperiments } = await import('./experiments.js');
      return createExperiments({ client, store, context, kubeconfig: kubeconfigFile, prometheusUrl, readOnly, demo: isDemo, env, homeDir });
    },
    async scaleOutlook(targets) {
      const { scaleOutlook } = await import('./operations/scale/scale-outlook.js');
      return scaleOutlook(await world(), targets, scalePresets);
    },
    async endedPods(signal) {
      const { readInventory } = await import('./operations/clean/pods-inventory.js');
      return readInventory({ client, snapshot: store.snapshot }, signal);
    },
    async withPhases(history, service) {
      const [{ marksOf }, { experimentFiles }] = await Promise.all([
        import('./operations/experiment/marks.js'),
        import('./operations/experiment/state-file.js'),
      ]);
      const { startAt, stepMs, values } = history.p95;
      const marks = await marksOf(experimentFiles(env, homeDir), context, service, { from: startAt, to: startAt + stepMs * values.length });
      return marks.length === 0 ? history : { ...history, rollouts: [...history.rollouts, ...marks].sort((a, b) => a.at - b.at) };
    },
    lookAt(shown) {
      screen = shown;
      if (shown === 'cleanup') disks ??= startDisks();
      void disks?.then((feed) => feed?.setAttention(screen === 'cleanup'));
    },
    refresh() {
      void disks?.then((feed) => feed?.refresh());
    },
    async close() {
      closed = true;
      void disks?.then((feed) => feed?.close());
      await desk?.then((opened) => opened.close());
    },
  };
}
