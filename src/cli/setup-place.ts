import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { resolveConfig } from '../config/config.js';
import { openSettings } from '../config/settings-file.js';
import type { Asker } from '../hosts/asker.js';
import { journalAuthor } from '../journal/author.js';
import { journalFolder, openJournal } from '../journal/journal.js';
import { loadKubeconfig } from '../kube/kubeconfig.js';
import type { Session } from '../session.js';
import { openSetup } from '../setup.js';
import type { Setup, SetupDesk } from '../state/setup.js';
import { createStore } from '../state/store.js';
import type { ConnectionOptions, SetupOptions } from './actions.js';
import { open } from './open.js';
import { settle } from './settle.js';
import { readInventory } from './setup-inventory.js';

/** As much of a session as guided setup needs. */
export interface SetupPlace {
  readonly desk: SetupDesk;
  /** What is open; null before. */
  setup(): Setup | null;
  subscribe(listener: () => void): () => void;
  readonly readOnly: boolean;
  close(): Promise<void>;
}

/**
 * Opens guided setup for the cluster that the command line, the inventory or the kubeconfig names, which need not be there. The cluster is asked for its nodes only where nothing else says which hosts are meant; a demo cluster is one of a
 * session of its own. `asker` answers what machines ask when they are logged in to.
 */
export async function openSetupPlace(options: ConnectionOptions & SetupOptions, asker: Asker): Promise<SetupPlace> {
  const { env } = process;
  const settings = openSettings(env);
  const config = resolveConfig(options, env, settings.settings());
  const named = options.cluster ?? (options.inventory === undefined ? null : readInventory(options.inventory).cluster);
  const context = named ?? contextInUse(config);
  const isTold = options.inventory !== undefined || options.host?.some(({ host }) => host !== null) === true;
  const kept = context === null ? null : settings.setup(context);
  if (config.demoScenario !== null || (context !== null && named === null && !isTold && kept === null)) {
    const session = open(options, asker);
    await settle(session, ['nodes'], 15_000);
    return placeOf(session);
  }
  const store = createStore({});
  const dir = journalFolder(env, homedir());
  const desk = openSetup({
    store,
    journal: openJournal({ dir }),
    journalFolder: dir,
    who: journalAuthor(env),
    program: `gpuk8s-tui ${packageJson.version}`,
    ownPlaybooks: ownPlaybooks(settings.file),
    asker,
    hosts: settings.context(context ?? '').hosts,
    env,
    homeDir: homedir(),
    context,
    kubeconfig: { file: config.kubeconfig, text: null },
    nodes: () => null,
    readOnly: config.readOnly,
    lastChoice: (cluster) => settings.setup(cluster),
    keepChoice(cluster, choice) {
      const problem = settings.keepSetup(cluster, choice);
      if (problem !== null) throw new Error(problem);
    },
    onWritten(trouble) {
      if (trouble !== null) process.stderr.write(`gpuk8s-tui: ${trouble}\n`);
    },
  });
  return {
    desk,
    setup: () => store.snapshot().setup.value,
    subscribe: store.subscribe,
    readOnly: config.readOnly,
    async close() {
      await desk.close();
      store.close();
    },
  };
}

/** Guided setup of a session. */
export function placeOf(session: Pick<Session, 'setup' | 'snapshot' | 'subscribe' | 'readOnly' | 'close'>): SetupPlace {
  return {
    desk: session.setup,
    setup: () => session.snapshot().setup.value,
    subscribe: session.subscribe,
    readOnly: session.readOnly,
    close: () => session.close(),
  };
}

/** Where a person's own playbooks lie: beside the settings. */
export function ownPlaybooks(settingsFile: string): string {
  return join(dirname(settingsFile), 'runbooks');
}

/** Null where there is none that could be used: guided setup does without. */
function contextInUse({ kubeconfig, context }: { readonly kubeconfig: string | null; readonly context: string | null }): string | null {
  const loaded = loadKubeconfig({
    env: process.env,
    homeDir: homedir(),
    ...(kubeconfig === null ? {} : { kubeconfig }),
    ...(context === null ? {} : { context }),
  });
  return loaded.status === 'usable' ? loaded.context : null;
}
