import { parseNvidiaSmi } from '../gpu/nvidia-smi.js';
import type { Session } from '../session.js';
import { whyMissing } from '../state/freshness.js';
import type { MachineGpus } from '../state/gpu-devices.js';
import type { HostState } from '../state/hosts.js';
import { sharedRefusal } from '../state/shared-refusal.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { clean } from '../text/clean.js';
import { line } from '../text/line.js';
import { clockTime } from '../text/moment.js';
import { compare } from '../text/sort.js';
import { gpusJson } from './gpus-json.js';
import { gpusTable } from './gpus-table.js';
import { machinesSettled } from './machines-settled.js';
import { notReached, withFix } from './not-reached.js';
import { named, readNvidiaSmiFile } from './nvidia-smi-file.js';
import type { Output } from './output.js';
import { paint } from './paint.js';

export interface GpusOptions {
  readonly output: 'text' | 'json';
  /** Prints again and again, this many ms apart; null prints once. */
  readonly watchMs?: number | null;
  /** Ends `--watch`. */
  readonly signal?: AbortSignal;
}

/** `gpus --nvidia-smi FILE`: prints the GPUs of a saved answer of nvidia-smi (`-` is stdin), without any cluster. Resolves to 0, or to 2 where there are none to show. */
export async function runGpusFromFile(path: string, options: GpusOptions, out: Output): Promise<number> {
  const file = path === '-' ? { ...options, watchMs: null } : options;
  return repeatedly(file, out, async () => {
    const seen = await readMachine(path).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (typeof seen === 'string') return { machines: [], troubles: [seen] };
    const { report } = seen;
    if (report.status !== 'ok') return { machines: [], troubles: [`cannot show the GPUs in ${named(path)}: ${report.why}`] };
    return { machines: [seen], troubles: report.warnings };
  });
}

/**
 * `gpus`: prints the GPUs of all machines. Waits until each machine has been asked or it is known why not; every one that cannot be seen is a sentence on stderr.
 * Resolves to 0, or to 2 where none could be seen.
 */
export async function runGpus(session: Session, options: GpusOptions, out: Output): Promise<number> {
  await machinesSettled(session, settleMs);
  return repeatedly(options, out, async () => seenBy(session.snapshot()));
}

interface Seen {
  readonly machines: readonly MachineGpus[];
  /** Sentences for stderr. */
  readonly troubles: readonly string[];
}

const settleMs = 30_000;

async function readMachine(path: string): Promise<MachineGpus> {
  const text = await readNvidiaSmiFile(path);
  return { node: clean(named(path)), source: 'file', at: Date.now(), report: parseNvidiaSmi(text) };
}

async function repeatedly({ output, watchMs = null, signal }: GpusOptions, out: Output, look: () => Promise<Seen>): Promise<number> {
  const ended = () => signal?.aborted === true;
  for (;;) {
    const { machines, troubles } = await look();
    const shown = machines.filter(({ report }) => report.status === 'ok');
    if (output === 'json') {
      if (shown.length > 0 || troubles.length === 0) out.stdout(`${JSON.stringify(gpusJson(machines), null, watchMs === null ? 2 : 0)}\n`);
    } else if (shown.length > 0) {
      // On a terminal the page is written over the last one.
      const top = watchMs === null ? '' : `${out.isTty ? '\x1b[H\x1b[2J' : ''}${paint([line(['dim', clockTime(Date.now())])], out.isTty)}`;
      out.stdout(`${top}${paint(gpusTable(shown), out.isTty)}`);
    } else if (troubles.length === 0) out.stdout('no GPUs\n');
    for (const trouble of troubles) out.stderr(`gpuk8s-tui: ${clean(trouble)}\n`);
    if (watchMs === null) return shown.length === 0 && troubles.length > 0 ? 2 : 0;
    if (!ended()) await pause(watchMs, signal);
    if (ended()) return 0;
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

function seenBy(snapshot: ClusterSnapshot): Seen {
  const { machineGpus, hosts, connection } = snapshot;
  const machines = [...(machineGpus.value?.values() ?? [])].filter((machine) => !hasNoGpus(machine, snapshot)).sort((a, b) => compare(a.node, b.node));
  const known = new Set(machineGpus.value?.keys() ?? []);
  const unseen = [...(hosts.value?.values() ?? [])]
    .filter((host) => !known.has(host.name) && (host.node === null || !known.has(host.node)))
    .sort((a, b) => compare(a.name, b.name))
    .flatMap((host) => unseenSentence(host) ?? []);
  const troubles = [
    ...machines.flatMap(({ node, report }) =>
      report.status === 'ok' ? report.warnings.map((warning) => `${node}: ${warning}`) : [`cannot show the GPUs of ${node}: ${report.why}`],
    ),
    ...unseen,
    ...aroundSsh(snapshot, known),
  ];
  if (machines.length > 0 || troubles.length > 0) return { machines, troubles };
  const why = notReached(connection) ?? whyNothing(snapshot);
  return { machines, troubles: why === null ? [] : [why] };
}

/** Machines that did not let us in over SSH and were seen another way: one sentence where it is the same for all. */
function aroundSsh({ hosts }: ClusterSnapshot, seen: ReadonlySet<string>): readonly string[] {
  const refused = [...(hosts.value?.values() ?? [])].filter(
    ({ name, node, contact }) => contact.status === 'refused' && (seen.has(name) || (node !== null && seen.has(node))),
  );
  const shared = sharedRefusal(refused);
  if (shared !== null) return [`seen through pods, not over SSH (${shared.hosts.join(', ')}): ${withFix(shared.why, shared.fix)}`];
  return refused.flatMap(({ name, contact }) =>
    contact.status === 'refused' ? [`${name} was seen through a pod, not over SSH: ${withFix(contact.why, contact.fix)}`] : [],
  );
}

/** A machine without a board of NVIDIA on its bus is not expected to have nvidia-smi. */
function hasNoGpus({ node, report }: MachineGpus, { hosts }: ClusterSnapshot): boolean {
  if (report.status !== 'not-installed' && report.status !== 'no-devices' && report.status !== 'driver-not-loaded') return false;
  const facts = hosts.value?.get(node)?.facts;
  return facts?.pciGpus.known === true && facts.pciGpus.value === 0;
}

/** Null for a machine that was asked and has no GPUs. */
function unseenSentence({ name, contact }: HostState): string | null {
  switch (contact.status) {
    case 'connected':
      return null;
    case 'connecting':
      return `cannot show the GPUs of ${name}: no answer yet`;
    case 'asking':
      return `cannot show the GPUs of ${name}: ${contact.question}`;
    case 'lost':
    case 'refused':
      return `cannot show the GPUs of ${name}: ${withFix(contact.why, contact.fix)}`;
  }
}

function whyNothing({ machineGpus, hosts }: ClusterSnapshot): string | null {
  const why = whyMissing(machineGpus) ?? whyMissing(hosts);
  if (why !== null) return `cannot show the GPUs: ${why}`;
  return null;
}
