import type { KubeClient } from '../kube/client.js';
import type { Store } from '../state/store.js';
import type { Asker } from './asker.js';
import type { HostSettings } from './host-settings.js';

/** What the host feed needs. */
export interface HostFeedOptions {
  readonly store: Store;
  /** null while there is no API server to ask: hosts of the settings are probed all the same. */
  readonly client: KubeClient | null;
  readonly settings: HostSettings;
  readonly asker: Asker;
  /** Between two probes of a host, ms. */
  readonly everyMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
}

export interface HostFeed {
  refresh(): void;
  close(): void;
}
