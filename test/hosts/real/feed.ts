import { readFileSync } from 'node:fs';
import type { Asker } from '../../../src/hosts/asker.js';
import type { Host } from '../../../src/hosts/host.js';
import { startHostFeed } from '../../../src/hosts/host-feed.js';
import type { HostSettings } from '../../../src/hosts/host-settings.js';
import { createRoads } from '../../../src/hosts/roads.js';
import type { HostFacts, HostState } from '../../../src/state/hosts.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { createStore } from '../../../src/state/store.js';
import { until } from '../../kube/until.js';
import { scriptedAsker } from '../asking.js';
import { plainReader } from '../fake-machines.js';
import type { Machines } from './machines.js';

/** The host feed at work on machines: what it knows of each, and waiting for what is to come. */
export interface Watched {
  snapshot(): ClusterSnapshot;
  state(name: string): HostState | undefined;
  /** The state of a machine as soon as it is as wanted; throws with the newest state when that takes too long. */
  when(name: string, wanted: (state: HostState) => boolean, ms?: number): Promise<HostState>;
  /** The facts of a machine as soon as it is connected and they were collected after `after` (ms since the epoch). */
  facts(name: string, after?: number): Promise<HostFacts>;
  /** A machine to run commands on. */
  host(name: string): Promise<Host>;
  refresh(): void;
  close(): void;
}

export interface WatchOptions {
  readonly asker?: Asker;
  readonly everyMs?: number;
  readonly settings?: HostSettings;
}

/** Looks at the machines as the program does when the settings name them: as ops, with the key of the test. */
export function watchMachines(machines: Machines, names: readonly string[], options: WatchOptions = {}): Watched {
  const { asker = scriptedAsker({}), everyMs = 500 } = options;
  const each = Object.fromEntries(names.map((name) => [name, { address: machines.of(name).address }]));
  const settings: HostSettings = { user: 'ops', key: machines.key, each, ...options.settings };
  const place = { client: null, settings, env: {}, homeDir: machines.home };
  const store = createStore({ flushMs: 1, settleMs: 0 });
  const feed = startHostFeed({ ...place, store, asker, everyMs, probeScript, gpus: plainReader, roads: createRoads(place) });
  const state = (name: string) => store.snapshot().hosts.value?.get(name);
  const when: Watched['when'] = async (name, wanted, ms = 20_000) => {
    const look = () => {
      const seen = state(name);
      return seen !== undefined && wanted(seen) ? seen : null;
    };
    return until(look, ms).catch(() => {
      throw new Error(`${name} after ${ms} ms: ${JSON.stringify(state(name)?.contact)}`);
    });
  };
  return {
    snapshot: store.snapshot,
    state,
    when,
    async facts(name, after = 0) {
      const { facts } = await when(name, (seen) => seen.contact.status === 'connected' && (seen.facts?.at ?? 0) > after);
      if (facts === null) throw new Error(`no facts of ${name}`);
      return facts;
    },
    host: feed.host,
    refresh: feed.refresh,
    close() {
      feed.close();
      store.close();
    },
  };
}

export const probeScript = readFileSync(new URL('../../../assets/probe/probe.sh', import.meta.url), 'utf8');
