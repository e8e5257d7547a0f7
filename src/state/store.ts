import type { Connection } from './connection.js';
import { absent, live, loading } from './freshness.js';
import type { ClusterSnapshot, Slices } from './snapshot.js';

/** Holds the one snapshot. Feeds write slices at any rate; readers see at most one new snapshot per flush. */
export interface Store {
  snapshot(): ClusterSnapshot;
  /** Calls back after each published snapshot. Returns the way to stop. */
  subscribe(listener: () => void): () => void;
  write<Name extends keyof Slices>(name: Name, slice: Slices[Name]): void;
  writeConnection(connection: Connection): void;
  /** Forgets all slices: another cluster is coming. */
  reset(connection: Connection): void;
  /** Publishes what was written, now. */
  flush(): void;
  close(): void;
}

/** A slice worked out from other slices at flush time. */
export interface Derivation<Name extends keyof Slices = keyof Slices> {
  readonly slice: Name;
  readonly from: readonly (keyof Slices | 'connection')[];
  /** Not worked out more often than this unless the freshness of an input changes its status; also worked out anew this often when nothing was written, for values that age. */
  readonly everyMs?: number;
  readonly compute: (snapshot: ClusterSnapshot) => Slices[Name];
}

/**
 * A store that publishes at most once per `flushMs`: the first write after a quiet time within `settleMs`, so that a screen
 * reacts at once, and a storm of watch events as one snapshot; what is only sampled anew within a second. More often only until
 * the first report is there.
 */
export function createStore(options: { derivations?: readonly Derivation[]; flushMs?: number; settleMs?: number; now?: () => number } = {}): Store {
  const { derivations = [], flushMs = 150, settleMs = 8, now = Date.now } = options;
  const listeners = new Set<() => void>();
  const derivedAt = new Map<Derivation, number>();
  let published = emptySnapshot(now(), { status: 'connecting', context: '', server: '', since: now() });
  let draft = published;
  // What paces itself counts from the start: the time of day may be set back by hours, and nothing must wait for it to come round again.
  const steady = () => performance.now();
  let lastFlush = Number.NEGATIVE_INFINITY;
  let calmFrom = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  let timerDue = Number.POSITIVE_INFINITY;

  const arm = (due: number) => {
    if (timer !== null && timerDue <= due) return;
    if (timer !== null) clearTimeout(timer);
    timerDue = due;
    timer = setTimeout(flush, Math.max(0, due - steady()));
  };
  // Until there is a first verdict somebody waits for the picture to become whole.
  const spacing = () => (draft.report.freshness.status === 'loading' ? Math.min(flushMs, 40) : flushMs);
  const changed = () => arm(Math.max(steady() + settleMs, lastFlush + spacing()));
  const sampledAnew = () => arm(Math.max(steady() + settleMs, lastFlush + (steady() > calmFrom ? sampledMs : spacing())));

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    timerDue = Number.POSITIVE_INFINITY;
    const at = now();
    const moment = steady();
    lastFlush = moment;
    let next: ClusterSnapshot = draft === published ? published : { ...draft, at };
    for (const derivation of derivations) {
      const waited = moment - (derivedAt.get(derivation) ?? Number.NEGATIVE_INFINITY);
      const everyMs = derivation.everyMs ?? 0;
      const inputsChanged = derivation.from.some((name) => next[name] !== published[name]);
      const statusChanged = derivation.from.some((name) => statusOf(next, name) !== statusOf(published, name));
      const aged = everyMs > 0 && waited >= everyMs;
      if (statusChanged || aged || (inputsChanged && everyMs === 0)) {
        derivedAt.set(derivation, moment);
        const computed = derivation.compute({ ...next, at });
        if (computed !== next[derivation.slice]) next = { ...next, at, [derivation.slice]: computed };
      }
      if (everyMs > 0) arm((derivedAt.get(derivation) ?? moment) + everyMs);
    }
    if (calmFrom === Number.POSITIVE_INFINITY && next.report.freshness.status !== 'loading') calmFrom = moment + comingInMs;
    if (next === published) return;
    const before = published;
    published = next;
    draft = next;
    if (!worthTelling(before, next)) return;
    for (const listener of [...listeners]) listener();
  }

  return {
    snapshot: () => published,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    write(name, slice) {
      const isRenewed = slice.freshness.status === draft[name].freshness.status;
      draft = { ...draft, [name]: slice };
      if (isRenewed && quiet.has(name)) return;
      if (isRenewed && sampled.has(name)) sampledAnew();
      else changed();
    },
    writeConnection(connection) {
      draft = { ...draft, connection };
      changed();
    },
    reset(connection) {
      draft = emptySnapshot(now(), connection);
      derivedAt.clear();
      calmFrom = Number.POSITIVE_INFINITY;
      changed();
    },
    flush,
    close() {
      if (timer !== null) clearTimeout(timer);
      listeners.clear();
    },
  };
}

function worthTelling(before: ClusterSnapshot, next: ClusterSnapshot): boolean {
  return next.connection !== before.connection || sliceNames.some((name) => next[name] !== before[name] && !quiet.has(name));
}

/** Written every few seconds by every node, and seen through what is worked out from them: they ride along with the next snapshot. */
const quiet: ReadonlySet<keyof Slices> = new Set(['leases']);

/**
 * Asked for again every few seconds, each at a moment of its own: what was true some seconds ago may wait for the next second, so that a quiet cluster is painted once a
 * second. What is told by a watch, or changes its status, does not wait.
 */
const sampled: ReadonlySet<keyof Slices> = new Set([
  'readyz',
  'nodeStats',
  'disks',
  'diskGrowth',
  'machineGpus',
  'hosts',
  'prometheus',
  'targets',
  'grafana',
  'alerts',
  'alertmanager',
  'probes',
  'latency',
  'load',
]);
// A little less, so that it comes before the clock of the screen moves on, not just after it.
const sampledMs = 950;
/** After the first report one machine after the other tells about itself. */
const comingInMs = 15_000;

function statusOf(snapshot: ClusterSnapshot, name: keyof Slices | 'connection'): string {
  return name === 'connection' ? snapshot.connection.status : snapshot[name].freshness.status;
}

const noSlices = emptySlices(0);
const sliceNames: readonly (keyof Slices)[] = Object.keys(noSlices).filter((name): name is keyof Slices => name in noSlices);

function emptySnapshot(at: number, connection: Connection): ClusterSnapshot {
  return { at, connection, ...emptySlices(at) };
}

function emptySlices(at: number): Slices {
  return {
    readyz: loading(at),
    nodes: loading(at),
    pods: loading(at),
    deadPods: loading(at),
    deployments: loading(at),
    daemonSets: loading(at),
    statefulSets: loading(at),
    persistentVolumeClaims: loading(at),
    storageClasses: loading(at),
    runtimeClasses: loading(at),
    leases: loading(at),
    apiServices: loading(at),
    webhooks: loading(at),
    certificateRequests: loading(at),
    nodeStats: loading(at),
    disks: loading(at),
    diskGrowth: loading(at),
    events: loading(at),
    gpus: loading(at),
    machineGpus: loading(at),
    hosts: loading(at),
    questions: live([], at),
    prometheus: loading(at),
    targets: loading(at),
    grafana: loading(at),
    alerts: loading(at),
    alertmanager: loading(at),
    probes: loading(at),
    latency: loading(at),
    load: loading(at),
    diagnoses: loading(at),
    recovery: loading(at),
    visit: loading(at),
    operations: live([], at),
    journal: loading(at),
    setup: absent('no setup is open'),
    report: loading(at),
  };
}
