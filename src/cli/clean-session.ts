import { homedir } from 'node:os';
import { resolveConfig } from '../config/config.js';
import { openSettings } from '../config/settings-file.js';
import { journalAuthor } from '../journal/author.js';
import { journalFolder, openJournal } from '../journal/journal.js';
import { createKubeClient } from '../kube/http-client.js';
import { type Kubeconfig, loadKubeconfig } from '../kube/kubeconfig.js';
import { cleanPods } from '../operations/clean/pods.js';
import { createOperationDesk } from '../operations/desk.js';
import { createWorld } from '../operations/world.js';
import type { Session } from '../session.js';
import { createStore } from '../state/store.js';
import type { ConnectionOptions } from './actions.js';

/** As much of a session as a clean-up needs. */
export type CleanSession = Pick<Session, 'snapshot' | 'subscribe' | 'readOnly' | 'plan' | 'start' | 'cancelRun' | 'finished'>;

export interface OpenCleanSession {
  readonly session: CleanSession;
  /** The namespace that the command line or the context names. */
  readonly namespace: string | null;
  /** Name of the context in use. */
  readonly context: string;
  close(): Promise<void>;
}

/**
 * Opens what deletes pods on the cluster that the command line, the environment and the settings name, without watching the cluster around it: each pod that goes would
 * be told to every watch. Rejects with a sentence where there is no cluster to be asked.
 */
export async function openCleanSession(options: ConnectionOptions): Promise<OpenCleanSession> {
  const { env } = process;
  const config = resolveConfig(options, env, openSettings(env).settings());
  const demo = config.demoScenario === null ? null : await (await import('../demo/cluster.js')).startDemoCluster({ scenario: config.demoScenario });
  const kubeconfig = loadKubeconfig({
    env,
    homeDir: homedir(),
    ...(demo === null ? {} : { text: demo.kubeconfig }),
    ...(config.kubeconfig === null || demo !== null ? {} : { kubeconfig: config.kubeconfig }),
    ...(config.namespace === null ? {} : { namespace: config.namespace }),
    ...(config.context === null ? {} : { context: config.context }),
  });
  if (kubeconfig.status !== 'usable') {
    await demo?.close();
    throw new Error(whyUnusable(kubeconfig));
  }
  const client = createKubeClient(kubeconfig, { env });
  const store = createStore();
  const { context } = kubeconfig;
  const world = createWorld({
    client,
    store,
    context,
    host: () => Promise.reject(new Error('the machines themselves are not looked at here')),
    refresh: () => undefined,
  });
  const desk = createOperationDesk({
    world,
    registry: [cleanPods],
    journal: openJournal({ dir: journalFolder(env, homedir()) }),
    store,
    readOnly: config.readOnly,
    who: journalAuthor(env),
    refresh: () => undefined,
  });
  return {
    namespace: client.namespace,
    context,
    session: {
      snapshot: store.snapshot,
      subscribe: store.subscribe,
      readOnly: config.readOnly,
      plan: desk.plan,
      start: desk.start,
      cancelRun: desk.cancel,
      finished: desk.finished,
    },
    async close() {
      await desk.close();
      store.close();
      client.close();
      await demo?.close();
    },
  };
}

function whyUnusable(kubeconfig: Exclude<Kubeconfig, { status: 'usable' }>): string {
  if (kubeconfig.status === 'unconfigured') return `no kubeconfig found: looked in ${kubeconfig.looked.join(', ')}; give --kubeconfig FILE`;
  return kubeconfig.fix === null ? kubeconfig.why : `${kubeconfig.why}; ${kubeconfig.fix}`;
}
