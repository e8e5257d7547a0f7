import { devicePlugins } from './checks/gpu-nodes.js';
import { kubectl } from './checks/kubectl.js';
import { ownerTag } from './checks/pod-links.js';
import { diagnose, type Found, gathered } from './diagnosis/diagnose.js';
import { diagnosesSlice } from './diagnosis/diagnoses-slice.js';
import { createRestarts } from './diagnosis/restarts.js';
import { saidBySnapshot } from './diagnosis/said.js';
import type { Signature } from './diagnosis/signature.js';
import { type Links, nodeSubject, podSubject, unitSubject } from './diagnosis/subjects.js';
import { type Trouble, troubleOf } from './diagnosis/trouble.js';
import { type Wanted, wantedLogs } from './diagnosis/wanted.js';
import type { Host } from './hosts/host.js';
import { kernelLog, unitLog } from './hosts/unit-logs.js';
import type { KubeClient } from './kube/client.js';
import { KubeError } from './kube/kube-error.js';
import { type LogLine, podLog } from './kube/pod-logs.js';
import type { Pod } from './state/pods.js';
import type { ClusterSnapshot, Slices } from './state/snapshot.js';
import type { Store } from './state/store.js';

export interface EvidenceOptions {
  readonly store: Store;
  readonly client: KubeClient;
  /** A machine that is looked at. Rejects with HostError. */
  readonly host: (name: string) => Promise<Host>;
  readonly signatures: readonly Signature[];
  readonly now?: () => number;
  /** Between two looks at the snapshot, ms. */
  readonly paceMs?: number;
}

export interface Evidence {
  /** Reads all logs of what is in trouble again, also those that were refused. */
  refresh(): void;
  close(): void;
}

/** A log is read again after this long, or as soon as the state of what writes it changed. */
const againMs = 60_000;
const atOnce = 6;
/** Rights change rarely. */
const deniedMs = 10 * 60_000;
/** Of a unit that runs, lines this much older than its newest say how things were. */
const newsMs = 3 * 60_000;

/**
 * Keeps the slice diagnoses: known failures in what the snapshot says already and in the logs of what is in trouble, which are fetched only for that. While all is well nothing is asked.
 */
export function startEvidence({ store, client, host, signatures, now = Date.now, paceMs = 1000 }: EvidenceOptions): Evidence {
  const closing = new AbortController();
  const readings = new Map<string, { readonly state: string; readonly at: number; readonly found: readonly Found[] }>();
  const refused = new Map<string, number>();
  const restarts = createRestarts();
  // Thousands of pods may say the same thing second after second.
  const understood = new WeakMap<object, Map<string, readonly Found[]>>();
  let seen: ClusterSnapshot | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  let timerDue = Number.POSITIVE_INFINITY;
  let reading = false;

  const arm = (due: number) => {
    // A timer whose time has come and gone sleeps with the machine.
    if (closing.signal.aborted || (timer !== null && timerDue <= due && timerDue > now())) return;
    if (timer !== null) clearTimeout(timer);
    timerDue = due;
    timer = setTimeout(look, Math.max(0, due - now()));
  };
  // A moment that is still to come was before the clock was set back.
  const soon = () => arm(Math.max(now(), Math.min(lookedAt, now()) + paceMs));

  function look(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    timerDue = Number.POSITIVE_INFINITY;
    lookedAt = now();
    const snapshot = store.snapshot();
    const links = linksOf(snapshot, client.context);
    const trouble = troubleOf(snapshot, restarts.recent(snapshot, seen, now()));
    seen = snapshot;
    const wanted = wantedLogs(snapshot, trouble, links).filter((log) => log.kind !== 'pod-log' || !isRefused(log.pod.namespace));
    forget(wanted);
    write(snapshot, trouble, links);
    const due = wanted.filter((log) => canBeRead(log, snapshot) && dueAt(log) <= now());
    if (due.length > 0 && !reading) void read(due, links);
    const next = Math.min(trouble.lookAgainAt ?? Number.POSITIVE_INFINITY, ...wanted.filter((log) => canBeRead(log, snapshot)).map(dueAt));
    if (next > now() && next < Number.POSITIVE_INFINITY) arm(next);
  }

  const dueAt = (log: Wanted) => {
    const known = readings.get(log.key);
    return known === undefined || known.state !== log.state || known.at > now() ? Number.NEGATIVE_INFINITY : known.at + againMs;
  };
  const isRefused = (namespace: string) => Math.abs(now() - (refused.get(namespace) ?? Number.NEGATIVE_INFINITY)) < deniedMs;
  const forget = (wanted: readonly Wanted[]) => {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const key of readings.keys()) if (!keys.has(key)) readings.delete(key);
  };

  async function read(due: readonly Wanted[], links: Links): Promise<void> {
    reading = true;
    const queue = [...due];
    const work = async () => {
      for (let log = queue.shift(); log !== undefined && !closing.signal.aborted; log = queue.shift()) {
        const found = await linesOf(log, links).catch((error: unknown) => {
          // What cannot be read now is asked for again later, and what it said before holds until then; a missing right is worth remembering.
          if (error instanceof KubeError && error.kind === 'forbidden' && log?.kind === 'pod-log') refused.set(log.pod.namespace, now());
          return null;
        });
        const before = readings.get(log.key);
        readings.set(log.key, { state: log.state, at: now(), found: found ?? (before?.state === log.state ? before.found : []) });
        // A machine that hangs must not keep back what others said.
        if (found !== null && found.length > 0) soon();
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, work));
    reading = false;
    if (!closing.signal.aborted) look();
  }

  async function linesOf(log: Wanted, links: Links): Promise<readonly Found[]> {
    const { signal } = closing;
    if (log.kind === 'pod-log') {
      const { pod, container, previous } = log;
      if (isRefused(pod.namespace)) return [];
      const lines = await podLog(client, { namespace: pod.namespace, pod: pod.name, container, previous, signal });
      const source = `${previous ? 'last log' : 'log'} of container ${container}`;
      return foundIn(lines, { subject: podSubject(pod, links), where: 'pod-log', source });
    }
    const machine = await host(log.host);
    if (log.kind === 'kernel-log') {
      const lines = await kernelLog(machine, { signal });
      return foundIn(lines, { subject: nodeSubject(log.host, links), where: 'kernel-log', source: 'kernel log' });
    }
    const lines = await unitLog(machine, log.unit, { signal });
    const newest = lines.reduce((latest, { at }) => Math.max(latest, at ?? 0), 0);
    const telling = log.running ? lines.filter(({ at }) => at === null || at >= newest - newsMs) : lines;
    return foundIn(telling, { subject: unitSubject(log.host, log.unit, links), where: 'unit-log', source: `unit ${log.unit}` });
  }

  const foundIn = (lines: readonly LogLine[], said: Pick<Parameters<typeof diagnose>[1], 'subject' | 'where' | 'source'>) =>
    lines.flatMap(({ at, text }) => diagnose(signatures, { ...said, text, at }));

  function write(snapshot: ClusterSnapshot, trouble: Trouble, links: Links): void {
    const all = [...readings.values()].flatMap(({ found }) => found);
    for (const { from, said } of saidBySnapshot(snapshot, trouble, links)) {
      const known = understood.get(from) ?? new Map<string, readonly Found[]>();
      understood.set(from, known);
      const key = `${said.subject.tags.join()} ${said.text}`;
      const found = known.get(key) ?? diagnose(signatures, said);
      known.set(key, found);
      if (found.length > 0) all.push(...found);
    }
    const before = store.snapshot().diagnoses;
    const next = diagnosesSlice(gathered(all), before, snapshot, { logsRefused: refused.size > 0, now: now() });
    if (next !== null) store.write('diagnoses', next);
  }

  const unsubscribe = store.subscribe(() => {
    const snapshot = store.snapshot();
    if (seen === null || sources.some((name) => snapshot[name] !== seen?.[name]) || gpuVerdict(snapshot) !== gpuVerdict(seen)) soon();
  });
  soon();
  return {
    refresh() {
      readings.clear();
      refused.clear();
      soon();
    },
    close() {
      unsubscribe();
      closing.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** What it looks at. */
const sources: readonly (keyof Slices | 'connection')[] = [
  'connection',
  'pods',
  'deadPods',
  'nodes',
  'gpus',
  'events',
  'deployments',
  'daemonSets',
  'statefulSets',
  'persistentVolumeClaims',
  'targets',
  'hosts',
  'machineGpus',
];

/** The report is worked out anew every second; of it only matters which nodes lack GPUs. */
function gpuVerdict({ report }: ClusterSnapshot): string {
  return (report.value?.findings ?? []).flatMap(({ id, object, status }) => (id === 'gpu-count' && status === 'fail' ? object : [])).join();
}

function canBeRead(log: Wanted, { connection }: ClusterSnapshot): boolean {
  return log.kind !== 'pod-log' || connection.status === 'connected';
}

function linksOf({ daemonSets }: ClusterSnapshot, context: string): Links {
  const plugins = new Set(devicePlugins(daemonSets.value?.values() ?? []).map(({ daemonSet }) => `${daemonSet.namespace}/${daemonSet.name}`));
  return {
    owner: ownerTag,
    isDevicePlugin: ({ namespace, owner }: Pod) => owner?.kind === 'DaemonSet' && plugins.has(`${namespace}/${owner.name}`),
    kubectl: kubectl(context, []),
  };
}
