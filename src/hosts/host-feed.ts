import type { KubeClient } from '../kube/client.js';
import { loading } from '../state/freshness.js';
import type { Store } from '../state/store.js';
import type { Asker } from './asker.js';
import { type FoundHost, findHosts, type OwnIdentity, ownIdentity, type RememberedMachine } from './discover.js';
import { createGate } from './gate.js';
import type { GpuReader } from './gpu-reader.js';
import { cardCount, podsByUid, probedGpus } from './gpu-sources.js';
import { clusterGpuSources } from './gpu-sources-cluster.js';
import type { Host } from './host.js';
import { HostError } from './host-error.js';
import type { HostSettings } from './host-settings.js';
import { type HostWatch, watchHost } from './host-watch.js';
import { createMachineBook } from './machine-book.js';
import { startPodRounds } from './pod-rounds.js';
import type { ProbeRun } from './probe-script.js';
import { createRoads, type Roads } from './roads.js';

/** What the host feed needs. */
export interface HostFeedOptions {
  readonly store: Store;
  /** null while there is no API server to ask: hosts of the settings are probed all the same. */
  readonly client: KubeClient | null;
  readonly settings: HostSettings;
  /** Nodes of earlier visits by name: their machines are probed while the API server does not say which nodes there are. */
  readonly remembered?: ReadonlyMap<string, RememberedMachine>;
  readonly asker: Asker;
  /** Between two probes of a host, ms. Default 30 s. */
  readonly everyMs?: number;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
  /** Text of assets/probe/probe.sh. */
  readonly probeScript: string;
  /** Makes sense of nvidia-smi, DCGM metrics and Xid lines. */
  readonly gpus: GpuReader;
  /** How commands get to machines; in tests something else than SSH. */
  readonly roads?: Roads;
  readonly own?: OwnIdentity;
}

export interface HostFeed {
  /** A machine to run commands on; it stays the feed's to close. Rejects with a sentence where there is none or nobody can log in. */
  host(name: string): Promise<Host>;
  /** Asks every machine again at once, also those that were refused. */
  refresh(): void;
  close(): void;
}

/**
 * Keeps the slices hosts and machineGpus: probes every node, the machines of the settings, and this one where it is a node. Machines come and go
 * with the nodes. GPUs come from the probe's nvidia-smi; where it brings none, from the pods of the node.
 */
export function startHostFeed(options: HostFeedOptions): HostFeed {
  const { store, client, settings, everyMs = 30_000 } = options;
  const own = options.own ?? ownIdentity();
  const roads = options.roads ?? createRoads(options);
  // Enough for every machine of a small cluster at once; what hangs gives its place back when its time is over.
  const gate = createGate(64);
  const book = createMachineBook(store, { podsCanTell: client !== null });
  const present = new Map<string, Machine>();
  // Reading nvidia-smi's XML of eight GPUs costs 10 ms: a hundred machines are asked less often, so that they take no more of us than ten.
  const pace = () => (present.size <= 32 ? everyMs : Math.max(everyMs, present.size * 400));
  const sources = client === null ? null : clusterGpuSources(client, () => store.snapshot().pods.value, options.gpus, roads);
  const podRounds =
    sources === null
      ? null
      : startPodRounds({
          sources,
          nodes: () => [...present.values()].filter(tellsNoGpus).map(({ found }) => found.name),
          everyMs,
          firstMs: Math.min(3_000, everyMs),
          found: (node, gpus) => {
            const machine = present.get(node);
            if (machine !== undefined && tellsNoGpus(machine)) book.gpus({ node, ...gpus, at: Date.now() });
          },
          done: book.askedPods,
        });

  function start(found: FoundHost): void {
    const machine: Machine = { found, watch: null, ownSmi: false, lastProbe: null };
    present.set(found.name, machine);
    if (settings.enabled === false && !found.local) {
      book.host({ name: found.name, node: found.node, road: `ssh ${found.address}`, contact: { status: 'refused', ...switchedOff }, facts: null });
      return;
    }
    machine.watch = watchHost({
      found,
      open: (asker) => (found.local ? roads.local(found, asker) : roads.ssh(found, asker)),
      asker: options.asker,
      script: options.probeScript,
      everyMs: pace,
      gate,
      readXids: options.gpus.xids,
      onState: (state) => {
        book.host(state);
        if (state.contact.status === 'lost' || state.contact.status === 'refused') podRounds?.soon();
      },
      onProbe: (probe) => takeGpus(machine, probe),
    });
  }

  function takeGpus(machine: Machine, probe: ProbeRun): void {
    const { answer, times } = probe;
    machine.lastProbe = probe;
    const { name: node, local } = machine.found;
    const source = local ? 'local' : 'ssh';
    const report = probedGpus(answer, podsByUid(store.snapshot().pods.value), options.gpus);
    machine.ownSmi = report !== null;
    if (report !== null) book.gpus({ node, source, at: times.at, report });
    else if (cardCount(answer) > 0 && book.gpusOf(node)?.source !== 'pod-exec' && book.gpusOf(node)?.source !== 'dcgm') {
      book.gpus({ node, source, at: times.at, report: { status: 'not-installed', why: 'there is an NVIDIA card, but no nvidia-smi on the machine' } });
    }
  }

  function stop(name: string): void {
    present.get(name)?.watch?.close();
    present.delete(name);
    book.forget(name);
  }

  let followed = false;
  let lastNodes: unknown = null;
  let lastPods: unknown = null;
  function follow(): void {
    const { nodes, pods } = store.snapshot();
    if (pods.value !== null && lastPods === null) {
      podRounds?.soon();
      // Machines may answer before the pods are listed; their processes have got pods now.
      for (const machine of present.values()) if (machine.lastProbe !== null && machine.ownSmi) takeGpus(machine, machine.lastProbe);
    }
    lastPods = pods.value;
    if (followed && nodes.value === lastNodes) return;
    followed = true;
    lastNodes = nodes.value;
    const wanted = new Map(findHosts(nodes.value, settings, own, options.remembered).map((found) => [found.name, found]));
    for (const [name, { found }] of [...present]) {
      const next = wanted.get(name);
      // While no nodes are to be seen, those that were known stay.
      const outOfSight = nodes.value === null && found.node !== null;
      if (!outOfSight && !(next !== undefined && sameMachine(found, next))) stop(name);
    }
    for (const found of wanted.values()) if (!present.has(found.name)) start(found);
    for (const [name, { watch }] of present) {
      const bootId = nodes.value?.get(name)?.info.bootId ?? null;
      const seen = watch?.state().facts?.bootId;
      // The cluster has heard of a reboot that we have not.
      if (bootId !== null && seen?.known === true && seen.value !== bootId) watch?.poke();
    }
    if (present.size === 0 && nodes.freshness.status !== 'loading')
      book.none('there are no machines to look at: no nodes are to be seen, and the settings name none');
  }

  store.write('hosts', loading(Date.now()));
  store.write('machineGpus', loading(Date.now()));
  follow();
  const stopListening = store.subscribe(follow);
  return {
    async host(name) {
      const machine = present.get(name);
      if (machine === undefined)
        throw new HostError('unreachable', `no machine ${name} is known`, { fix: 'Name it in the settings (:settings) if it is no node.' });
      if (machine.watch === null) throw new HostError('unreachable', switchedOff.why, { fix: switchedOff.fix });
      return machine.watch.host();
    },
    refresh() {
      sources?.forget();
      for (const { watch } of present.values()) watch?.refresh();
      podRounds?.soon();
    },
    close() {
      stopListening();
      book.close();
      podRounds?.close();
      for (const name of [...present.keys()]) stop(name);
    },
  };
}

interface Machine {
  readonly found: FoundHost;
  /** null where SSH is switched off. */
  watch: HostWatch | null;
  /** Whether the newest probe brought an answer of nvidia-smi. */
  ownSmi: boolean;
  lastProbe: ProbeRun | null;
}

function tellsNoGpus({ found, watch, ownSmi }: Machine): boolean {
  return found.node !== null && (watch === null || watch.state().contact.status !== 'connected' || !ownSmi);
}

function sameMachine(one: FoundHost, other: FoundHost): boolean {
  return one.address === other.address && one.local === other.local && one.node === other.node && one.sudo === other.sudo;
}

const switchedOff = {
  why: 'SSH is switched off in the settings of this context',
  fix: 'Set contexts.NAME.hosts.enabled to true in the settings to look at the machines.',
};
