import { absent, live, loading, lost } from '../state/freshness.js';
import type { Load, LoadOf } from '../state/load.js';
import { nodeAddress } from '../state/nodes.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import type { Store } from '../state/store.js';
import { listed } from '../text/wording.js';
import type { PrometheusClient } from './client.js';
import { evaluated, type LoadMeasures, type LoadMemory, settledLevel } from './load-level.js';
import { loadOfMachines, togetherOf } from './load-machines.js';
import { type LoadAnswers, readLoad } from './load-queries.js';
import { MonitoringError } from './monitoring-error.js';
import { poll } from './poll.js';

export interface LoadFeedOptions {
  readonly store: Store;
  /** As PrometheusFeed has it. */
  readonly prometheus: (signal?: AbortSignal) => Promise<PrometheusClient>;
  /** Between two evaluations, ms. Default 15 s. */
  readonly everyMs?: number;
}

export interface LoadFeed {
  refresh(): void;
  close(): void;
}

/** Keeps the slice load: one evaluation each 15 s, from Prometheus, and from the machines themselves where it does not tell. Nothing that it meets ends it. */
export function startLoadFeed({ store, prometheus, everyMs = 15_000 }: LoadFeedOptions): LoadFeed {
  const closing = new AbortController();
  const { signal } = closing;
  let memories = new Map<string, LoadMemory>();

  /** Null where there is no Prometheus to ask; the reason where it does not answer. */
  async function asked(): Promise<LoadAnswers | string | null> {
    const { freshness } = store.snapshot().prometheus;
    if (freshness.status === 'absent' || freshness.status === 'denied') return null;
    try {
      const client = await prometheus(signal);
      return await readLoad(client, await client.now(signal), signal);
    } catch (error) {
      if (error instanceof MonitoringError && (error.kind === 'not-found' || error.kind === 'denied-proxy')) return null;
      return error instanceof Error ? error.message : String(error);
    }
  }

  async function look(): Promise<number> {
    const answers = await asked();
    if (signal.aborted) return everyMs;
    const snapshot = store.snapshot();
    const measured = measuredLoad(answers, snapshot, Date.now());
    const next = new Map<string, LoadMemory>();
    const settled = (name: string, measures: LoadMeasures): LoadOf | null => {
      const said = evaluated(measures);
      if (said === null) return null;
      const memory = settledLevel(memories.get(name) ?? null, said.level);
      next.set(name, memory);
      return { level: memory.level, ...measures, raisedBy: memory.level === said.level ? said.raisedBy : null };
    };
    if (measured === null) {
      // After a hole two evaluations in a row are no longer that.
      memories = new Map([...memories].map(([name, { level }]) => [name, { level, other: null }]));
      const why = typeof answers === 'string' ? answers : null;
      store.write('load', why === null ? absent(nothingTells) : lost(store.snapshot().load, Date.now(), why));
      return everyMs;
    }
    const nodes = new Map(
      [...measured.nodes].flatMap(([name, measures]) => {
        const load = settled(`node ${name}`, measures);
        return load === null ? [] : [[name, load] as const];
      }),
    );
    const cluster = settled('', measured.cluster);
    memories = next;
    const { sources, notes } = measured;
    store.write('load', live<Load>({ cluster, nodes, sources, notes }, Date.now()));
    return everyMs;
  }

  store.write('load', loading(Date.now()));
  const looking = poll(look);
  return {
    refresh: looking.now,
    close() {
      closing.abort();
      looking.stop();
    },
  };
}

interface MeasuredLoad {
  readonly nodes: ReadonlyMap<string, LoadMeasures>;
  readonly cluster: LoadMeasures;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
}

/** What Prometheus tells, and the machines themselves for nodes that it does not know; null where neither tells anything. */
export function measuredLoad(answers: LoadAnswers | string | null, snapshot: ClusterSnapshot, now: number): MeasuredLoad | null {
  const told = answers === null || typeof answers === 'string' ? null : answers;
  const nodes = new Map([...(told?.nodes ?? [])].map(([name, measures]) => [nodeNamed(name, snapshot), measures]));
  const machines = [...loadOfMachines(snapshot, now)].filter(([name]) => !nodes.has(name));
  for (const [name, measures] of machines) nodes.set(name, measures);
  if (nodes.size === 0) return null;
  const own = machines.map(([name]) => name);
  const silent = [...(snapshot.nodes.value?.keys() ?? [])].filter((name) => !nodes.has(name));
  return {
    nodes,
    cluster: told !== null && machines.length === 0 ? told.cluster : togetherOf(nodes.values()),
    sources: [
      ...(told !== null && told.nodes.size > 0 ? ['Prometheus, over 5 minutes'] : []),
      ...(own.length === 0 ? [] : [`load averages and nvidia-smi of ${listed(own)}`]),
    ],
    notes: [
      ...(typeof answers === 'string' ? [`Prometheus does not answer: ${answers}`] : []),
      ...(silent.length === 0
        ? []
        : [`nothing tells how busy ${listed(silent)} ${silent.length === 1 ? 'is' : 'are'}: no node exporter, and not seen over SSH`]),
    ],
  };
}

/** Where the exporters are scraped by address and nothing tells the node's name, the address does. */
function nodeNamed(name: string, { nodes }: ClusterSnapshot): string {
  if (nodes.value === null || nodes.value.has(name)) return name;
  return [...nodes.value.values()].find((node) => nodeAddress(node) === name || node.addresses.some(({ address }) => address === name))?.name ?? name;
}

const nothingTells = 'nothing tells how busy the machines are: no Prometheus with node exporters, and no machine seen over SSH';
